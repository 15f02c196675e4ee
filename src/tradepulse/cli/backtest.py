"""`tradepulse backtest`: one strategy over kept bars, or over several pairs as one portfolio."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.choices import (
    RuleOption,
    StrategyArgument,
    histories,
    rules_for,
    strategy_named,
)
from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import (
    CashOption,
    ConfigOption,
    DetailOption,
    ExchangeOption,
    FeeOption,
    HomeOption,
    IntervalOption,
    JsonOption,
    PairsOption,
    ParameterOption,
    StrategyOption,
    TimerangeOption,
    read_parameters,
)
from tradepulse.cli.output import emit, show_lines, show_table, time_text
from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from tradepulse.marketdata.history import MarketHistory
    from tradepulse.simulation.result import BacktestResult
    from tradepulse.simulation.rules import Rules
    from tradepulse.strategies.strategy import Strategy

OpenTradesOption = Annotated[
    int | None,
    typer.Option("--max-open-trades", min=1, help="Positions at once, over all pairs."),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", help="Also write the run as one HTML page.", show_default=False),
]
# Trades shown to people; --json has them all.
SHOWN_TRADES = 20


def command(
    name: StrategyArgument = None,
    strategy: StrategyOption = None,
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    timerange: TimerangeOption = None,
    parameters: ParameterOption = None,
    detail: DetailOption = None,
    fee: FeeOption = None,
    cash: CashOption = None,
    rules: RuleOption = None,
    max_open_trades: OpenTradesOption = None,
    html: HtmlOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a strategy over kept bars, signals at the close and fills from the next open on.

    Several pairs share one wallet and one clock: a portfolio backtest.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.signals.program import required_columns

    app = open_home(home, config)
    made = strategy_named(app, name, strategy)(read_parameters(parameters))
    columns = required_columns(made.graph)
    found = histories(app, exchange, pairs, interval, timerange, detail, columns)
    ready_kernels()
    agreed = [rules_for(h.choice.instrument.pair, rules, fee, cash) for h in found]
    if len(found) > 1 or max_open_trades is not None:
        if html is not None:
            raise UsageError(
                "conflicting_options", "a page shows one strategy on one pair",
                expected="--html with one pair and without --max-open-trades",
                found=f"{len(found)} pairs",
            )  # fmt: skip
        from tradepulse.cli.portfolio_report import run_portfolio

        run_portfolio(made, found, agreed, max_open_trades, as_json)
        return
    from tradepulse.research import backtest

    result = backtest(made, found[0].bars, rules=agreed[0], **found[0].inputs)
    document = result_document(made, found[0], agreed[0], result)
    if html is not None:
        document["html"] = write_page(document, result, html)
    emit(document, as_json, lambda: _show(document, result))


def write_page(document: dict[str, Any], result: BacktestResult, file: Path) -> Path:
    """The page of a run, written to `file`; `document` names what was run."""
    from tradepulse.signals.jit import code_version

    named = ("strategy", "parameters", "instrument", "interval", "data_fingerprint",
             "configuration_hash")  # fmt: skip
    about = {name: document[name] for name in named} | {"code_version": code_version()}
    return replace(result, about=about).plot().save(file)


def result_document(
    made: Strategy, history: MarketHistory, rules: Rules, result: BacktestResult
) -> dict[str, Any]:
    """The answer of a backtest as a JSON object."""
    from tradepulse.domain.configuration import hash_configuration
    from tradepulse.simulation.funding import data_fingerprint
    from tradepulse.training.windows import graph_of

    choice, bars = history.choice, history.bars
    instrument, length = choice.instrument, str(choice.interval)
    graph = graph_of(type(made), made.parameters, rules)
    return {
        "strategy": made.name,
        "parameters": made.parameters,
        "instrument": str(instrument),
        "interval": length,
        "resampled_from": choice.resampled_from,
        "bars": len(bars),
        "start": int(bars.open_time[0]),
        "end": int(bars.open_time[-1]),
        "data_fingerprint": data_fingerprint(bars, **history.inputs),
        "configuration_hash": hash_configuration(
            made.name, made.parameters, graph.hash, instrument.exchange, str(instrument.pair),
            length, rules.as_json(),
        ),
        "rules": rules.as_json(),
        "metrics": result.metrics,
        "trades": result.trades.to_dicts(),
        "open_position": result.open_position,
        "refusals": result.refusals,
        "low_fidelity": result.low_fidelity,
    }  # fmt: skip


def _show(document: dict[str, Any], result: BacktestResult) -> None:
    source = document["resampled_from"]
    made_of = f", made of {source} bars" if source else ""
    show_lines(
        [
            f"{document['strategy']} on {document['instrument']} {document['interval']}{made_of}",
            f"{document['bars']:,} bars, {time_text(document['start'])} to "
            f"{time_text(document['end'])} UTC",
        ]
    )
    show_table("Metrics", ("metric", "value"), document["metrics"].items(), right=("value",))
    show_trades(document["trades"])
    if document["open_position"] is not None:
        show_table("Open position", ("", ""), document["open_position"].items())
    if result.refusals:
        show_table("Entries refused", ("reason", "count"), result.refusals.items())
    if "html" in document:
        show_lines([f"page: {document['html']}"])
    if result.low_fidelity:
        show_lines(["LOW_FIDELITY: over 2 % of exits were decided by assumption; give --detail."])


def show_trades(trades: list[dict[str, Any]]) -> None:
    """Prints the last trades of a backtest."""
    columns = ("entry", "side", "quantity", "price in", "exit", "price out", "reason", "pnl", "%")
    rows = [
        (
            time_text(t["entry_time"]), t["side"], t["quantity"], t["entry_price"],
            time_text(t["exit_time"]), t["exit_price"], t["exit_reason"], f"{t['pnl']:.2f}",
            f"{t['pnl_pct']:.2f}",
        )
        for t in trades[-SHOWN_TRADES:]
    ]  # fmt: skip
    title = f"Last {len(rows)} of {len(trades)} trades" if trades else "No trades"
    show_table(title, columns, rows, right=("quantity", "price in", "price out", "pnl", "%"))
