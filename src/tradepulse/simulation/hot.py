"""The compiler for the kernels of the inner loop: as `signals.jit.kernel`, without reference
counts.

Numba counts a reference to every array a function touches, with an atomic instruction each: more
than all rules of a bar cost together. A hot kernel owns no array: it only reads and writes its
caller's, so it must not allocate one (Numba refuses to compile it then).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

# Imported for its effect: it names Numba's cache folder before Numba reads it.
import tradepulse.signals.jit  # noqa: F401  isort: skip
import numba

P = ParamSpec("P")
R = TypeVar("R")


# A dictionary, because Numba's type stubs do not know `_nrt`.
_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
}


def hot_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """The function compiled like a `kernel`, without reference counting: it must not allocate."""
    return cast("Callable[P, R]", numba.njit(**_OPTIONS)(function))


def inlined_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """A `hot_kernel` that becomes part of its caller: for those with one caller and many arrays,
    where passing them would cost more than the work (an array is seven words on the stack)."""
    return cast("Callable[P, R]", numba.njit(**_OPTIONS, forceinline=True)(function))
