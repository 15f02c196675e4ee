"""How a trial is a row: its series compressed where that pays, and left out where nobody asks."""

from __future__ import annotations

import zlib
from typing import Any

from tradepulse.domain.configuration import Trial
from tradepulse.storage.codec import Codec, DriverRow
from tradepulse.storage.column_types import json_text
from tradepulse.storage.tables import training_trials as table

PLAIN, ZLIB = "plain", "zlib"
# Days without a position are zeros, and only they compress: other returns are noise to their last
# bit. With fewer idle days than this, packing would cost time and save next to nothing.
_IDLE_SHARE = 0.2
_LEVEL = 1
_IDLE_DAY = bytes(8)

_PLAIN_NAMES = (
    "job_id", "number", "strategy_name", "exchange", "pair", "interval", "parameters",
    "configuration_hash", "data_fingerprint", "metrics", "returns_hash", "segment",
    "window_start", "window_end",
)  # fmt: skip
_WRITTEN = (*_PLAIN_NAMES, "daily_returns", "returns_packing")


def pack(series: bytes) -> tuple[bytes, str]:
    """(bytes to keep, how they are kept): compressed where a good part of the days is idle."""
    if series.count(_IDLE_DAY) * len(_IDLE_DAY) < _IDLE_SHARE * len(series) or not series:
        return series, PLAIN
    packed = zlib.compress(series, _LEVEL)
    return (packed, ZLIB) if len(packed) < len(series) else (series, PLAIN)


def unpack(kept: bytes, packing: str) -> bytes:
    """The series that `pack` was given."""
    return zlib.decompress(kept) if packing == ZLIB else bytes(kept)


def _encode(trial: Trial) -> DriverRow:
    t = trial
    return (
        t.job_id, t.number, t.strategy_name, t.exchange, t.pair, t.interval,
        json_text(t.parameters), t.configuration_hash, t.data_fingerprint, json_text(t.metrics),
        t.returns_hash, t.segment, t.window_start, t.window_end, *pack(t.daily_returns),
    )  # fmt: skip


def _decode(row: tuple[Any, ...]) -> Trial:
    *plain, kept, packing = row
    return _trial(plain, unpack(kept, packing))


def _decode_bare(row: tuple[Any, ...]) -> Trial:
    return _trial(row, b"")


def _trial(plain: Any, series: bytes) -> Trial:
    return Trial(**dict(zip(_PLAIN_NAMES, plain, strict=True)), daily_returns=series)


def _codec(names: tuple[str, ...], decode: Any) -> Codec[Trial]:
    return Codec(table, tuple(table.c[name] for name in names), _WRITTEN, _encode, decode)


TRIAL = _codec(_WRITTEN, _decode)
# For lists: the series would be most of every page, and no list shows it.
BARE_TRIAL = _codec(_PLAIN_NAMES, _decode_bare)
