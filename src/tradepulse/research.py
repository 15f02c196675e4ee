"""What `import tradepulse as tp` offers: load bars, backtest, sweep, a portfolio of strategies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tradepulse.domain.bars import OHLCV, BarSeries
from tradepulse.domain.errors import DataError, NotFoundError, UsageError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import MINUTE_MS, Interval
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.marketdata.validate import as_bar_series
from tradepulse.signals.declaration import Signals
from tradepulse.signals.indicator import indicator
from tradepulse.signals.market import Bars
from tradepulse.signals.program import required_columns
from tradepulse.simulation.backtest import BacktestResult, simulate_arrays
from tradepulse.simulation.funding import read_funding
from tradepulse.simulation.graph_run import drawn_graph, run_graph
from tradepulse.simulation.metrics import COUNTS, METRICS, as_dict
from tradepulse.simulation.rules import Rules, read_rules
from tradepulse.simulation.sizing import FixedQuote, FractionOfEquity, RiskPerTrade
from tradepulse.strategies.parameters import Bool, Choice, Float, Int
from tradepulse.strategies.registry import Registry, load_file, strategies_of
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.grid import Grid
from tradepulse.training.sweep import sweep as run_sweep

if TYPE_CHECKING:
    import polars

    from tradepulse.engine.portfolio_backtest import PortfolioResult
    from tradepulse.training.ledger import TrainProgress
    from tradepulse.training.lookahead import LookaheadReport
    from tradepulse.training.train import TrainResult

__all__ = [
    "BacktestResult", "Bars", "Bool", "Choice", "FixedQuote", "Float", "FractionOfEquity", "Int",
    "RiskPerTrade", "Rules", "Signals", "Strategy", "backtest", "backtest_portfolio", "indicator",
    "load_bars", "lookahead", "simulate", "sweep", "train",
]  # fmt: skip

StrategyLike = str | Path | Strategy | type[Strategy]
Moment = int | str | date | datetime | None


def load_bars(
    path_or_store: Any = None, symbol: str | None = None, interval: str | None = None,
    start: Moment = None, end: Moment = None, *, exchange: str | None = None,
) -> polars.DataFrame:  # fmt: skip
    """A Polars frame `open_time, open, high, low, close, volume`, checked, times in [start, end).

    From one file of any format `data import` reads, from a bar store or its folder (`symbol` and
    `interval` then name the series, `exchange` where several have it), or without a first argument
    from the home's own store. Times: UTC milliseconds, ISO text, dates. Errors `file_not_found`,
    `symbol_not_found`, `inverted_range`, and those of the checks.
    """
    bars = _read_bars(path_or_store, symbol, interval, exchange)
    first, last = _moment(start), _moment(end)
    if first is not None and last is not None and first >= last:
        raise UsageError("inverted_range", "the range ends before it starts",
                         expected="start before end", found=f"{start} to {end}")  # fmt: skip
    return as_frame(bars.between(first, last))


def as_frame(bars: BarSeries) -> polars.DataFrame:
    """The bars as a Polars frame, extra columns behind."""
    import polars

    columns = {"open_time": bars.open_time} | {name: getattr(bars, name) for name in OHLCV}
    return polars.DataFrame(columns | dict(bars.columns))


def _moment(value: Moment) -> int | None:
    if value is None or isinstance(value, (int, np.integer)):
        return None if value is None else int(value)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise UsageError("bad_timerange", f"{value!r} is not a time",
                         expected="UTC milliseconds or ISO text such as 2024-01-31",
                         found=repr(value)) from error  # fmt: skip
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(zoned.timestamp() * 1000)


def _read_bars(
    source: Any, symbol: str | None, interval: str | None, exchange: str | None
) -> BarSeries:
    if source is not None and not hasattr(source, "series"):
        path = Path(source).expanduser()
        if not path.exists():
            raise NotFoundError(
                "file_not_found", f"there is no file or folder {path}",
                expected="a file of bars or a store's folder", found=str(path),
            )  # fmt: skip
        if path.is_file():
            from tradepulse.marketdata.reading import read_file

            return read_file(path, symbol=symbol, interval=interval, exchange=exchange)
        from tradepulse.bootstrap import open_store

        source = open_store(path)
    if source is None:
        from tradepulse.bootstrap import open_home

        source = open_home().bars
    return _read_store(source, symbol, interval, exchange)


def _read_store(
    store: Any, symbol: str | None, interval: str | None, exchange: str | None
) -> BarSeries:
    from tradepulse.marketdata.history import choose_series

    pair = None if symbol is None else Pair.parse(symbol)
    choice = choose_series(store.series(), exchange, pair, interval)
    series: BarSeries = store.read(choice.kept.exchange, choice.kept.pair, choice.interval)
    return series


def resolve_strategy(strategy: StrategyLike, registry: Registry | None = None) -> type[Strategy]:
    """The class behind a name, a file, a class or an instance."""
    if isinstance(strategy, Strategy):
        return type(strategy)
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return strategy
    if isinstance(strategy, Path) or (isinstance(strategy, str) and strategy.endswith(".py")):
        found = strategies_of(load_file(Path(strategy)))
        if len(found) != 1:
            raise DataError("no_strategy", f"{strategy} does not define one strategy",
                            expected="one subclass of Strategy", found=str(len(found)))  # fmt: skip
        return found[0]
    if isinstance(strategy, str):
        return (registry or _registry(strategy)).get(strategy)
    raise UsageError("bad_strategy", "this is not a strategy",
                     expected="a name, a file, a Strategy class or instance",
                     found=type(strategy).__name__)  # fmt: skip


def _registry(name: str) -> Registry:
    """The shipped strategies, or with the home's own where `name` is none of them."""
    shipped = Registry()
    if any(entry.name == name.strip().lower() for entry in shipped):
        return shipped
    from tradepulse.bootstrap import open_home

    return open_home().registry


