"""An engine's threads share what they borrow. In processes of their own: it cannot be undone."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

_COUNT = """
import ctypes, tempfile, threading
from tradepulse.bootstrap.allocator import few_arenas
told = few_arenas()
together = threading.Barrier(12)
def work():
    kept = [bytearray(40_000) for _ in range(50)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile("r") as file:
    out = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, out)
    libc.fclose(out)
    print(told, file.read().count("<heap nr="))
"""


def _counted(environment: dict[str, str]) -> tuple[str, int]:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, **environment},
    )  # fmt: skip
    told, heaps = done.stdout.split()
    return told, int(heaps)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
@pytest.mark.parametrize(
    ("wish", "told", "most"), [({}, "True", 2), ({"MALLOC_ARENA_MAX": "3"}, "False", 3)]
)
def test_threads_share_arenas(
    wish: dict[str, str], told: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    found, heaps = _counted(wish)
    assert found == told
    assert 1 <= heaps <= most
