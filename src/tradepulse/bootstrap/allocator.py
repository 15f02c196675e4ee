"""How the C library hands out memory to an engine's threads."""

from __future__ import annotations

import ctypes
import os
import sys

# Of mallopt(3); glibc's alone.
_M_ARENA_MAX = -8
_ARENAS = 2


def few_arenas() -> bool:
    """Whether the process's threads now share two arenas of glibc's allocator; False where there is
    none, or where the environment (`MALLOC_ARENA_MAX`) has its own wish.

    By default each thread gets an arena of its own, up to eight a core. An engine has a thread a
    wallet and others that come and go; what one borrowed for a moment stays with its arena, so that
    the process keeps the sum of all threads' worst moments: some 10 MB more each day. They mostly
    hold Python's own lock when they allocate, so that sharing costs them nothing.
    """
    if not sys.platform.startswith("linux") or "MALLOC_ARENA_MAX" in os.environ:
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, _ARENAS))
