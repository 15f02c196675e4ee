"""Writes the capability table of docs/EXCHANGES.md from what the tests find.

    python scripts/capability_table.py [--check]

Each operation runs through unmodified ccxt on a venue's recorded answers, exactly as in
tests/exchanges/venues; "yes" stands where it came out as expected.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [path for path in (str(ROOT / "src"), str(ROOT / "tests")) if path not in sys.path]

from exchanges.venues.expectations import CHECKS  # noqa: E402
from exchanges.venues.recorded import ACCOUNTS, NAME, OPERATIONS, RecordedVenue  # noqa: E402
from tradepulse.exchanges.closed_marks import marks_closed  # noqa: E402
from tradepulse.exchanges.errors import translate  # noqa: E402
from tradepulse.exchanges.paging import bar_pages, funding_pages  # noqa: E402

PAGE = ROOT / "docs" / "EXCHANGES.md"
BEGIN, END = "<!-- table: scripts/capability_table.py -->", "<!-- /table -->"
WORDS = {
    "markets": "markets and filters",
    "bars": "bars",
    "ticker": "ticker",
    "balance": "balance",
    "market_order": "market order",
    "limit_order": "limit order",
    "stop_order": "stop order",
    "cancel": "cancel by our id",
    "find": "look up by our id",
    "open_orders": "open orders, stops too",
    "my_trades": "own trades with fees",
    "refusals": "error map",
}


def table() -> str:
    """The table as Markdown, a row an operation, a column a venue."""
    venues = sorted(ACCOUNTS)
    columns = {exchange: asyncio.run(_column(exchange)) for exchange in venues}
    lines = ["| | " + " | ".join(venues) + " |", "|---" * (len(venues) + 1) + "|"]
    for name in columns[venues[0]]:
        lines.append(f"| {name} | " + " | ".join(columns[v][name] for v in venues) + " |")
    return "\n".join(lines)


def with_table(page: str, text: str) -> str:
    """`page` with the table between its marks replaced by `text`."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


async def _column(exchange: str) -> dict[str, str]:
    venue = RecordedVenue(exchange)
    client, pages = venue.client, bar_pages(exchange)
    try:
        found = {WORDS[name]: await _verdict(venue, name) for name in OPERATIONS}
        mark = "closed bars marked" if marks_closed(client) else "closed by REST"
        found["stream of bars"] = mark if client.has.get("watchOHLCV") else "none: REST alone"
        reach = "the newest, no older ones" if pages.newest_only else "all, by pages"
        found["bars a request; history"] = f"{pages.limit}; {reach}"
        told = client.has.get("fetchFundingRateHistory")
        found["funding a request"] = str(funding_pages(exchange).limit) if told else "none"
        found["our id there"] = f"`{venue.account.venue_name(NAME)[:13]}…`"
        found["test network"] = "yes" if client.has.get("sandbox") else "no"
    finally:
        await client.close()
    return found


async def _verdict(venue: RecordedVenue, operation: str) -> str:
    try:
        if operation == "refusals":
            return f"yes, {await _refusals(venue)} cases"
        CHECKS[operation](venue, await venue.perform(operation))
    except Exception as error:  # noqa: BLE001  (an operation that fails is a "no" in the table)
        return f"no: {type(error).__name__}"
    return "yes"


async def _refusals(venue: RecordedVenue) -> int:
    cases = venue.document["refusals"]
    for case in cases:
        error = await venue.refused(case)
        places = not case["request"].startswith("GET")
        outcome = translate(error, places=places, facts=venue.account.refusals)
        if (outcome.kind.value, outcome.code) != (case["kind"], case["code"]):
            raise ValueError(f"{case['code']}: {outcome}")
    return len(cases)


def main() -> int:
    """0 when the page says what was found, or does so now."""
    page = PAGE.read_text()
    fresh = with_table(page, table())
    if "--check" in sys.argv:
        return 0 if fresh == page else 1
    PAGE.write_text(fresh)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
