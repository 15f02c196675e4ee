"""The picture of a run: valid SVG, showing the extremes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from cases import FREE, bars_of, run
from tradepulse.domain.errors import UsageError
from tradepulse.simulation.backtest import simulate_arrays
from tradepulse.simulation.rules import Rules

FLAT = [100.0, 100.0, 100.0, 100.0]


def test_a_run_is_drawn_with_its_extremes() -> None:
    rows = [FLAT, FLAT, [100, 120, 80, 80], [80, 120, 80, 120]]
    result = run(rows, {0: {"enter_long": True}}, Rules(**FREE))
    picture = result.plot()
    words = [node.text for node in ElementTree.fromstring(str(picture)).iter() if node.text]
    assert "12,000.00" in words
    assert "8,000.00" in words
    assert "-20.0 %" in words
    assert picture._repr_svg_() == str(picture)


def test_a_run_without_equity_says_so() -> None:
    result = simulate_arrays(bars_of([FLAT]), {}, record=False)
    with pytest.raises(UsageError) as caught:
        result.plot()
    assert caught.value.code == "no_equity"
