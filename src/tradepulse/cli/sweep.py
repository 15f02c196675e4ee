"""`tradepulse sweep`: try a grid of parameters and keep what was found, every trial included."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.choices import (
    RuleOption,
    StrategyArgument,
    histories,
    rules_for,
    strategy_named,
)
from tradepulse.cli.configs import as_document, show_configurations
from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import (
    CashOption,
    ConfigOption,
    ExchangeOption,
    FeeOption,
    GridOption,
    HomeOption,
    IntervalOption,
    JobsOption,
    JsonOption,
    PairsOption,
    SeedOption,
    StrategyOption,
    TimerangeOption,
    TrialsOption,
    read_grid,
)
from tradepulse.cli.output import emit, progress, say, wall_clock_ms
from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.marketdata.history import MarketHistory
    from tradepulse.training.search import SearchRequest, SearchResult

ObjectiveOption = Annotated[
    str, typer.Option("--objective", help="The metric whose highest value wins.")
]
DEFAULT_TRIALS = 200


def command(
    name: StrategyArgument = None,
    strategy: StrategyOption = None,
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    timerange: TimerangeOption = None,
    grid: GridOption = None,
    trials: TrialsOption = None,
    seed: SeedOption = 0,
    objective: ObjectiveOption = "sharpe",
    fee: FeeOption = None,
    cash: CashOption = None,
    rules: RuleOption = None,
    jobs: JobsOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try many parameter sets on each pair; store every trial and the best set of each pair.

    Without --grid random sets of the strategy's own search ranges are tried, --trials of them.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.signals.program import required_columns
    from tradepulse.training.sampling import random_sets
    from tradepulse.training.search import SearchRequest

    started = time.perf_counter()
    app = open_home(home, config)
    if grid and trials is not None:
        raise UsageError(
            "conflicting_options", "a grid says by itself how many sets there are",
            expected="--grid or --trials", found="both",
        )  # fmt: skip
    wanted = strategy_named(app, name, strategy)
    values = read_grid(grid) or random_sets(wanted, trials or DEFAULT_TRIALS, seed)
    columns = required_columns(wanted().graph)
    ready_kernels()
    results = []
    for history in histories(app, exchange, pairs, interval, timerange, columns=columns):
        instrument, length = history.choice.instrument, str(history.choice.interval)
        agreed = rules_for(instrument.pair, rules, fee, cash)
        request = SearchRequest(
            wanted, instrument.exchange, str(instrument.pair), length, values, agreed,
            objective, jobs,
        )  # fmt: skip
        results.append(search(app, request, history))
    document = {
        "strategy": wanted.name,
        "trials": sum(result.trials for result in results),
        "seconds": round(time.perf_counter() - started, 3),
        "items": [as_document(result.configuration) for result in results],
    }
    emit(document, as_json, lambda: show_configurations([r.configuration for r in results]))


def search(app: App, request: SearchRequest, history: MarketHistory) -> SearchResult:
    """The stored result of one search, with its progress on stderr."""
    from tradepulse.storage.searches import search_and_store

    label = f"{request.strategy.name} on {request.exchange} {request.pair} {request.interval}"
    say(f"{label}: {len(history.bars):,} bars")
    with progress(label, 100) as step:
        return search_and_store(
            app.database, request, history.bars, wall_clock_ms,
            # As a replay is charged. Mark prices are left out there too, so that both agree.
            funding=history.inputs["funding"],
            progress=lambda done, total: step(int(100 * done / total)),
        )  # fmt: skip
