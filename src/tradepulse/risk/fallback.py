"""When a live activation goes back to paper by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from tradepulse.domain.interval import HOUR_MS
from tradepulse.domain.settings import FallbackSettings

REPEATED_FAULTS, DRAWDOWN_BAND, PARITY_LOST = "repeated_faults", "drawdown_band", "parity_lost"


class Fallback(NamedTuple):
    """Why it goes back: a code, what was expected, what was found."""

    code: str
    expected: str
    found: str


def judge_fallback(
    now_ms: int,
    settings: FallbackSettings,
    *,
    faults: Iterable[int] = (),
    drawdown_pct: float = 0.0,
    band_pct: float | None = None,
    divergence: str | None = None,
    lifted: Collection[str] = (),
) -> Fallback | None:
    """Why a live activation may not go on with real money, None when it may.

    `faults`: times (ms) at which it faulted. `drawdown_pct`: how far its equity is below its peak;
    `band_pct`: how far it may be (None: no band is known, so none is breached). `divergence`: the
    first event in which it and its replay differ, None while they agree. `lifted`: codes that a
    person has seen and lifted; they do not count.
    """
    if divergence is not None and PARITY_LOST not in lifted:
        return Fallback(PARITY_LOST, "the signals of its replay", divergence)
    since = now_ms - within_ms(settings)
    count = sum(since < time <= now_ms for time in faults)
    if count >= settings.faults and REPEATED_FAULTS not in lifted:
        hours = f"{settings.within_hours:g} hours"
        return Fallback(REPEATED_FAULTS, f"fewer than {settings.faults} faults in {hours}",
                        str(count))  # fmt: skip
    if band_pct is not None and drawdown_pct > band_pct and DRAWDOWN_BAND not in lifted:
        return Fallback(DRAWDOWN_BAND, f"at most {band_pct:.2f} % below its peak",
                        f"{drawdown_pct:.2f} %")  # fmt: skip
    return None


def within_ms(settings: FallbackSettings) -> int:
    """How long a fault counts, and a person's word against a reason holds."""
    return int(settings.within_hours * HOUR_MS)
