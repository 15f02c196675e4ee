"""Runs seeds of the simulated venue (`python -m simulated_venue --seeds 1000`), or one, traced.

Exit code 0: every law held in every seed; 3: a violation, told with what repeats it.
"""

from __future__ import annotations

import argparse
import logging
import sys

from simulated_venue.planted import BUGS, planted
from simulated_venue.scenario import Scenario
from simulated_venue.seed_runs import run_seeds, told
from simulated_venue.shrinking import shrunk
from simulated_venue.sim_market import START
from simulated_venue.world import World, simulate


def main() -> int:
    """The exit code."""
    asked = _arguments()
    logging.disable(logging.CRITICAL)
    if asked.seed is not None:
        return _one(asked)
    outcomes = run_seeds(asked.first, asked.seeds, asked.bars, asked.processes, asked.bug)
    print("\n".join(told(outcomes)))
    return 3 if any(outcome.violation is not None for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulated_venue", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--bars", type=int, default=60, help="bars of storm in a run")
    parser.add_argument("--seed", type=int, help="one seed, with the trace of its events")
    parser.add_argument("--steps", type=int, help="stop the one seed after so many steps")
    parser.add_argument("--last", type=int, help="only the last so many events of the trace")
    parser.add_argument("--without", default="", help="faults left out, with commas between")
    parser.add_argument("--shrink", action="store_true", help="make a failing seed smaller first")
    parser.add_argument("--bug", choices=[bug.name for bug in BUGS], help="with a planted bug")
    return parser.parse_args()


def _one(asked: argparse.Namespace) -> int:
    scenario = Scenario.of(asked.seed, asked.bars)
    scenario = scenario.dropping(*filter(None, asked.without.split(",")))
    with planted(asked.bug):
        if asked.shrink:
            found = simulate(scenario)
            scenario = shrunk(found).scenario if found.violation is not None else scenario
        world = World(scenario, asked.steps)
        outcome = world.run()
    print(scenario)
    print("\n".join(world.trace.lines(asked.last, START)))
    print(outcome.violation or f"seed {asked.seed}: every law held in {outcome.steps} steps")
    return 0 if outcome.violation is None else 3


if __name__ == "__main__":
    sys.exit(main())