def _instance(strategy: StrategyLike, parameters: Mapping[str, Any] | None) -> Strategy:
    if isinstance(strategy, Strategy) and not parameters:
        return strategy
    before = strategy.parameters if isinstance(strategy, Strategy) else {}
    return resolve_strategy(strategy)({**before, **(parameters or {})})


def _bars(data: Any) -> BarSeries:
    return as_bar_series(data, any_start=True)


def _with_inputs(bars: BarSeries, strategy: Strategy, funding: Any) -> BarSeries:
    """The bars with the funding rate as a column, where the strategy reads it."""
    columns = required_columns(strategy.graph)
    known = FundingSeries(*read_funding(funding)) if columns and funding is not None else None
    return with_inputs(bars, columns, known)


def _detail(data: Any, bars: BarSeries) -> BarSeries | None:
    """Finer bars; of one alone the interval cannot be told, and a minute is the usual one."""
    fine = "1m" if bars.interval_ms > MINUTE_MS else "1s"
    return None if data is None else _beside(data, fine)


def _mark(data: Any, bars: BarSeries) -> BarSeries | None:
    return None if data is None else _beside(data, Interval(bars.interval_ms), volume=False)


def _beside(data: Any, fallback: str | Interval, *, volume: bool = True) -> BarSeries:
    try:
        return as_bar_series(data, any_start=True, volume=volume)
    except DataError as error:
        if error.code != "cannot_infer":
            raise
        return as_bar_series(data, fallback, any_start=True, volume=volume)


def backtest(
    strategy: StrategyLike, bars: Any, parameters: Mapping[str, Any] | None = None,
    rules: Rules | Mapping[str, Any] | None = None, detail: Any = None, funding: Any = None,
    mark: Any = None,
) -> BacktestResult:  # fmt: skip
    """The result of a strategy on bars: `.trades`, `.equity`, `.metrics`, `.open_position`.

    `detail`: finer bars that decide bars touching both stop and target; `funding` and `mark`: for
    perpetuals, marks without volume too. A name is looked up among the shipped strategies, then in
    the home's. The first bar may open at any time; the others keep its rhythm. Errors
    `strategy_not_found`, `file_not_found`, `unknown_parameter`, `bad_parameter`, `bad_rules`, and
    those of the bars' checks.
    """
    made, series = _instance(strategy, parameters), _bars(bars)
    result = run_graph(
        made.graph, _with_inputs(series, made, funding), read_rules(rules),
        detail=_detail(detail, series), funding=funding, mark=_mark(mark, series),
    )  # fmt: skip
    return replace(result, about={"strategy": made.name, "parameters": made.parameters})


def simulate(
    bars: Any, signals: Mapping[str, Any], rules: Rules | Mapping[str, Any] | None = None,
    detail: Any = None, funding: Any = None, mark: Any = None,
) -> BacktestResult:  # fmt: skip
    """The result of signals given as arrays by name (`enter_long`, `stop`, …) or as a frame.

    Absent, NaN and None are none, and not true. Errors `unknown_column`, `bad_signal`,
    `signal_length`, and those of `backtest`.
    """
    series = _bars(bars)
    return simulate_arrays(
        series, signals, rules, detail=_detail(detail, series), funding=funding,
        mark=_mark(mark, series),
    )  # fmt: skip


