"""The CUSUM chart against its vectors, and against what it promises in simulation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tradepulse.domain.errors import UsageError
from tradepulse.training.lifecycle.cusum import (
    Chart,
    design,
    first_alarm,
    limit_for,
    path,
    siegmund_run_length,
)

# delta: (k, h, trades until the edge's loss is seen, until its reversal is), run length 500.
DESIGNS = {
    0.1: (0.05, 15.20, 166.2, 87.0),
    0.15: (0.075, 13.33, 114.5, 54.6),
    0.2: (0.10, 11.89, 84.2, 38.0),
    0.3: (0.15, 9.79, 51.7, 21.9),
    0.5: (0.25, 7.26, 25.8, 10.4),
}


@pytest.mark.parametrize("delta", DESIGNS)
def test_design_of_a_run_length_of_500(delta: float) -> None:
    k, h, gone, reversed_ = DESIGNS[delta]
    # The expectation is mean over deviation; in what unit a trade is measured does not matter.
    chart = design(delta * 3.0, 3.0)
    assert chart is not None
    assert (chart.k, round(chart.h, 2)) == (pytest.approx(k), h)
    assert round(siegmund_run_length(delta, chart.k, chart.h), 1) == gone
    assert round(siegmund_run_length(2 * delta, chart.k, chart.h), 1) == reversed_


def test_every_design_and_run_length_of_the_reference(shared: Path) -> None:
    vectors = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    for name, want in vectors["cusum_design"].items():
        delta, run_length = (float(part) for part in name[5:].split("_ARL0_"))
        chart = design(delta, 1.0, run_length)
        assert chart is not None
        assert chart.k == pytest.approx(want["k"])
        assert chart.h == pytest.approx(want["h"], abs=0.005)
    for name, want in vectors["cusum_ARL_siegmund_one_sided"].items():
        k, h = (float(part[1:]) for part in name.split("_"))
        found = [siegmund_run_length(shift, k, h) for shift in (0.0, 0.5, 1.0)]
        assert found == pytest.approx(list(want.values()), rel=1e-12)


def test_path_and_alarm() -> None:
    chart = Chart(0.32, 1.05, 0.25, 4.0)
    found = path([-1, -1, -0.6, 0.4, -1, -0.9, 0.2, -1, 0.7, -0.5], chart)
    want = [1.007143, 2.014286, 2.640476, 2.314286, 3.321429, 4.233333, 4.097619, 5.104762,
            4.492857, 5.02381]  # fmt: skip
    assert found == pytest.approx(want, abs=1e-6)
    assert first_alarm(found, chart.h) == 5
    assert first_alarm(found, 10.0) is None
    assert len(path([], chart)) == 0


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (-0.2, 1.0), (0.001, 1.0), (0.2, 0.0)])
def test_no_edge_no_chart(mean: float, deviation: float) -> None:
    assert design(mean, deviation) is None


def test_a_run_length_no_limit_has_is_refused() -> None:
    with pytest.raises(UsageError, match="run length"):
        limit_for(0.1, 1.0)


@pytest.mark.parametrize(("shift", "promised"), [(0.3, 500.0), (0.0, 51.7)])
def test_run_length_in_simulation(shift: float, promised: float) -> None:
    """Near the 500 trades promised to a false alarm, and the 52 until a lost edge is seen."""
    chart = design(0.3, 1.0)
    assert chart is not None
    paths, most = 1000, 6000
    rng = np.random.default_rng(3)
    total, alarms = np.zeros(paths), np.full(paths, most)
    for trade in range(most):
        total = np.maximum(0.0, total + (chart.mean - rng.normal(shift, 1.0, paths)) - chart.k)
        alarms = np.where((total > chart.h) & (alarms == most), trade + 1, alarms)
        if (alarms < most).all():
            break
    assert np.mean(alarms) == pytest.approx(promised, rel=0.08)
