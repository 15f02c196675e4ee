"""Every way an exchange can misbehave, one by one, against an engine that trades.

`python -m benchmarks fault_table`: what the engine said of it, what it blocked, how long it took
until all was well again. `--write` keeps the table as docs/FAULTS.md.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.live.engine_process import until
from benchmarks.live.truths import settled
from benchmarks.live.world import LiveWorld, engine, live_engines, live_world
from tradepulse.domain.event import Event
from tradepulse.domain.instrument import Market
from tradepulse.engine.live import LiveEngine
from tradepulse.sandbox.server.faults import Kind

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "FAULTS.md"
SPEED = 60.0
_BAR_MS = 60_000
_STRIKES_WITHIN_S, _WELL_WITHIN_S, _WELL_FOR_S = 40.0, 90.0, 1.0
# What happens all day and says nothing of a fault.
_ROUTINE = frozenset({
    "signal.created", "order.created", "order.updated", "order.opened", "order.filled",
    "order.cancelled", "order.sent", "order.expired", "order.partially_filled", "order.cancelling",
    "order.intended", "order.open", "fill.created", "trade.opened", "trade.closed",
    "portfolio.updated", "activation.state", "position.updated", "log.written",
    "wallet.created", "connection.created", "risk.state", "funding.paid",
})  # fmt: skip
_ORDER, _USER = "POST /fapi/v1/order", "perpetual:user"
_PLACES = "POST /fapi/v1/*rder"


@dataclass(frozen=True)
class Case:
    """One fault. `told`: in words; `holds_s`: how long it is in force, None: it strikes."""

    kind: Kind
    told: str
    on: str = "*"
    holds_s: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


CASES: tuple[Case, ...] = (
    Case(Kind.DROP, "an order request breaks off before it is done", _ORDER),
    Case(Kind.DROP, "a message of the account's stream is lost", _USER),
    Case(Kind.APPLY_THEN_DROP, "an order is done and its answer lost", _ORDER),
    Case(Kind.APPLY_THEN_DROP, "a stop is placed and the answer lost", "POST /fapi/v1/algoOrder"),
    Case(Kind.DELAY, "the answer to an order takes 1.5 s", _ORDER, details={"ms": 1500}),
    Case(Kind.DELAY, "the account's stream is 1.5 s late", _USER, details={"ms": 1500}),
    Case(Kind.DUPLICATE, "messages of the account come twice", _USER, details={"times": 10}),
    Case(Kind.REORDER, "messages of the account change places", _USER, details={"times": 5}),
    Case(Kind.DISCONNECT, "the account's socket closes", _USER),
    Case(Kind.DISCONNECT, "the sockets of bars and prices close", "*@*"),
    Case(Kind.SILENT, "the account's socket says nothing more", _USER, 6.0),
    Case(Kind.SILENT, "all sockets are dead, pings unanswered", "*", 6.0, {"pong": False}),
    Case(Kind.MALFORMED, "half a frame on the account's stream", _USER),
    Case(Kind.MALFORMED, "half an answer to an order", _ORDER),
    Case(Kind.STATUS_429, "too many requests, retry after 2 s", _ORDER),
    Case(Kind.STATUS_418, "banned for 3 s", _ORDER, details={"retry_after_s": 3}),
    Case(Kind.STATUS_5XX, "an order is answered with 503, not done", _ORDER),
    Case(Kind.STATUS_5XX, "an order is answered with 503, but done", _ORDER,
         details={"apply": True}),
    Case(Kind.LAG_2013, "orders are not found for 2 s after they were made, and one answer is lost",
         "*", 6.0, {"ms": 2000}),
    Case(Kind.CLOCK_SKEW, "their clock is a minute ahead", "*", 6.0, {"ms": 60_000}),
    Case(Kind.MAINTENANCE, "maintenance", "*", 5.0),
    Case(Kind.LISTEN_KEY_EXPIRED, "the account's listen key runs out", "user"),
    Case(Kind.HALT, "trading is halted", "perpetual:*", 5.0),
    Case(Kind.FILTER_CHANGE, "the lot becomes ten times as coarse", "perpetual:BTCUSDT", 6.0,
         {"symbol": "BTCUSDT", "filters": {"lot": "0.01", "market_lot": "0.01"}}),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`seen` and `blocked` by how often; times in seconds, `naked_ms` without a stop."""

    case: Case
    struck: int
    seen: Counter[str]
    blocked: Counter[str]
    recovery_s: float
    entries_s: float
    naked_ms: float


def run_case(world: LiveWorld, case: Case) -> Row:
    """The fault armed, met, and got over."""
    until(lambda: _is_well(world) and not _breakers(world), _WELL_WITHIN_S, "not well before")
    with world.app.database.reading() as tx:
        first = tx.events.last_sequence()
    world.laws.forget_naked()
    armed_ms = world.sandbox.clock()["now"]
    number = world.sandbox.fault(case.kind, case.on, **case.details)
    if case.kind is Kind.LAG_2013:
        world.sandbox.fault(Kind.APPLY_THEN_DROP, _ORDER)
    struck = _wait_struck(world, number, case)
    if case.holds_s is not None:
        time.sleep(case.holds_s)
        world.sandbox.clear_faults()
    recovery, entries = _recover(world)
    world.sandbox.clear_faults()
    seen, blocked = _told(world, first, armed_ms)
    return Row(case, struck, seen, blocked, recovery, entries, world.laws.longest_naked_ms)


