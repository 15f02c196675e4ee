"""Bars as columns of bytes: what a browser turns into typed arrays without reading a number.

    bytes 0-3    "TPB1"
    bytes 4-7    length of the header, little-endian uint32; padded so that columns are aligned
    header       JSON: exchange, pair, interval, interval_ms, count, columns: [{name, offset}]
    columns      float64, little-endian, `count` of each, at their offsets from the beginning

Open times are float64 as well: milliseconds are exact in it far beyond this century.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tradepulse.domain.bars import BarSeries

MAGIC = b"TPB1"
MEDIA_TYPE = "application/vnd.tradepulse.bars"
COLUMNS = ("open_time", "open", "high", "low", "close", "volume")
_WIDTH = 8


def write_columns(bars: BarSeries, **about: str) -> bytes:
    """The bars as one document; `about` goes into its header."""
    count = len(bars)
    header = b""
    # Offsets are in the header whose length they depend on: the second pass settles it.
    for _ in range(2):
        start = len(MAGIC) + 4 + len(header)
        columns = [
            {"name": name, "offset": start + index * count * _WIDTH}
            for index, name in enumerate(COLUMNS)
        ]
        document = {
            **about, "interval_ms": bars.interval_ms, "count": count, "columns": columns
        }  # fmt: skip
        header = _padded(json.dumps(document, separators=(",", ":")).encode(), len(header))
    parts = [MAGIC, struct.pack("<I", len(header)), header]
    parts += [getattr(bars, name).astype("<f8", copy=False).tobytes() for name in COLUMNS]
    return b"".join(parts)


def read_columns(content: bytes) -> dict[str, np.typing.NDArray[np.float64]]:
    """The columns by name, as a client reads them."""
    (length,) = struct.unpack_from("<I", content, len(MAGIC))
    header = json.loads(content[len(MAGIC) + 4 : len(MAGIC) + 4 + length])
    return {
        column["name"]: np.frombuffer(content, "<f8", header["count"], column["offset"])
        for column in header["columns"]
    }


def _padded(text: bytes, least: int) -> bytes:
    """With spaces, which JSON allows, so that what follows begins at a whole multiple of 8.
    `least`: what the first pass took, with room for offsets of more digits."""
    wanted = max(len(text) + 64 if least == 0 else least, len(text))
    before = len(MAGIC) + 4
    return text.ljust(-(-(wanted + before) // _WIDTH) * _WIDTH - before)
