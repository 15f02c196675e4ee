"""`python -m benchmarks [CASE ...]`: runs the cases, prints ratios, writes results/latest.json.

`live_latency`, `live_weight`, `live_day`, `live_start`, `live_kills` and `fault_table` are runs of
their own, of the live engine over a sandbox exchange, `api_streams` and `api_requests` of the API
under load; they take their own options (`--help`).

Every measurement is a process of its own. The engines of a case take turns, round after round, so
that a slow minute of the machine falls on all of them; the best of the rounds counts.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from benchmarks import report
from benchmarks.cases import OURS, Case
from benchmarks.catalogue import CASES, PRIMING
from benchmarks.process import BenchmarkError, measure

ROUNDS = 3


def run_case(case: Case, rounds: int, with_peers: bool) -> report.CaseResult:
    """All engines of the case, `rounds` times in turn. One that fails is reported and left out."""
    result = report.CaseResult(case)
    for number in range(rounds):
        for entrant in case.entrants:
            if entrant.engine in result.failures or not (with_peers or _is_ours(entrant.engine)):
                continue
            _progress(f"{case.key} {number + 1}/{rounds} {entrant.engine}")
            try:
                found = measure(entrant.argv(), entrant.environment())
            except BenchmarkError as error:
                result.failures[entrant.engine] = str(error)
            else:
                result.runs.setdefault(entrant.engine, []).append(found)
    _progress("")
    return result


def prime(with_peers: bool) -> None:
    """Compile what will be measured; a failure here shows again, and is reported, in its case."""
    for entrant in PRIMING:
        if with_peers or _is_ours(entrant.engine):
            _progress(f"compiling for {entrant.engine}")
            try:
                measure(entrant.argv(), entrant.environment())
            except BenchmarkError as error:
                print(f"{entrant.engine} could not be primed:\n{error}", file=sys.stderr)
    _progress("")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:70}\r", end="", file=sys.stderr, flush=True)


def _is_ours(engine: str) -> bool:
    return engine.startswith(OURS)


# Proofs and measurements with options of their own.
LIVE = {
    "live_latency": "live.latency", "live_weight": "live.weight", "live_day": "live.day",
    "live_memory": "live.day", "live_start": "live.start", "live_kills": "live.kills",
    "fault_table": "live.fault_table", "api_streams": "api.streams", "api_requests": "api.requests",
    "screens": "api.screens",
}  # fmt: skip


def run_live(name: str, argv: list[str]) -> int:
    """The exit code of a live run."""
    chosen = import_module(f"benchmarks.{LIVE[name]}")
    code: int = chosen.main(argv)
    return code


def main() -> int:
    if len(sys.argv) > 1 and sys.argv[1] in LIVE:
        return run_live(sys.argv[1], sys.argv[2:])
    names = [case.key for case in CASES]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"some of {', '.join(names)}; default all")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--no-peers", action="store_true", help="our side alone, in a minute")
    parser.add_argument("--output", type=Path, default=report.RESULTS / "latest.json")
    wanted = parser.parse_args()
    unknown = sorted(set(wanted.case) - set(names))
    if unknown:
        parser.error(f"unknown case {', '.join(unknown)}; known: {', '.join(names)}")
    started = report.machine()
    print(f"{started['processor']}, {started['cores']} cores, Python {started['python']},"
          f" load {started['load'][0]}; best of {wanted.rounds} rounds")  # fmt: skip
    prime(with_peers=not wanted.no_peers)
    results = []
    for case in CASES:
        if wanted.case and case.key not in wanted.case:
            continue
        results.append(run_case(case, wanted.rounds, not wanted.no_peers))
        print("\n".join(report.lines(results[-1])), flush=True)
        # After every case: an interrupted run keeps what it measured.
        report.write(results, started, wanted.output)
    failed = [result.case.key for result in results if result.failures]
    return 5 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
