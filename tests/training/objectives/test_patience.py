"""Early stop: after so many trials without a better one, and not before."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import TradePulseError
from tradepulse.training.objectives import Patience

NAN = math.nan


@pytest.mark.parametrize(
    ("trials", "bests", "stops_at"),
    [
        (2, [1.0, 1.0, 1.0], 2),
        (2, [1.0, 1.0, 2.0, 2.0, 2.0], 4),
        (1, [1.0, 2.0, 3.0], None),
        (3, [NAN, NAN, NAN], 2),
        (3, [NAN, NAN, 0.5, 0.5, 0.5, 0.5], 5),
        (None, [1.0] * 50, None),
    ],
)
def test_when_it_stops(trials: int | None, bests: list[float], stops_at: int | None) -> None:
    patience = Patience(trials)
    told = [patience.told(best) for best in bests]
    assert (told.index(True) if True in told else None) == stops_at


@given(st.integers(1, 8), st.lists(st.integers(-5, 5).map(float) | st.just(NAN), max_size=40))
def test_the_score_or_the_best_so_far_stop_alike(trials: int, scores: list[float]) -> None:
    best, by_best, by_score = NAN, Patience(trials), Patience(trials)
    for score in scores:
        best = score if math.isnan(best) or score > best else best
        assert by_best.told(best) == by_score.told(score)


def test_no_patience_is_refused() -> None:
    with pytest.raises(TradePulseError) as error:
        Patience(0)
    assert error.value.code == "bad_value"
