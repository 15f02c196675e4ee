"""The Parquet bar store: the port's suite, and what only files can get wrong."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.bar_store import BarStoreSuite
from conformance.made_bars import MINUTE, made_bars
from tradepulse.domain.errors import DataError, FailedError
from tradepulse.storage import month_files
from tradepulse.storage.parquet_bars import ParquetBarStore

KEY = ("binance", "BTC/USDT", "1h")
FOLDER = Path("binance", "BTC-USDT", "1h")


@pytest.fixture
def store(tmp_path: Path) -> ParquetBarStore:
    return ParquetBarStore(tmp_path / "data")


class TestParquetBarStore(BarStoreSuite):
    """The conformance suite over files."""


def files_below(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_one_file_a_month(store: ParquetBarStore) -> None:
    store.append(*KEY, made_bars(1500))
    names = [path.name for path in sorted((store.root / FOLDER).glob("*.parquet"))]
    assert names == ["2024-01.parquet", "2024-02.parquet", "2024-03.parquet", "2024-04.parquet"]
    assert pl.read_parquet(store.root / FOLDER / "2024-02.parquet").columns == [
        "open_time", "open", "high", "low", "close", "volume",
    ]  # fmt: skip


@given(st.lists(st.integers(1, 1499), max_size=6, unique=True), st.randoms())
def test_any_cut_in_any_order_gives_the_same_files(cuts: list[int], random: Any) -> None:
    bars = made_bars(1500, without=(3, 700))
    edges = [0, *sorted(cuts), len(bars)]
    pieces = [(a, b) for a, b in pairwise(edges) if a < b]
    random.shuffle(pieces)
    with tempfile.TemporaryDirectory() as folder:
        whole, cut = ParquetBarStore(Path(folder, "whole")), ParquetBarStore(Path(folder, "cut"))
        whole.append(*KEY, bars)
        for start, stop in pieces:
            cut.append(*KEY, bars.slice(start, stop))
        assert files_below(cut.root) == files_below(whole.root)


def test_an_append_of_known_bars_touches_no_file(store: ParquetBarStore) -> None:
    store.append(*KEY, made_bars(100))
    before = {path: path.stat().st_mtime_ns for path in (store.root / FOLDER).glob("*.parquet")}
    store.append(*KEY, made_bars(100))
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_month_the_system_will_not_read_is_not_called_corrupt(store: ParquetBarStore) -> None:
    store.append(*KEY, made_bars(1500))
    month = store.root / FOLDER / "2024-02.parquet"
    month.unlink()
    month.mkdir()
    with pytest.raises(FailedError) as failure:
        store.read(*KEY)
    assert failure.value.code == "unreadable"
    assert month.name in failure.value.message


def test_a_corrupt_month_is_named(store: ParquetBarStore) -> None:
    store.append(*KEY, made_bars(1500))
    month = store.root / FOLDER / "2024-02.parquet"
    month.write_bytes(month.read_bytes()[:500])
    for attempt in (lambda: store.read(*KEY), lambda: store.append(*KEY, made_bars(1500))):
        with pytest.raises(DataError) as refusal:
            attempt()
        assert refusal.value.code == "corrupt_file"
        assert "2024-02.parquet" in refusal.value.message


def full_disk(handle: int, content: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_everything_as_it_was(
    store: ParquetBarStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = made_bars(1500)
    store.append(*KEY, bars.slice(0, 900))
    before = files_below(store.root)
    writes = 0

    def second_write_fails(handle: int, content: bytes) -> int:
        nonlocal writes
        writes += 1
        return full_disk(handle, content) if writes > 1 else real_write(handle, content)

    real_write = os.write
    monkeypatch.setattr(month_files.os, "write", second_write_fails)
    with pytest.raises(FailedError) as failure:
        store.append(*KEY, bars)
    assert failure.value.code == "disk_full"
    assert writes == 2
    assert files_below(store.root) == before


def test_a_real_limit_on_file_size_is_a_full_disk(store: ParquetBarStore) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(FailedError) as failure:
            store.append(*KEY, made_bars(1500))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failure.value.code == "disk_full"
    assert files_below(store.root) == {}


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_read_only(
    store: ParquetBarStore, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    store.append(*KEY, made_bars(10))

    def refuse(*_: Any, **__: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(month_files.os, "open", refuse)
    with pytest.raises(FailedError) as failure:
        store.append(*KEY, made_bars(20))
    assert failure.value.code == "read_only"
    assert len(store.read(*KEY)) == 10


UNPRIVILEGED = """
import os, sys
sys.path[:0] = {path!r}
from conformance.made_bars import made_bars
from tradepulse.domain.errors import FailedError
from tradepulse.storage.parquet_bars import ParquetBarStore
store, more = ParquetBarStore({root!r}), made_bars(20)
# The superuser may write anywhere: become somebody who may not.
if os.getuid() == 0:
    os.setuid(65534)
assert len(store.read("binance", "BTC/USDT", "1h")) == 10
try:
    store.append("binance", "BTC/USDT", "1h", more)
except FailedError as error:
    print(error.code)