def _wait_struck(world: LiveWorld, number: int, case: Case) -> int:
    """How often it has struck by the time it has; what holds until it is cleared strikes nobody."""
    if case.holds_s is not None or case.kind in (Kind.DISCONNECT, Kind.LISTEN_KEY_EXPIRED):
        return 1
    seen = [0]

    def struck() -> bool:
        count = world.sandbox.state()["faults"]["struck"].get(case.kind.value, 0)
        items = [f for f in world.sandbox.state()["faults"]["items"] if f["id"] == number]
        seen[0] = items[0]["struck"] if items else max(count, 1)
        return not items or seen[0] > 0

    until(struck, _STRIKES_WITHIN_S, f"{case.kind} on {case.on} never struck")
    return seen[0]


def _recover(world: LiveWorld) -> tuple[float, float]:
    """Seconds until all was well, and stayed so; and until entries were free again as well."""
    began = time.monotonic()
    well_since: float | None = None
    while True:
        now = time.monotonic()
        if not _is_well(world):
            well_since = None
        elif well_since is None:
            well_since = now
        elif now - well_since >= _WELL_FOR_S and not _breakers(world):
            free = now - began
            return well_since - began, max(free - _WELL_FOR_S, well_since - began)
        if now - began > _WELL_WITHIN_S:
            raise AssertionError(f"not well again: {world.log_lines()[:12]}")
        time.sleep(0.02)


def _breakers(world: LiveWorld) -> tuple[str, ...]:
    """The open circuit breakers."""
    live = _engine_of(world)
    oversight = None if live is None else live.core.oversight
    if oversight is None:
        return ()
    return tuple(b.code for b in oversight.panel.breakers.values() if b.tripped_at is not None)


def _is_well(world: LiveWorld) -> bool:
    """Account and bars flow, and no position has been without a stop for more than the moment that
    it takes to place one."""
    live = _engine_of(world)
    if live is None or not live.exchange.health().connected:  # type: ignore[attr-defined]
        return False
    market = world.sandbox.clock()["now"]
    bars = [world.activation(name).last_bar or 0 for name in world.activations]
    if min(bars) < market - 3 * _BAR_MS:
        return False
    return all(ms < 500.0 for ms in world.laws.naked_now_ms().values())


def _engine_of(world: LiveWorld) -> LiveEngine | None:
    manager = world.manager
    found = [] if manager is None else live_engines(manager)
    return found[0] if found else None


def _told(world: LiveWorld, first: int, since_ms: int) -> tuple[Counter[str], Counter[str]]:
    with world.app.database.reading() as tx:
        events = tx.events.since(first, limit=5_000)
        signals = [s for name in world.activations for s in tx.signals.of_activation(name)]
    seen = Counter(_word(e) for e in events if e.type not in _ROUTINE)
    blocked = Counter(
        str(s.reason) for s in signals
        if s.bar_time >= since_ms - 2 * _BAR_MS and s.verdict in ("refused", "ignored") and s.reason
        and s.action.startswith("enter")
    )  # fmt: skip
    return seen, blocked


def _word(event: Event) -> str:
    code = event.payload.get("code") or event.payload.get("kind")
    return event.type if code is None else f"{event.type} ({code})"


def table(rows: Sequence[Row]) -> list[str]:
    """Markdown."""
    lines = [
        "| fault | what happened | what was seen | what was blocked | recovery | entries again"
        " | without a stop |",
        "| --- | --- | --- | --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        seen = ", ".join(_times(*item) for item in sorted(row.seen.items())) or "nothing"
        blocked = ", ".join(_times(*item) for item in sorted(row.blocked.items())) or "nothing"
        lines.append(
            f"| `{row.case.kind.value}` | {row.case.told} | {seen} | {blocked} |"
            f" {row.recovery_s:.1f} s | {row.entries_s:.1f} s | {row.naked_ms:.0f} ms |"
        )
    return lines


def _times(word: str, count: int) -> str:
    return word if count == 1 else f"{word} x {count}"


def main(argv: list[str] | None = None) -> int:
    """Prints the table. Exit code 3 when a law was broken or the books differ at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fault_table", description=__doc__)
    parser.add_argument("--only", help="cases of this kind")
    parser.add_argument("--write", action="store_true", help="keep it as docs/FAULTS.md")
    wanted = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    chosen = [case for case in CASES if wanted.only in (None, case.kind.value)]
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        live_world(Path(folder), Market.PERPETUAL, speed=SPEED) as world,
    ):
        for symbol in ("BTCUSDT", "ETHUSDT"):
            world.activate(world.accounts[0], symbol)
        with engine(world):
            until(lambda: world.trade_count() > 0)
            for case in chosen:
                rows.append(run_case(world, case))
                print(table(rows[-1:])[-1], flush=True)
            left = settled(world)
        broken = world.laws.broken
    for told in (*left, *broken):
        print(told)
    if wanted.write:
        DOCUMENT.write_text("\n".join([_INTRODUCTION, *table(rows), ""]))
    return 3 if left or broken else 0


_INTRODUCTION = f"""# What goes wrong, and what the engine makes of it

Every fault of the sandbox exchange, one by one, against an engine that trades two contracts through
ccxt at {SPEED:.0f} times the speed of life, a bar a second. Written by `python -m benchmarks
fault_table --write`; at its end the ledger equals the exchange's books to the last unit.

*What was seen* are the events of the time, without the routine of orders and trades; *what was
blocked* the reasons for which entries were not made. *Recovery* is the wall time from the fault, or
from its end where it lasts, until the account's updates and the bars flowed and every position had
its stop; *entries again* until no circuit breaker was open either (one that tripped closes after
ten calm seconds). *Without a stop* is the longest any position had none, as the exchange saw it.
"""


if __name__ == "__main__":
    raise SystemExit(main())
