"""Each bug planted in the engine breaks one of its laws within 2,000 seeds: so the laws do see."""

from __future__ import annotations

import pytest

from simulated_venue.planted import BUGS, Bug
from simulated_venue.world import simulate

WITHIN = 2_000


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_bug_is_found(bug: Bug) -> None:
    with bug.planted():
        for seed in range(WITHIN):
            violation = simulate(bug.scenario(seed)).violation
            if violation is not None and violation.rule in bug.tells:
                assert violation.seed == seed
                assert violation.events
                return
    pytest.fail(f"{bug.name} was not found within {WITHIN} seeds")