def sweep(
    strategy: StrategyLike, bars: Any, grid: Grid, rules: Rules | Mapping[str, Any] | None = None,
    *, funding: Any = None, detail: Any = None, mark: Any = None, workers: int | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> polars.DataFrame:  # fmt: skip
    """A Polars frame, a row a combination: its parameters, then every metric (null: not defined).

    `grid`: name → values (all combinations), or a list of parameter mappings.
    """
    import polars

    wanted = resolve_strategy(strategy)
    series = _with_inputs(_bars(bars), wanted(), funding)
    batches = list(
        run_sweep(
            wanted, series, grid, read_rules(rules), funding=funding,
            detail=_detail(detail, series), mark=_mark(mark, series), workers=workers,
            progress=progress,
        )
    )  # fmt: skip
    parameters = [values for batch in batches for values in batch.parameters]
    metrics = [as_dict(row) for batch in batches for row in batch.metrics]
    columns = {name: [row[name] for row in parameters] for name in parameters[0]}
    # Said, because a metric that no set has would be a column without a type.
    schema = {name: polars.Int64 if name in COUNTS else polars.Float64 for name in METRICS}
    return polars.DataFrame(
        columns | {name: [row[name] for row in metrics] for name in METRICS},
        schema_overrides=schema,
    )


def train(
    strategy: StrategyLike, bars: Any, *, rules: Rules | Mapping[str, Any] | None = None,
    symbol: str = "BARS/USDT", exchange: str = "notebook", funding: Any = None, now_ms: int = 0,
    progress: Callable[[TrainProgress], None] | None = None, **options: Any,
) -> TrainResult:  # fmt: skip
    """The best configuration by its plateau, with its evidence and study, honestly judged.

    `options` are those of `TrainSpec`: `search` (grid, random, tpe, cmaes, nsga2), `trials`,
    `folds`, `seed`, `grid`, `fixed`, `objectives`, `constraints`, `permutations`, … The result has
    `.configuration`, `.evidence`, `.study` and `.report(path)`. Trials are kept in memory: what is
    tried here in another call is not counted, so for money train in a home (`tradepulse train`).
    """
    from tradepulse.training.ledger import MemoryLedger
    from tradepulse.training.spec import TrainSpec
    from tradepulse.training.train import train as run_train
    from tradepulse.training.windows import Dataset

    made, series, agreed = resolve_strategy(strategy), _bars(bars), read_rules(rules)
    pair = str(Pair.parse(symbol))
    spec = TrainSpec.from_json({
        **options, "strategy": made.name, "exchange": exchange, "pair": pair,
        "interval": str(Interval(series.interval_ms)), "rules": agreed,
    })  # fmt: skip
    data = Dataset(_with_inputs(series, made(), funding), agreed, funding)
    return run_train(spec, made, data, MemoryLedger(progress), job_id="notebook", now_ms=now_ms)


def lookahead(
    strategy: StrategyLike, bars: Any, parameters: Mapping[str, Any] | None = None, *,
    funding: Any = None, seed: int = 0,
) -> LookaheadReport:  # fmt: skip
    """Whether the strategy, on these bars, knows anything it cannot know yet (`.verdict`)."""
    from tradepulse.training.lookahead import check_lookahead

    made = _instance(strategy, parameters)
    return check_lookahead(made, _with_inputs(_bars(bars), made, funding), seed=seed)


def backtest_portfolio(
    items: Any, cash: float, max_open_trades: int | None = None,
    limits: Mapping[str, Any] | None = None, *, protections: Mapping[str, Any] | None = None,
) -> PortfolioResult:  # fmt: skip
    """Many strategies on one clock and one wallet: trades with their pair, equity, metrics.

    `items`: (strategy, bars) or (strategy, bars, rules) or a mapping with `strategy`, `bars` and,
    optionally, `parameters`, `rules`, `pair`, `funding`, `mark`, `detail`. `protections`: pauses
    after bad trades, such as `{"cool_down": {"minutes": 60}}`; their names and defaults are those
    of the settings' section `risk.protections`.
    """
    from tradepulse.engine.portfolio_backtest import backtest_portfolio as run
    from tradepulse.exchanges.paper import PaperExchange

    items = [_item(item) for item in items]
    return run(
        items, cash, max_open_trades, limits, protections=protections, exchange=PaperExchange
    )


def _item(item: Any) -> dict[str, Any]:
    names = ("strategy", "bars", "rules")
    given = dict(item) if isinstance(item, Mapping) else dict(zip(names, item, strict=False))
    if not {"strategy", "bars"} <= given.keys():
        raise UsageError("bad_item", "a portfolio item lacks its strategy or bars",
                         expected="(strategy, bars), (strategy, bars, rules) or a mapping",
                         found=", ".join(given) or "nothing")  # fmt: skip
    made = _instance(given.pop("strategy"), given.pop("parameters", None))
    bars = _with_inputs(_bars(given["bars"]), made, given.get("funding"))
    rules = read_rules(given.get("rules"))
    return {
        **given,
        "graph": drawn_graph(made.graph, rules),
        "bars": bars,
        "rules": rules,
        "detail": _detail(given.get("detail"), bars),
        "mark": _mark(given.get("mark"), bars),
    }
