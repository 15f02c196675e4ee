"""`tradepulse strategies`: find, read, write and test strategies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import (
    ConfigOption,
    ExchangeOption,
    HomeOption,
    IntervalOption,
    JsonOption,
    PairsOption,
    ParameterOption,
    StrategyOption,
    TimerangeOption,
    only_pair,
    read_parameters,
    read_timerange,
    required,
)  # fmt: skip
from tradepulse.cli.output import emit, show_lines, show_table
from tradepulse.domain.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from tradepulse.domain.bars import BarSeries
    from tradepulse.strategies.registry import Registry, StrategyEntry
    from tradepulse.training.bench import BenchReport

app = typer.Typer(help="List, show, write and test strategies.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A strategy, in any case.")]
NewNameArgument = Annotated[
    str | None, typer.Argument(metavar="NAME", help="What to call it.", show_default=False)
]
REFUSED = 3


@app.command("list")
def list_strategies(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """List the strategies that can be used, and the files that cannot, with the reason.

    The list is the answer, so a bad file does not make it a no; `doctor` fails on one.
    """
    from tradepulse.bootstrap import open_home

    registry = open_home(home, config).registry
    document = {
        "items": [_summary(entry) for entry in registry],
        "problems": [
            {"source": p.source, "code": p.code, "message": p.message} for p in registry.problems
        ],
    }
    emit(document, as_json, lambda: _show_list(registry))


@app.command()
def show(
    name: NameArgument, parameters: ParameterOption = None, home: HomeOption = None,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show a strategy: what it does, its parameters, and its signal graph."""
    from tradepulse.bootstrap import open_home
    from tradepulse.signals.drawing import draw

    entry = open_home(home, config).registry.find(name)
    made = entry.strategy(read_parameters(parameters))
    document = {
        **_summary(entry), "values": made.parameters, "graph_hash": made.graph.hash,
        "drawing": draw(made.graph),
    }  # fmt: skip
    emit(document, as_json, lambda: _show_one(document))


@app.command()
def new(
    name: NewNameArgument = None, strategy: StrategyOption = None, home: HomeOption = None,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Write a working strategy file into the home's strategies folder."""
    from tradepulse.bootstrap import open_home
    from tradepulse.strategies.template import new_strategy

    opened = open_home(home, config)
    wanted = name or strategy or ""
    required({"NAME": wanted or None})
    snake, source = new_strategy(wanted)
    if any(entry.name == snake for entry in opened.registry):
        raise RefusedError("strategy_exists", f"there is a strategy {snake!r} already",
                           expected="a new name", found=snake)  # fmt: skip
    path = opened.home.strategies / f"{snake}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(source)
    except FileExistsError:
        raise RefusedError("strategy_exists", f"{path} exists already",
                           expected="a name without a file", found=str(path)) from None  # fmt: skip
    lines = [f"wrote {path}", f"next: tradepulse strategies test {snake}"]
    emit({"name": snake, "path": path}, as_json, lambda: show_lines(lines))


@app.command("test")
def run_tests(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A strategy or its file.")],
    parameters: ParameterOption = None,
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    timerange: TimerangeOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Test a strategy on real bars: the laws of causality, warm-up, trades a year, time per bar.

    Uses the home's bars, or a bundled series where there are none. Exits 3 when a law is broken.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.signals.program import required_columns
    from tradepulse.training.bench import run_bench

    opened = open_home(home, config)
    made = _strategy(opened.registry, name)(read_parameters(parameters))
    where, bars = _bench_bars(
        opened, exchange, only_pair(pairs), interval, required_columns(made.graph)
    )
    start, end = read_timerange(timerange)
    ready_kernels()
    report = run_bench(made, bars.between(start, end))
    document = {**report.as_dict(), "bars_from": where}
    emit(document, as_json, lambda: _show_report(report, where))
    return 0 if report.passed else REFUSED


def _strategy(registry: Registry, name: str) -> Any:
    if not name.endswith(".py"):
        return registry.get(name)
    from tradepulse.strategies.registry import load_file, strategies_of

    path = Path(name).expanduser()
    if not path.is_file():
        raise NotFoundError(
            "file_not_found", f"there is no file {name}", expected="a strategy file", found=name
        )
    found = strategies_of(load_file(path))
    if not found:
        raise NotFoundError("no_strategy", f"{name} defines no strategy",
                            expected="a subclass of Strategy", found="none")  # fmt: skip
    return found[0]


def _bench_bars(
    opened: Any, exchange: str | None, pair: str | None, interval: str | None,
    columns: tuple[str, ...],
) -> tuple[str, BarSeries]:  # fmt: skip
    from tradepulse.domain.instrument import Pair
    from tradepulse.marketdata.funding_column import with_inputs
    from tradepulse.marketdata.history import choose_series, load_history
    from tradepulse.marketdata.samples import bundled_files, read_bundled

    known = opened.bars.series()
    if not known and not (exchange or pair or interval):
        sample = bundled_files()[0]
        where = f"bundled {sample.parent.parent.name} {sample.parent.name}"
        return where, with_inputs(read_bundled(sample), columns, None)
    if not (exchange or pair or interval):
        longest = max(known, key=lambda item: item.bars)
        exchange, pair, interval = longest.exchange, longest.pair, longest.interval
    wanted = None if pair is None else Pair.parse(pair)
    choice = choose_series(known, exchange, wanted, interval)
    where = f"{choice.kept.exchange} {choice.kept.pair} {choice.interval}"
    return where, load_history(opened.bars, choice, columns=columns).bars


def _summary(entry: StrategyEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "description": entry.strategy.description(),
        "parameters": entry.strategy.schema()["properties"],
        "source": entry.source,
    }


def _show_list(registry: Registry) -> None:
    rows = [
        (entry.name, entry.source, ", ".join(entry.strategy.declared),
         " ".join(entry.strategy.description().split("\n\n")[0].split()))
        for entry in registry
    ]  # fmt: skip
    show_table(None, ("name", "source", "parameters", "what it does"), rows)
    if registry.problems:
        problems = [(p.source, p.code, p.message) for p in registry.problems]
        show_table("Not usable", ("file", "code", "why"), problems)


def _show_one(document: dict[str, Any]) -> None:
    show_lines([document["name"], "", document["description"], ""])
    rows = [
        (name, document["values"][name], item.get("minimum", item.get("enum")),
         item.get("maximum"), item.get("search", {}).get("low"), item.get("search", {}).get("high"))
        for name, item in document["parameters"].items()
    ]  # fmt: skip
    show_table("Parameters", ("name", "value", "least", "most", "search from", "to"), rows)
    show_lines([document["drawing"]])


def _show_report(report: BenchReport, where: str) -> None:
    show_table(f"{report.strategy} on {where}", ("check", "result", "detail"), report.rows())
