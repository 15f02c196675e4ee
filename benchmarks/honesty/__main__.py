"""`python -m benchmarks.honesty`: the whole pipeline on thousands of markets whose truth is known.

Prints a row a scenario and exits with 3 where a bound is broken. `--runs N` for fewer markets
(bounds are then scaled by the binomial 99 % point), `--only NAME`, `--out FILE` for every run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.honesty.bounds import fewest, most
from benchmarks.honesty.scenarios import (
    SCENARIOS,
    Scenario,
    is_validated,
    run_pipeline,
    would_mature,
)  # fmt: skip

FIRST_SEED = 10_000


@dataclass(frozen=True)
class Row:
    """What became of a scenario's runs."""

    scenario: str
    runs: int
    validation: int
    mature: int
    kept: bool
    seconds: float


def one_run(name: str, seed: int) -> dict[str, Any]:
    """A run of a scenario: its stage, and the value behind every rule."""
    scenario = next(s for s in SCENARIOS if s.name == name)
    result, bars = run_pipeline(scenario, seed)
    return {
        "scenario": name,
        "seed": seed,
        "validation": is_validated(result),
        "mature": would_mature(scenario, result, bars),
        "parameters": dict(result.configuration.parameters),
        "evidence": {e.rule: [e.value, e.passed] for e in result.evidence},
    }


def run_scenario(scenario: Scenario, runs: int, processes: int, out: Path | None) -> Row:
    """All runs of a scenario, spread over processes."""
    started = time.perf_counter()
    found = list(_spread(scenario.name, runs, processes))
    if out is not None:
        with out.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(item) + "\n" for item in found)
    validation = sum(item["validation"] for item in found)
    mature = sum(item["mature"] for item in found)
    return Row(
        scenario.name, runs, validation, mature, _kept(scenario, runs, validation, mature),
        time.perf_counter() - started,
    )  # fmt: skip


def _spread(name: str, runs: int, processes: int) -> Iterator[dict[str, Any]]:
    seeds = range(FIRST_SEED, FIRST_SEED + runs)
    with ProcessPoolExecutor(processes) as pool:
        for done, item in enumerate(pool.map(one_run, [name] * runs, seeds, chunksize=4), 1):
            print(f"\r{name}: {done} of {runs}", end="", file=sys.stderr, flush=True)
            yield item
    print(file=sys.stderr)


def _kept(scenario: Scenario, runs: int, validation: int, mature: int) -> bool:
    if scenario.least_validation is not None:
        return validation >= fewest(scenario.least_validation, scenario.runs, runs)
    assert scenario.most_validation is not None  # a scenario has one kind of bound
    assert scenario.most_mature is not None
    return validation <= most(scenario.most_validation, scenario.runs, runs) and mature <= most(
        scenario.most_mature, scenario.runs, runs
    )


def main() -> int:
    """The exit code: 0 where every bound was kept, 3 where one was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.honesty", description=__doc__)
    parser.add_argument("--runs", type=int, help="markets a scenario, instead of the full number")
    parser.add_argument("--only", help="the scenario of this name")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, help="a file of all runs, a JSON object a line")
    given = parser.parse_args()
    # The processes are the parallelism; BLAS threads inside each would only get in their way.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    chosen = [s for s in SCENARIOS if given.only in (None, s.name)]
    if not chosen:
        parser.error(f"no scenario {given.only!r}; there are: " + ", ".join(
            s.name for s in SCENARIOS))  # fmt: skip
    rows = [run_scenario(s, given.runs or s.runs, given.processes, given.out) for s in chosen]
    print(f"{'scenario':26} {'runs':>5} {'VALIDATION':>11} {'MATURE':>7} {'kept':>5} {'s':>6}")
    for row in rows:
        print(f"{row.scenario:26} {row.runs:5d} {row.validation:11d} {row.mature:7d} "
              f"{'yes' if row.kept else 'NO':>5} {row.seconds:6.0f}")  # fmt: skip
    return 0 if all(row.kept for row in rows) else 3


if __name__ == "__main__":
    sys.exit(main())
