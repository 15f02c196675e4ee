"""`tradepulse data`: bring bars in, see what is there, audit it, take it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tradepulse.bootstrap import App, open_home
from tradepulse.cli import data_report as report
from tradepulse.cli.data_download import download
from tradepulse.cli.options import (
    ConfigOption,
    ExchangeOption,
    HomeOption,
    IntervalOption,
    JsonOption,
    PairsOption,
    TimerangeOption,
    read_pairs,
    read_timerange,
)  # fmt: skip
from tradepulse.cli.output import emit, progress, show_lines
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, NotFoundError, RefusedError, UsageError
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.audit import audit
from tradepulse.marketdata.formats.source import data_files
from tradepulse.marketdata.importing import Given, Outcome, RefusedFile, import_paths
from tradepulse.marketdata.resample import resample
from tradepulse.marketdata.samples import SAMPLES
from tradepulse.marketdata.store import MARK_SUFFIX, SeriesInfo, missing_series, traded_pair

app = typer.Typer(
    help="Import, download, list, audit and export market bars.", no_args_is_help=True
)

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE|FOLDER]...", help="Files of bars, or folders of them."),
]
BundledOption = Annotated[
    bool, typer.Option("--bundled", help="Import the real bars that come with the package.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace what is there where it differs.")
]
ResampleOption = Annotated[
    str | None,
    typer.Option("--resample", help="Fold into closed bars of this interval.", show_default=False),
]
OutArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]", show_default=False,
        help="Ends in .parquet, .csv, .feather or .json (default: a .parquet named by the series).",
    ),
]  # fmt: skip


@app.command("import")
def import_(
    paths: PathsArgument = None,
    bundled: BundledOption = False,
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    overwrite: OverwriteOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Recognise files of bars by content and name, check them, keep them.

    Reads Parquet, freqtrade (feather, JSON), Binance Vision, Kraken OHLCVT, CryptoDataDownload,
    ccxt rows and CSV with our columns, in zip archives too. What is inferred is printed; what
    cannot be, give: --exchange, --symbol, --interval. Exit code 3 if a file was refused.
    """
    chosen = [*(paths or []), *([SAMPLES] if bundled else [])]
    if not chosen:
        raise UsageError(
            "missing_option", "nothing to import", expected="a file, a folder, or --bundled"
        )
    given = _given(exchange, pairs, interval)
    bars = open_home(home, config).bars
    files = [file for path in chosen for file in data_files(path)]
    with progress("importing", len(files)) as step:
        outcomes = import_paths(bars, files, given, overwrite=overwrite, progress=step)
    refused = _refused(outcomes, chosen)
    emit(report.import_document(outcomes), as_json, lambda: report.show_import(outcomes))
    return RefusedError.exit_code if refused else 0


app.command("download")(download)


@app.command("list")
def list_(
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the kept series with their bars, first and last time."""
    opened, wanted = open_home(home, config), _given(exchange, None, interval)
    series = _matching(opened, wanted, read_pairs(pairs))
    emit(report.series_document(series), as_json, lambda: report.show_series(series))


@app.command("audit")
def audit_(
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Report what is odd: order, gaps, impossible bars, outliers, dead volume. Fills nothing.

    Exit code 3 if there are findings.
    """
    opened = open_home(home, config)
    wanted, chosen = _given(exchange, None, interval), read_pairs(pairs)
    series = _matching(opened, wanted, chosen)
    if not series:
        raise _nothing_kept(opened, wanted, chosen)
    audits = []
    with progress("auditing", len(series)) as step:
        for done, info in enumerate(series, start=1):
            bars = opened.bars.read(info.exchange, info.pair, info.interval)
            audits.append((info, audit(bars, volumes=not info.exchange.endswith(MARK_SUFFIX))))
            step(done)
    emit(report.audit_document(audits), as_json, lambda: report.show_audit(audits))
    return RefusedError.exit_code if any(findings for _, findings in audits) else 0


@app.command()
def export(
    file: OutArgument = None,
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    timerange: TimerangeOption = None,
    to_interval: ResampleOption = None,
    overwrite: OverwriteOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one series to a file that an import reads back the same."""
    from tradepulse.marketdata.exporting import export_bars

    start, end = read_timerange(timerange)
    opened = open_home(home, config)
    info = _one(opened, _given(exchange, None, interval), read_pairs(pairs))
    bars = opened.bars.read(info.exchange, info.pair, info.interval, start, end)
    bars = resample(bars, to_interval) if to_interval else bars
    if len(bars) == 0:
        raise DataError(
            "empty", "no bars in that range", expected=report.span(info.first, info.last),
            found=timerange or to_interval,
        )  # fmt: skip
    target = file or Path(_default_name(info, bars))
    export_bars(bars, target, overwrite=overwrite)
    document = report.export_document(info, bars, target)
    emit(document, as_json, lambda: show_lines([f"{len(bars):,} bars in {target}"]))


def _given(exchange: str | None, pairs: Sequence[str] | None, interval: str | None) -> Given:
    chosen = read_pairs(pairs)
    if len(chosen) > 1:
        raise UsageError(
            "bad_value", "files hold one pair each", expected="one --symbol",
            found=", ".join(map(str, chosen)),
        )  # fmt: skip
    name = exchange.lower() if exchange else None
    length = Interval.parse(interval) if interval else None
    return Given(name, chosen[0] if chosen else None, length)


def _refused(outcomes: list[Outcome], chosen: list[Path]) -> list[RefusedFile]:
    """The refused files; the error itself where one file was asked for and nothing was kept."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedFile)]
    if len(outcomes) == len(refused) == 1 and len(chosen) == 1 and chosen[0].is_file():
        raise refused[0].error
    return refused


def _matching(opened: App, wanted: Given, pairs: list[Pair]) -> list[SeriesInfo]:
    interval = wanted.interval
    matching = [
        info
        for info in opened.bars.series()
        if wanted.exchange in (None, info.exchange)
        and (not pairs or info.pair in {str(traded_pair(info.exchange, p)) for p in pairs})
        and (interval is None or info.interval == str(interval))
    ]
    if not matching and (wanted != Given() or pairs):
        raise _nothing_kept(opened, wanted, pairs)
    return matching


def _nothing_kept(opened: App, wanted: Given, pairs: list[Pair]) -> NotFoundError:
    known = [(info.exchange, info.pair, info.interval) for info in opened.bars.series()]
    interval = str(wanted.interval) if wanted.interval else None
    return missing_series(wanted.exchange, str(pairs[0]) if pairs else None, interval, known)


def _one(opened: App, wanted: Given, pairs: list[Pair]) -> SeriesInfo:
    matching = _matching(opened, wanted, pairs)
    if not matching:
        raise _nothing_kept(opened, wanted, pairs)
    if len(matching) > 1:
        names = [f"{m.exchange} {m.pair} {m.interval}" for m in matching]
        raise UsageError(
            "ambiguous_series", f"{len(names)} series match", expected="one series",
            found="; ".join(names[:5]), hint="narrow it with --exchange, --symbol, --interval",
        )  # fmt: skip
    return matching[0]


def _default_name(info: SeriesInfo, bars: BarSeries) -> str:
    symbol = re.sub("[/:]", "-", info.pair)
    return f"{info.exchange}-{symbol}-{Interval(bars.interval_ms)}.parquet"
