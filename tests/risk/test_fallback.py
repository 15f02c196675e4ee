"""When a live activation goes back to paper."""

from __future__ import annotations

from typing import Any

import pytest

from tradepulse.domain.interval import HOUR_MS
from tradepulse.domain.settings import FallbackSettings
from tradepulse.risk.fallback import judge_fallback

NOW = 100 * HOUR_MS
CASES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "all is well": ({"faults": [NOW], "drawdown_pct": 9.0, "band_pct": 9.0}, None, ""),
    "two faults a day": ({"faults": [NOW - 23 * HOUR_MS, NOW]}, "repeated_faults", "2"),
    "two faults, two days": ({"faults": [NOW - 24 * HOUR_MS, NOW]}, None, ""),
    "a fault to come": ({"faults": [NOW, NOW + 1]}, None, ""),
    "the band": ({"drawdown_pct": 9.01, "band_pct": 9.0}, "drawdown_band", "9.01 %"),
    "no band is known": ({"drawdown_pct": 99.0}, None, ""),
    "the band, seen by a person": (
        {"drawdown_pct": 9.01, "band_pct": 9.0, "lifted": {"drawdown_band"}},
        None,
        "",
    ),
    "what was lifted lifts nothing else": (
        {"divergence": "trade 3", "faults": [NOW, NOW], "lifted": {"parity_lost"}},
        "repeated_faults",
        "2",
    ),
    "parity": ({"divergence": "trade 3: quantity"}, "parity_lost", "trade 3: quantity"),
}


@pytest.mark.parametrize("case", CASES)
def test_verdict(case: str) -> None:
    facts, code, found = CASES[case]
    verdict = judge_fallback(NOW, FallbackSettings(), **facts)
    if code is None:
        assert verdict is None
    else:
        assert verdict is not None
        assert (verdict.code, verdict.found) == (code, found)
        assert verdict.expected
