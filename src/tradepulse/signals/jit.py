"""Numba's compiler as the project uses it: cached on disk, without the GIL, without fast-math.

Numba's disk cache looks at one file only: a kernel that calls a function of another file keeps
its old machine code after the callee changes, and returns the old results. The cache folder is
therefore named by a hash of all kernel sources, of Numba and of Python: an edit gives a new folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

from tradepulse.domain.version import VERSION

P = ParamSpec("P")
R = TypeVar("R")

_PACKAGE = Path(__file__).resolve().parent.parent
KERNEL_ROOMS = ("signals", "simulation")


def kernel_digest(package: Path = _PACKAGE) -> str:
    """A short hash of every source file of the kernel rooms, of Numba's and Python's version."""
    digest = hashlib.sha256(f"{version('numba')} {version('numpy')} {sys.version}".encode())
    for room in KERNEL_ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def code_version() -> str:
    """The release and a hash of the kernels: what a stored result names as its code."""
    return f"{VERSION}+{kernel_digest()[:8]}"


def _cache_root() -> Path:
    chosen = os.environ.get("TRADEPULSE_KERNEL_CACHE") or os.environ.get("XDG_CACHE_HOME")
    root = Path(chosen) if chosen else Path.home() / ".cache"
    try:
        root.mkdir(parents=True, exist_ok=True)
        writable = os.access(root, os.W_OK)
    except OSError:
        writable = False
    # A home that cannot be written (a container's read-only root): compile once a boot.
    return (root if writable else Path(tempfile.gettempdir())) / "tradepulse" / "kernels"


def cache_folder() -> Path:
    """Where compiled kernels of exactly these sources are kept."""
    return _cache_root() / kernel_digest()


if "NUMBA_CACHE_DIR" not in os.environ:
    # Set on Numba, not in the environment: a process started from this one after an edit would
    # inherit the folder of the old sources, and their results.
    numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """The function compiled on first call: cached, without the GIL, with NumPy's error model.

    No fast-math (law S6): reordering sums would make a result depend on how bars were cut.
    """
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast("Callable[P, R]", compiled)
