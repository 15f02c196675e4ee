"""`tradepulse data download`: history from a venue, as much as is missing."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.bootstrap import open_home
from tradepulse.cli.options import (
    ConfigOption,
    ExchangeOption,
    HomeOption,
    IntervalOption,
    JsonOption,
    TimeRange,
    TimerangeOption,
    read_pairs,
    read_timerange,
    required,
)  # fmt: skip
from tradepulse.cli.output import (
    emit,
    progress,
    show_lines,
    show_table,
    time_text,
    wall_clock_ms,
)  # fmt: skip
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import DAY_MS, Interval
from tradepulse.marketdata.store import PERPETUAL_ONLY

if TYPE_CHECKING:
    from tradepulse.exchanges.download import Downloaded, DownloadReport, DownloadSpec

DEFAULT_DAYS = 30

SymbolsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--symbols", "--symbol", "--pairs", "--pair", "-p",
        help="Pairs, repeated or separated by commas: BTC/USDT,ETH/USDT:USDT.", show_default=False,
    ),
]  # fmt: skip
TopOption = Annotated[
    int | None,
    typer.Option("--top", min=1, max=500, help="The N pairs with the most turnover of a day.",
                 show_default=False),
]  # fmt: skip
QuoteOption = Annotated[str, typer.Option("--quote", help="The quote currency of --top.")]
MarketOption = Annotated[
    str | None,
    typer.Option("--market", "--trading-mode", show_default=False,
                 help="The market of --top: spot or perpetual (also: futures)."),
]  # fmt: skip
SinceOption = Annotated[
    str | None,
    typer.Option("--since", help=f"First day or time, UTC (default: {DEFAULT_DAYS} days ago).",
                 show_default=False),
]  # fmt: skip
UntilOption = Annotated[
    str | None,
    typer.Option("--until", help="Day or time at which to stop (default: the last closed bar).",
                 show_default=False),
]  # fmt: skip
DaysOption = Annotated[
    int | None, typer.Option("--days", min=1, help="The last N days.", show_default=False)
]
FundingOption = Annotated[bool, typer.Option("--funding", help="Funding rates of perpetuals too.")]
MarkOption = Annotated[bool, typer.Option("--mark", help="Mark prices of perpetuals too.")]

_MARKETS = {"spot": Market.SPOT, "perpetual": Market.PERPETUAL, "futures": Market.PERPETUAL}


def download(
    exchange: ExchangeOption = None,
    symbols: SymbolsOption = None,
    top: TopOption = None,
    quote: QuoteOption = "USDT",
    market: MarketOption = None,
    interval: IntervalOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    days: DaysOption = None,
    timerange: TimerangeOption = None,
    funding: FundingOption = False,
    mark: MarkOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Fetch bars from an exchange: only what is not kept yet, and never the bar in the making.

    Stopped or killed, it goes on where it was when it is run again. Each series is audited
    afterwards. Exit code 3 if one of several could not be had.
    """
    from tradepulse.exchanges.download import download_history, refuse_empty

    required({"--exchange": exchange, "--interval": interval})
    spec = _spec(
        exchange or "", symbols, top, quote, market, interval or "", funding=funding, mark=mark,
        times=read_span(since, until, days, timerange),
    )  # fmt: skip
    app = open_home(home, config)
    started = time.monotonic()
    with progress(f"downloading from {spec.exchange}", 1000) as step:
        report = download_history(
            app.bars, spec, app.settings.exchanges,
            lambda done, whole: step(min(done * 1000 // max(whole, 1), 1000)),
        )  # fmt: skip
    refuse_empty(report)
    document = report_document(report, time.monotonic() - started)
    emit(document, as_json, lambda: show_download(report))
    return RefusedError.exit_code if report.failed else 0


def read_span(
    since: str | None, until: str | None, days: int | None, timerange: str | None
) -> TimeRange:
    """The times that are meant, from whichever option says them. Errors: `bad_time`, `bad_value`,
    `bad_timerange`, `inverted_range`."""
    if timerange is not None and (since or until or days):
        raise UsageError(
            "bad_value", "--timerange already says the times",
            expected="--timerange, or --since and --until, or --days", found="several of them",
        )  # fmt: skip
    start, end = read_timerange(timerange)
    start = start if since is None else read_moment(since)
    end = end if until is None else read_moment(until)
    if start is None:
        start = (end or wall_clock_ms()) - (days or DEFAULT_DAYS) * DAY_MS
    if end is not None and start >= end:
        raise UsageError(
            "inverted_range", "the time range holds no bar",
            expected="a start before the end, which is excluded",
            found=f"{time_text(start)} to {time_text(end)}",
        )  # fmt: skip
    return TimeRange(start, end)


def read_moment(text: str) -> int:
    """UTC ms of a day (`2024-01-01`, `20240101`), a time (`2024-01-01T12:30`), or seconds or
    milliseconds since 1970. Error `bad_time`."""
    word = text.strip()
    if re.fullmatch(r"\d{10}|\d{13}", word):
        return int(word) * (1000 if len(word) == len("1704067200") else 1)
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise UsageError(
            "bad_time", f"{text!r} is not a time", expected="2024-01-01 or 2024-01-01T12:30",
            found=repr(text),
        ) from None  # fmt: skip
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


def _spec(
    exchange: str, symbols: list[str] | None, top: int | None, quote: str, market: str | None,
    interval: str, *, funding: bool, mark: bool, times: TimeRange,
) -> DownloadSpec:  # fmt: skip
    from tradepulse.exchanges.download import DownloadSpec

    pairs = read_pairs(symbols)
    if bool(pairs) == (top is not None):
        raise UsageError(
            "missing_option", "which pairs?", expected="either --symbols or --top",
            found="both" if pairs else "neither",
        )  # fmt: skip
    kind = (market or ("perpetual" if exchange in PERPETUAL_ONLY else "spot")).lower()
    if kind not in _MARKETS:
        raise UsageError("bad_value", f"there is no market {market!r}", expected="spot, perpetual",
                         found=repr(market))  # fmt: skip
    return DownloadSpec(
        exchange, Interval.parse(interval), times.start or 0, times.end, tuple(pairs), top,
        quote.upper(), _MARKETS[kind], funding, mark,
    )  # fmt: skip


def report_document(report: DownloadReport, seconds: float) -> dict[str, Any]:
    """`{series, added, gaps, findings, errors, seconds}`; `rows`, `first`, `last` and `gaps` of a
    series are those of the asked range."""
    return {
        "series": [_series(done) for done in report.series],
        "added": sum(done.added for done in report.series),
        "gaps": sum(done.gaps.count for done in report.series),
        "findings": sum(len(done.findings) for done in report.series),
        "errors": [
            {"exchange": f.exchange, "pair": f.pair, "kind": str(f.kind), **f.error.as_dict()}
            for f in report.failed
        ],
        "seconds": round(seconds, 3),
    }


def _series(done: Downloaded) -> dict[str, Any]:
    return {
        "exchange": done.exchange,
        "pair": done.pair,
        "kind": str(done.kind),
        "interval": done.interval,
        "added": done.added,
        "rows": done.rows,
        "first": done.first,
        "last": done.last,
        "gaps": {"count": done.gaps.count, "missing": done.gaps.total},
        "findings": [
            {"kind": finding.kind, "count": finding.count, "message": finding.message}
            for finding in done.findings
        ],
    }


def show_download(report: DownloadReport) -> None:
    """Prints a row a series, what the audit found odd, and what could not be had."""
    columns = ("series", "added", "kept", "first", "last", "holes")
    rows = [
        (
            f"{d.exchange} {d.pair} {d.interval or d.kind}", f"{d.added:,}", f"{d.rows:,}",
            time_text(d.first), time_text(d.last),
            f"{d.gaps.count:,} ({d.gaps.total:,} bars)" if d.gaps.count else "none",
        )
        for d in report.series
    ]  # fmt: skip
    show_table(None, columns, rows, right=("added", "kept"))
    show_lines(
        f"{done.exchange} {done.pair}: {finding.kind}: {finding.message}"
        for done in report.series
        for finding in done.findings
        if finding.kind != "gap"
    )
    show_lines(
        f"not had: {f.exchange} {f.pair} {f.kind} [{f.error.code}]: {f.error}"
        for f in report.failed
    )
