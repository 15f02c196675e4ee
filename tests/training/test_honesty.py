"""The honesty test at the scale of a test run: luck is not promoted, an edge that is there is.

The whole pipeline on markets whose truth is known. `python -m benchmarks.honesty` is the same at
full scale. The bounds are the binomial 99 % points of the full ones.
"""

from __future__ import annotations

import pytest
from benchmarks.honesty.bounds import fewest, most
from benchmarks.honesty.scenarios import SCENARIOS, is_validated, run_pipeline, would_mature

NULLS = [s for s in SCENARIOS if s.most_validation is not None]
# An adaptive run asks seven optimisers, each a process of its own.
RUNS_EACH, ADAPTIVE_RUNS = 6, 2
FIRST_SEED = 500

pytestmark = pytest.mark.slow


def test_luck_is_not_promoted() -> None:
    """Of the same runs a rule that looks at the best Sharpe ratio alone promotes a good part: the
    markets do tempt, and a pipeline that gave in would fail here."""
    promoted = matured = tempting = runs = 0
    for scenario in NULLS:
        count = RUNS_EACH if scenario.search == "grid" else ADAPTIVE_RUNS
        runs += count
        for seed in range(FIRST_SEED, FIRST_SEED + count):
            result, bars = run_pipeline(scenario, seed, permutations=40)
            promoted += is_validated(result)
            matured += would_mature(scenario, result, bars)
            tempting += max(result.study.document["trial_sharpes"]) > 1.0
    assert promoted <= most(18, 500, runs)
    assert matured <= most(7, 500, runs)
    assert tempting > 2 * most(18, 500, runs)


def test_a_planted_edge_is_found() -> None:
    scenario = next(s for s in SCENARIOS if s.least_validation == 92)
    runs = 5
    found = sum(
        is_validated(run_pipeline(scenario, seed, permutations=40)[0])
        for seed in range(FIRST_SEED, FIRST_SEED + runs)
    )
    assert found >= fewest(92, 100, runs)


@pytest.mark.parametrize(
    ("runs", "expected"), [(500, 18), (200, 9), (24, 3)]
)  # fmt: skip
def test_bounds_shrink_with_the_runs(runs: int, expected: int) -> None:
    assert most(18, 500, runs) == expected
