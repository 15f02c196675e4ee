"""The newest bars of a source in a file that only grows, until the bar store has taken them in.

The store writes a whole month anew for one bar, which takes longer than an order may wait. Here a
bar costs one write. It survives the end of the process; what a power cut takes, the venue tells
again.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from tradepulse.domain.errors import FailedError
from tradepulse.exchanges.bar_closing import Bar

_ROW = struct.Struct("<q5d")
_CHECK = struct.Struct("<I")
_SIZE = _ROW.size + _CHECK.size


class BarTail:
    """One file of rows, each with its checksum. One writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, bars: Sequence[Bar]) -> None:
        """Adds bars. Error `write_failed`."""
        rows = (_ROW.pack(*bar) for bar in bars)
        content = b"".join(row + _CHECK.pack(zlib.crc32(row)) for row in rows)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(content)
        except OSError as error:
            raise FailedError(
                "write_failed", f"{self.path} cannot be written", expected="room and the right to",
                found=error.strerror or str(error),
            ) from error  # fmt: skip

    def read(self) -> list[Bar]:
        """The bars up to the first row that is not whole: a write may have been cut short."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        bars = []
        for start in range(0, len(content) - _SIZE + 1, _SIZE):
            row = content[start : start + _ROW.size]
            (check,) = _CHECK.unpack_from(content, start + _ROW.size)
            if zlib.crc32(row) != check:
                break
            bars.append(Bar(*_ROW.unpack(row)))
        return bars

    def clear(self) -> None:
        """Forgets all bars: the store has them."""
        self.path.unlink(missing_ok=True)
