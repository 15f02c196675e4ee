"""Charts: marks lie where the values say, and nothing is drawn that is not there."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tradepulse.pages.chart import Frame, Scale, area, chart, dots, line, scale_over
from tradepulse.pages.equity import Curve, drawdown_of, equity_and_drawdown, growth_of
from tradepulse.pages.heat_map import Block, Place, heat_map
from tradepulse.pages.histogram import Mark, histogram
from tradepulse.pages.sketch import sketch_equity

FRAME = Frame(Scale(0.0, 10.0), Scale(0.0, 100.0))


def test_a_line_runs_through_its_points_and_breaks_where_one_is_missing() -> None:
    drawn = line(FRAME, [0, 5, 10], [0.0, 50.0, 100.0], "s1")
    assert 'd="M0.0 1000.0L500.0 500.0L1000.0 0.0"' in drawn
    broken = line(FRAME, [0, 2, 4, 6], [0.0, np.nan, 50.0, 50.0], "s1")
    assert re.search(r'd="([^"]*)"', broken)[1] == "M0.0 1000.0M400.0 500.0L600.0 500.0"  # type: ignore[index]


def test_an_area_closes_on_its_floor_and_dots_have_no_length() -> None:
    assert "L1000.0 1000.0L0.0 1000.0Z" in area(FRAME, [0, 10], [50.0, 50.0], 0.0, "s1")
    assert 'd="M100.0 500.0h0"' in dots(FRAME, [1], [50.0], "in")
    assert dots(FRAME, [], [], "in") == ""


@pytest.mark.parametrize(
    ("values", "zero", "scale"),
    [
        ([[1.0, 3.0]], False, (0.92, 3.08)),
        ([[1.0, 3.0]], True, (-0.12, 3.12)),
        ([[np.nan, 2.0]], False, (1.92, 2.08)),
        ([[np.nan]], False, (0.0, 1.0)),
        ([[0.0, 0.0]], False, (-0.04, 0.04)),
    ],
)
def test_scales_hold_their_values(
    values: list[list[float]], zero: bool, scale: tuple[float, float]
) -> None:
    assert scale_over(values, zero=zero) == pytest.approx(scale)


def test_marks_outside_the_scale_are_left_out() -> None:
    from tradepulse.pages.ticks import Tick

    made = chart(FRAME, "A chart of nothing", [], x_ticks=[Tick(5, "five"), Tick(11, "far")])
    assert "five" in made
    assert "far" not in made


def test_drawdown_counts_from_the_start() -> None:
    growth = growth_of(np.array([-0.1, 0.2, -0.5]))
    assert growth == pytest.approx([0.9, 1.08, 0.54])
    assert drawdown_of(growth) == pytest.approx([-0.1, 0.0, -0.5])


@pytest.mark.parametrize(("top", "logarithmic"), [(1.5, False), (30.0, True)])
def test_many_fold_growth_gets_a_logarithmic_scale_and_says_so(
    top: float, logarithmic: bool
) -> None:
    curve = Curve(np.arange(3) * 86_400_000, np.array([1.0, top, top]), "s1")
    made = equity_and_drawdown([curve], [curve], "Growth of something")
    assert ("logarithmic scale" in made) is logarithmic


def test_a_histogram_counts_every_value_and_marks_what_matters() -> None:
    values = np.random.default_rng(1).normal(0.0, 1.0, 500)
    made = histogram(values, [Mark(9.0, "ours", "hot")], "How often each value came up")
    counted = re.findall(r"<title>[^<]*: ([\d,]+)</title>", made)
    assert sum(int(n.replace(",", "")) for n in counted) == 500
    assert "ours" in made
    assert "As table" in made


def test_one_value_many_times_is_a_histogram_too() -> None:
    assert "<title>" in histogram(np.zeros(5), [], "Five times the same value")


def test_a_heat_map_shows_signs_gaps_and_what_was_chosen() -> None:
    values = np.array([[1.0, -0.5], [np.nan, 2.0]])
    hints = [["a", "b"], ["c", "d"]]
    made = heat_map(
        ["1", "2"], ["x", "y"], values, hints, "A map of four cells", chosen=Place(1, 1),
        best=Place(1, 1), plateau=Block(0, 1, 1, 1),
    )  # fmt: skip
    assert made.count("<title>") == 3
    assert made.count('class="cellneg"') == 1
    assert made.count("mark minus") == 1
    assert 'class="frame"' in made
    # In one cell the two marks stand side by side.
    places = re.findall(r'class="mark (?:best|chosen)" style="left:([\d.]+)%', made)
    assert len(set(places)) == 2


def test_the_sketch_keeps_spikes_and_stays_small() -> None:
    equity = np.full(300_000, 100.0)
    equity[123_456] = 250.0
    svg = sketch_equity(np.arange(300_000), equity, equity / 250 - 1, "a < b")
    assert ",40.0" in svg  # the spike reaches the top of the frame
    assert len(svg) < 60_000
    assert "a &lt; b" in svg
