"""A folder of monthly Parquet files that are replaced as a whole, or not at all."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tradepulse.domain.errors import DataError, FailedError, TradePulseError
from tradepulse.marketdata.merge import Columns

_MONTH_FILE = re.compile(r"^(\d{4}-\d{2})\.parquet$")
_LOCK = ".lock"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


Stamp = tuple[tuple[str, int, int, int], ...]


class MonthFolder:
    """One series on disk. `columns` are its columns in file order; the first is the time."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = tuple(columns)

    def months(self) -> list[str]:
        """The months that have a file, oldest first."""
        if not self.path.is_dir():
            return []
        names = (_MONTH_FILE.match(path.name) for path in self.path.iterdir())
        return sorted(match[1] for match in names if match)

    def stamp(self) -> Stamp:
        """What the files are now: as long as this stays, so does what is in them, for they are
        replaced and never written to."""
        if not self.path.is_dir():
            return ()
        with os.scandir(self.path) as entries:
            found = [
                (entry.name, entry.stat()) for entry in entries if _MONTH_FILE.match(entry.name)
            ]
        return tuple(sorted((name, s.st_ino, s.st_mtime_ns, s.st_size) for name, s in found))

    def read(self, months: Sequence[str], columns: Sequence[str] | None = None) -> Columns:
        """The rows of `months` in one writable array a column. DataError `corrupt_file`."""
        chosen = tuple(columns or self.columns)
        parts = [self._read_month(month, chosen) for month in months]
        if not parts:
            return {name: np.empty(0, self._dtype(name)) for name in chosen}
        return {name: np.concatenate([part[name] for part in parts]) for name in chosen}

    def count(self) -> int:
        """Rows in all months, from the files' metadata alone."""
        total = 0
        for month in self.months():
            with self._guarding(month):
                frame = pl.scan_parquet(self._content(month)).select(pl.len())
                total += int(frame.collect().item())
        return total

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """The right to write, held alone. Waits for another writer; readers are not held up."""
        with failures(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._sweep_up()
            yield
        finally:
            os.close(handle)

    def replace(self, months: Mapping[str, Columns]) -> None:
        """`months` on disk, oldest first. Call it within `exclusive`.

        All are written and synced beside their places before the first takes its place: a full
        disk leaves the old ones, and a crash between two months leaves whole months only.
        """
        staged: list[tuple[Path, Path]] = []
        try:
            with failures(self.path):
                for month, rows in sorted(months.items()):
                    temporary = self.path / f".{month}.{os.getpid()}.tmp"
                    staged.append((temporary, self._file(month)))
                    _write_durably(temporary, self._encode(rows))
                for temporary, place in staged:
                    temporary.replace(place)
                _sync_folder(self.path)
        finally:
            for temporary, _ in staged:
                temporary.unlink(missing_ok=True)

    def _read_month(self, month: str, columns: tuple[str, ...]) -> Columns:
        with self._guarding(month):
            frame = pl.read_parquet(self._content(month), columns=list(columns))
            return {name: frame[name].to_numpy() for name in columns}

    def _encode(self, rows: Columns) -> bytes:
        buffer = io.BytesIO()
        frame = pl.DataFrame({name: rows[name] for name in self.columns})
        frame.write_parquet(buffer, compression="zstd")
        return buffer.getvalue()

    def _content(self, month: str) -> io.BytesIO:
        # By a path Polars would open the file twice, and a writer may replace it in between.
        return io.BytesIO(self._file(month).read_bytes())

    def _dtype(self, name: str) -> npt.DTypeLike:
        return np.int64 if name == self.columns[0] else np.float64

    def _file(self, month: str) -> Path:
        return self.path / f"{month}.parquet"

    def _sweep_up(self) -> None:
        # Left by a writer that was killed: nobody else can be writing while the lock is held.
        for leftover in self.path.glob(".*.tmp"):
            leftover.unlink(missing_ok=True)

    @contextmanager
    def _guarding(self, month: str) -> Iterator[None]:
        """Errors over a month's file as ours, with its name: `corrupt_file`, or `unreadable`."""
        try:
            yield
        except pl.exceptions.PolarsError as error:
            raise corrupt(self._file(month), error) from error
        except OSError as error:
            # With a number it is the system's word on the disk or the rights, not on the content.
            if error.errno is None:
                raise corrupt(self._file(month), error) from error
            raise FailedError(
                "unreadable", f"{self._file(month)} cannot be read",
                expected="a file that can be read", found=error.strerror or str(error),
                hint="nothing was changed; check its owner, its mount and the disk",
            ) from error  # fmt: skip


def corrupt(path: Path, error: Exception) -> DataError:
    """The error for a file that is not the Parquet it should be."""
    return DataError(
        "corrupt_file",
        f"{path.name} cannot be read",
        expected="a whole Parquet file of bars",
        found=str(error).splitlines()[0] if str(error) else type(error).__name__,
        hint=f"move {path} away and import its month again",
    )


@contextmanager
def failures(path: Path) -> Iterator[None]:
    """The machine's refusals to write as FailedError `disk_full`, `read_only`, `write_failed`."""
    try:
        yield
    except OSError as error:
        raise _failure(path, error) from error


def _failure(path: Path, error: OSError) -> TradePulseError:
    found = error.strerror or str(error)
    if error.errno in _FULL:
        return FailedError(
            "disk_full", f"no room to write under {path}", expected="free space", found=found,
            hint="nothing was changed; free some space and run it again",
        )  # fmt: skip
    if error.errno in _FORBIDDEN:
        return FailedError(
            "read_only", f"{path} cannot be written", expected="a folder that can be written",
            found=found, hint="nothing was changed; check its owner and mount",
        )  # fmt: skip
    return FailedError("write_failed", f"{path} cannot be written", found=found)


def _write_durably(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        view: Any = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(path: Path) -> None:
    # Without it a power cut may forget the renames although the files themselves are safe.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