"""


def test_a_real_read_only_folder_is_refused_and_still_read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        store = ParquetBarStore(Path(folder, "data"))
        store.append(*KEY, made_bars(10))
        locked = [store.root / FOLDER, *(store.root / FOLDER).iterdir()]
        for path in locked:
            path.chmod(0o555 if path.is_dir() else 0o444)
        script = UNPRIVILEGED.format(path=sys.path, root=str(store.root))
        done = run_python(script)
        for path in locked:
            path.chmod(0o755)
    assert done.stdout.strip() == "read_only", done.stderr


def run_python(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_readers_see_whole_months_while_one_writes(store: ParquetBarStore) -> None:
    """A reader sees a prefix that a finished append left, or its first month without the next."""
    bars = made_bars(40_000, interval_ms=MINUTE)
    key = ("binance", "BTC/USDT", "1m")
    store.append(*key, bars.slice(0, 100))
    first_month = 1500
    whole = {*range(100, 20_000, 500), first_month}
    seen, problems, stop = set(), [], threading.Event()

    def reading() -> Iterator[None]:
        while not stop.is_set():
            kept = store.read(*key)
            count = len(kept)
            seen.add(count)
            if kept.fingerprint != bars.slice(0, count).fingerprint or count not in whole:
                problems.append(count)
            yield

    readers = [threading.Thread(target=lambda: list(reading())) for _ in range(3)]
    for reader in readers:
        reader.start()
    for end in sorted(whole - {100, first_month}):
        store.append(*key, bars.slice(0, end))
    stop.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert len(seen) > 1


def test_two_writers_lose_nothing(store: ParquetBarStore) -> None:
    bars = made_bars(1500)
    pieces = [bars.slice(k, k + 100) for k in range(0, 1500, 100)]

    def write(mine: list[Any]) -> Callable[[], None]:
        return lambda: [store.append(*KEY, piece) for piece in mine] and None

    writers = [threading.Thread(target=write(pieces[k::3])) for k in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.read(*KEY).fingerprint == bars.fingerprint


KILLED = """
import sys, os
sys.path[:0] = {path!r}
from conformance.made_bars import made_bars
from tradepulse.storage import month_files
from tradepulse.storage.parquet_bars import ParquetBarStore
real = os.fsync
def slow(handle):
    print("syncing", flush=True)
    real(handle)
    {pause}
month_files.os.fsync = slow
ParquetBarStore({root!r}).append("binance", "BTC/USDT", "1h", made_bars(1500))
"""


@pytest.mark.parametrize("syncs", [1, 3])
def test_kill_9_in_an_append_leaves_whole_months_and_can_be_repeated(
    store: ParquetBarStore, syncs: int
) -> None:
    bars = made_bars(1500)
    store.append(*KEY, bars.slice(0, 300))
    before = files_below(store.root)
    pause = "import time; time.sleep(0.2)"
    script = KILLED.format(path=sys.path, root=str(store.root), pause=pause)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(syncs):
            assert process.stdout.readline() == b"syncing\n"
        process.send_signal(signal.SIGKILL)
    left = files_below(store.root)
    assert any(name.endswith(".tmp") for name in left)
    assert {name: left[name] for name in before} == before
    assert store.read(*KEY).fingerprint == bars.slice(0, 300).fingerprint
    assert store.append(*KEY, bars).skipped == 300
    assert store.read(*KEY).fingerprint == bars.fingerprint
    assert not [name for name in files_below(store.root) if name.endswith(".tmp")]


def test_a_crash_between_two_months_is_healed_by_importing_again(
    store: ParquetBarStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = made_bars(1500)
    replaced = 0
    real = Path.replace

    def power_cut(self: Path, target: Path) -> Path:
        nonlocal replaced
        replaced += 1
        if replaced == 3:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(KeyboardInterrupt):
        store.append(*KEY, bars)
    monkeypatch.undo()
    kept = store.read(*KEY)
    assert kept.fingerprint == bars.slice(0, len(kept)).fingerprint
    assert store.append(*KEY, bars).added == len(bars) - len(kept)
    assert store.read(*KEY).fingerprint == bars.fingerprint


def test_a_month_of_minutes_is_appended_to_quickly(store: ParquetBarStore) -> None:
    """A live bar rewrites its month: it must stay far below the time until the next one."""
    bars = made_bars(41_000, interval_ms=MINUTE)
    key = ("binance", "BTC/USDT", "1m")
    store.append(*key, bars.slice(0, 40_990))
    begun = time.perf_counter()
    for row in range(40_990, 41_000):
        store.append(*key, bars.slice(row, row + 1))
    assert (time.perf_counter() - begun) / 10 < 1.0
    assert np.array_equal(store.read(*key).close, bars.close)


def test_the_list_of_series_follows_what_is_written_by_anybody(store: ParquetBarStore) -> None:
    """It is remembered, and the memory is of these very files: another process may write."""
    other = ParquetBarStore(store.root)
    bars = made_bars(1500)
    store.append(*KEY, bars.slice(0, 10))
    assert [info.bars for info in store.series()] == [10]
    assert store.series() == other.series()
    other.append(*KEY, bars)
    (found,) = store.series()
    assert (found.bars, found.last) == (1500, int(bars.open_time[-1]))
    shutil.rmtree(store.root)
    assert store.series() == []
