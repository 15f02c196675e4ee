"""What the code of a worker must have in common with the client's."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

from tradepulse.signals.jit import code_version

_PACKAGE = Path(__file__).resolve().parent.parent
# What a trial runs through outside the kernel rooms, which `code_version` covers.
_TRIAL_SOURCES = (
    "strategies/*.py", "training/evaluation.py", "training/windows.py", "training/sweep.py",
    "training/significance/permutation.py",
)  # fmt: skip


@cache
def code_identity() -> str:
    """Release, kernels with Numba, NumPy and Python, strategies, trial code, and processor family.

    Two processes with one identity give the same bits for the same trial (law S6 speaks of one
    architecture). Read once a process: an edit counts when the process starts again.
    """
    digest = hashlib.sha256()
    for pattern in _TRIAL_SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return f"{code_version()}.{digest.hexdigest()[:8]} on {platform.machine()}"
