"""A failing run made smaller: without the faults, pairs and bars it does not need to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from simulated_venue.scenario import Scenario
from simulated_venue.world import Outcome, simulate

_LEAST_BARS = 2


def shrunk(found: Outcome, run: Callable[[Scenario], Outcome] = simulate) -> Outcome:
    """The smallest run found that breaks the same law."""
    if found.violation is None:
        raise ValueError("nothing is broken, so there is nothing to shrink")
    rule, smallest = found.violation.rule, found
    shorter = True
    while shorter:
        shorter = False
        for smaller in _smaller(smallest.scenario):
            outcome = run(smaller)
            if outcome.violation is not None and outcome.violation.rule == rule:
                smallest, shorter = outcome, True
                break
    return smallest


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    """Simpler scenarios, the boldest cuts first."""
    active = scenario.active
    if len(active) > 1:
        half = len(active) // 2
        yield scenario.dropping(*active[:half])
        yield scenario.dropping(*active[half:])
    for kind in active:
        yield scenario.dropping(kind)
    if len(scenario.pairs) > 1:
        for pair in scenario.pairs:
            yield replace(scenario, pairs=tuple(p for p in scenario.pairs if p != pair))
    for bars in (scenario.bars // 2, scenario.bars * 3 // 4, scenario.bars - 1):
        if _LEAST_BARS <= bars < scenario.bars:
            yield replace(scenario, bars=bars)
