"""`tradepulse lookahead`: does a strategy know what it cannot know yet?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.choices import StrategyArgument, strategy_named
from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import (
    ConfigOption,
    ExchangeOption,
    HomeOption,
    IntervalOption,
    JsonOption,
    PairsOption,
    ParameterOption,
    SeedOption,
    StrategyOption,
    TimerangeOption,
    only_pair,
    read_parameters,
    read_timerange,
)
from tradepulse.cli.output import emit, show_lines, show_table, time_text
from tradepulse.domain.errors import DataError, NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.bars import BarSeries
    from tradepulse.strategies.strategy import Strategy
    from tradepulse.training.lookahead import LookaheadReport

BarsOption = Annotated[
    Path | None,
    typer.Option(
        "--bars",
        help="Check on the bars of this file. Parquet and CSV with open_time, open, high, low, "
        "close, volume keep their further columns, which kept bars cannot have.",
        show_default=False,
    ),
]
QuickOption = Annotated[
    bool, typer.Option("--quick", help="Fewer moments, no flags: the check that training makes.")
]
_TABLES = (".parquet", ".csv")


def command(
    name: StrategyArgument = None,
    strategy: StrategyOption = None,
    parameters: ParameterOption = None,
    bars_file: BarsOption = None,
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    timerange: TimerangeOption = None,
    seed: SeedOption = 0,
    quick: QuickOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check that a strategy, its indicators and its columns know no later bar; exit 3 if they do.

    On the home's bars, a file's (--bars), or a bundled series where there are none. Columns are
    computed by the strategy's own columns(bars) where it has one.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.training.lookahead import check_lookahead

    app = open_home(home, config)
    made = strategy_named(app, name, strategy)(read_parameters(parameters))
    if bars_file is not None and (exchange or pairs):
        raise UsageError(
            "conflicting_options", "a file is one market by itself",
            expected="--bars, or --exchange and --pairs", found="both",
        )  # fmt: skip
    if bars_file is not None:
        where, bars = str(bars_file), _bars_of_file(bars_file, interval)
    else:
        where, bars = _kept_bars(app, made, exchange, only_pair(pairs), interval)
    start, end = read_timerange(timerange)
    bars = bars.between(start, end)
    ready_kernels()
    report = check_lookahead(made, bars, seed=seed, quick=quick)
    document = {
        **report.as_dict(), "parameters": made.parameters, "bars_from": where, "bars": len(bars),
        "start": int(bars.open_time[0]), "end": int(bars.open_time[-1]),
    }  # fmt: skip
    emit(document, as_json, lambda: _show(report, where))
    return 0 if report.clean else RefusedError.exit_code


def _bars_of_file(path: Path, interval: str | None) -> BarSeries:
    """The bars of a table with its further numbers as columns, or of any file that imports."""
    from tradepulse.marketdata.reading import read_file

    path = path.expanduser()
    if not path.is_file():
        raise NotFoundError("file_not_found", f"there is no file {path}",
                            expected="a file of bars", found=str(path))  # fmt: skip
    if path.suffix.lower() in _TABLES:
        frame = _table(path)
        if {"open_time", "ts"} & set(frame.columns):
            from tradepulse.marketdata.validate import as_bar_series

            return as_bar_series(frame, interval, any_start=True)
    return read_file(path, interval=interval)


def _table(path: Path) -> Any:
    import polars
    from polars import selectors

    try:
        is_csv = path.suffix.lower() == ".csv"
        frame = polars.read_csv(path, try_parse_dates=True) if is_csv else polars.read_parquet(path)
    except polars.exceptions.PolarsError as error:
        raise DataError("corrupt_file", f"{path.name} cannot be read",
                        expected="a table of bars", found=str(error)) from error  # fmt: skip
    # Names of symbols and notes stand beside numbers in many files; they are no input.
    return frame.select(selectors.numeric() | selectors.temporal() | selectors.boolean())


def _kept_bars(
    app: App, strategy: Strategy, exchange: str | None, pair: str | None, interval: str | None
) -> tuple[str, BarSeries]:
    """The series asked for, else the longest kept, else a bundled one; and what it is called."""
    from tradepulse.domain.instrument import Pair
    from tradepulse.marketdata.history import choose_series, load_history
    from tradepulse.marketdata.samples import bundled_files, read_bundled
    from tradepulse.signals.program import required_columns

    known = app.bars.series()
    if not known and not (exchange or pair or interval):
        sample = bundled_files()[-1]
        return f"bundled {sample.parent.parent.name} {sample.parent.name}", read_bundled(sample)
    if not (exchange or pair or interval):
        longest = max(known, key=lambda item: item.bars)
        exchange, pair, interval = longest.exchange, longest.pair, longest.interval
    wanted = None if pair is None else Pair.parse(pair)
    choice = choose_series(known, exchange, wanted, interval)
    own = callable(getattr(strategy, "columns", None))
    columns = () if own else required_columns(strategy.graph)
    where = f"{choice.kept.exchange} {choice.kept.pair} {choice.interval}"
    return where, load_history(app.bars, choice, columns=columns).bars


def _show(report: LookaheadReport, where: str) -> None:
    show_table(f"{report.strategy} on {where}", ("check", "result", "detail"), report.checks)
    if report.clean:
        show_lines(["clean: nothing found that knows a later bar"])
        return
    place = "" if report.first_bar is None else (
        f", first on bar {report.first_bar:,} ({time_text(report.first_time)} UTC)")  # fmt: skip
    show_lines([f"LEAK in {report.column or 'the graph'}{place}"])
    show_lines(f"  {leak.message}" for leak in report.findings)
