"""The live engine under simulated time, with faults and crashes: no seed breaks a law."""

from __future__ import annotations

import pytest

from simulated_venue.planted import planted
from simulated_venue.scenario import BY_HAND, FAULTS, Scenario
from simulated_venue.shrinking import shrunk
from simulated_venue.world import World, simulate
from tradepulse.domain.manual_command import CommandState, ManualAction

SEEDS = 300


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_no_seed_breaks_a_law(first: int) -> None:
    outcomes = [simulate(Scenario.of(seed)) for seed in range(first, first + 50)]
    broken = [outcome.violation for outcome in outcomes if outcome.violation is not None]
    assert not broken, "\n\n".join(map(str, broken[:3]))
    # A simulation in which nothing happens keeps every law.
    assert sum(outcome.trades for outcome in outcomes) > 300
    assert sum(outcome.crashes for outcome in outcomes) > 30
    assert len(set().union(*(outcome.faults for outcome in outcomes))) > len(FAULTS) * 0.8


# Each broke a law of an earlier engine: funding told when its position was gone, and a reversal
# judged stale by the time of the fill that let it go.
@pytest.mark.parametrize("seed", [1780, 2175, 2662, 2747, 2750, 4761, 5746, 6643, 7522, 8108, 9261])
def test_a_seed_that_once_broke_a_law_keeps_it(seed: int) -> None:
    assert simulate(Scenario.of(seed).dropping(BY_HAND)).violation is None


def test_a_seed_repeats_to_the_last_event() -> None:
    stormy = next(s for s in map(Scenario.of, range(100)) if len(s.active) > 10)
    first, second = World(stormy), World(stormy)
    first.run()
    second.run()
    assert len(first.trace) > 50
    assert first.trace.lines() == second.trace.lines()
    assert first.ledger.orders == second.ledger.orders


def test_a_fault_switched_off_leaves_the_others_as_they_were() -> None:
    scenario = Scenario.of(0)
    with_all = [World(scenario)._dice.stream("latency").random() for _ in range(2)]
    without = World(scenario.dropping("lost_answer"))._dice.stream("latency").random()
    assert with_all == [without, without]


def test_calm_runs_are_protected_within_a_moment() -> None:
    calm = [Scenario.of(seed).dropping(*FAULTS, BY_HAND) for seed in range(12)]
    outcomes = [simulate(scenario) for scenario in calm]
    assert all(outcome.violation is None for outcome in outcomes)
    assert sum(outcome.trades for outcome in outcomes) > 60
    # A round trip to the venue, and the step that starts it.
    slowest = max(scenario.latency_ms[1] for scenario in calm)
    assert max(o.longest_unprotected_ms for o in outcomes) <= 2 * slowest + 1_000


def test_people_are_heard_in_the_storm() -> None:
    busy = [s for s in map(Scenario.of, range(200)) if s.rates[BY_HAND] > 0.05][:16]
    worlds = [World(scenario) for scenario in busy]
    for world in worlds:
        assert world.run().violation is None
    answered = [command for world in worlds for command in world.ledger.commands.values()]
    done = {command.action for command in answered if command.state is CommandState.DONE}
    assert done == set(ManualAction)
    assert len({command.code for command in answered}) > 6


def test_a_failing_run_shrinks_to_what_it_needs() -> None:
    with planted("retry_on_unknown"):
        found = next(
            outcome for seed in range(200)
            if (outcome := simulate(Scenario.of(seed))).violation is not None
        )  # fmt: skip
        small = shrunk(found)
    assert small.violation is not None
    assert found.violation is not None
    assert small.violation.rule == found.violation.rule
    assert len(small.scenario.active) <= min(3, len(found.scenario.active))
    assert small.scenario.bars <= found.scenario.bars
