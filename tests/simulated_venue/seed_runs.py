"""Many seeds in several processes, and what came of them in words."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from simulated_venue.planted import planted
from simulated_venue.scenario import Scenario
from simulated_venue.world import Outcome, simulate

_CHUNK = 20
_TOLD = 5
_LISTED = 40


def run_seeds(
    first: int, count: int, bars: int, processes: int, bug: str | None = None
) -> list[Outcome]:
    """The outcomes of seeds [first, first + count), in order; progress goes to stderr."""
    end, outcomes = first + count, list[Outcome]()
    starts = range(first, end, _CHUNK)
    counts = [min(_CHUNK, end - start) for start in starts]
    same = len(starts)
    # Each a fresh interpreter: a fork would copy threads that the libraries have started.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for chunk in pool.map(run_chunk, starts, counts, [bars] * same, [bug] * same):
            outcomes += chunk
            broken = sum(outcome.violation is not None for outcome in outcomes)
            line = f"\r{len(outcomes)} of {count} seeds, {broken} violations "
            print(line, end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


def run_chunk(first: int, count: int, bars: int, bug: str | None) -> list[Outcome]:
    """The outcomes of some seeds, in this process."""
    logging.disable(logging.CRITICAL)
    with planted(bug):
        return [simulate(Scenario.of(seed, bars)) for seed in range(first, first + count)]


def told(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Lines for a person: what was simulated, and every violation by its law."""
    faults: Counter[str] = Counter()
    for outcome in outcomes:
        faults.update(outcome.faults)
    yield (
        f"{len(outcomes)} seeds, {sum(o.seconds for o in outcomes):.0f} s of one core: "
        f"{sum(o.steps for o in outcomes)} steps, {sum(o.orders for o in outcomes)} orders, "
        f"{sum(o.trades for o in outcomes)} trades, {sum(o.crashes for o in outcomes)} crashes"
    )
    yield "faults: " + ", ".join(f"{kind} {number}" for kind, number in sorted(faults.items()))
    longest = max(outcomes, key=lambda o: o.longest_unprotected_ms, default=None)
    if longest is not None:
        seconds = longest.longest_unprotected_ms / 1000
        seed = longest.scenario.seed
        yield f"longest without a stop while the venue was there: {seconds:.1f} s (seed {seed})"
    broken = [outcome.violation for outcome in outcomes if outcome.violation is not None]
    if not broken:
        yield "every law held"
    by_rule: dict[str, list[int]] = {}
    for violation in broken:
        by_rule.setdefault(violation.rule, []).append(violation.seed)
    for rule, seeds in sorted(by_rule.items()):
        yield f"{rule}: {len(seeds)} seeds: {' '.join(map(str, seeds[:_LISTED]))}"
    for violation in broken[:_TOLD]:
        yield f"\n{violation}\nagain: make simulate SEED={violation.seed} STEPS={violation.step}"
