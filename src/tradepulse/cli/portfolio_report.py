"""The answer of a backtest over several pairs: one wallet, one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradepulse.cli.output import emit, show_lines, show_table

if TYPE_CHECKING:
    from tradepulse.engine.portfolio_backtest import PortfolioResult
    from tradepulse.marketdata.history import MarketHistory
    from tradepulse.simulation.rules import Rules
    from tradepulse.strategies.strategy import Strategy

_SHOWN = ("trade_count", "total_return", "sharpe", "max_drawdown", "win_rate", "profit_factor")


def run_portfolio(
    made: Strategy,
    found: list[MarketHistory],
    rules: list[Rules],
    max_open_trades: int | None,
    as_json: bool,
) -> None:
    """Runs the strategy on every market with one wallet and prints the answer."""
    from tradepulse.research import backtest_portfolio

    items = [
        {"strategy": made, "bars": history.bars, "rules": agreed,
         "pair": str(history.choice.instrument.pair), **history.inputs}
        for history, agreed in zip(found, rules, strict=True)
    ]  # fmt: skip
    result = backtest_portfolio(items, rules[0].initial_cash, max_open_trades)
    document = _document(made, found, result, max_open_trades)
    emit(document, as_json, lambda: _show(document))


def _document(
    made: Strategy,
    found: list[MarketHistory],
    result: PortfolioResult,
    max_open_trades: int | None,
) -> dict[str, Any]:
    return {
        "strategy": made.name,
        "parameters": made.parameters,
        "instruments": [str(history.choice.instrument) for history in found],
        "interval": str(found[0].choice.interval),
        "bars": sum(len(history.bars) for history in found),
        "start": min(int(history.bars.open_time[0]) for history in found),
        "end": max(int(history.bars.open_time[-1]) for history in found),
        "data_fingerprints": [history.bars.fingerprint for history in found],
        "cash": result.cash,
        "max_open_trades": max_open_trades,
        "metrics": result.metrics,
        "per_pair": result.per_pair,
        "refused": dict(zip(result.per_pair, result.refused, strict=True)),
        "trades": result.trades.to_dicts(),
    }


def _show(document: dict[str, Any]) -> None:
    places = document["max_open_trades"]
    at_once = "any number of positions" if places is None else f"at most {places} positions at once"
    show_lines([f"{document['strategy']} on {', '.join(document['instruments'])}: {at_once}"])
    rows = [
        (pair, *(metrics[name] for name in _SHOWN), sum(document["refused"][pair].values()))
        for pair, metrics in document["per_pair"].items()
    ]
    total = sum(sum(reasons.values()) for reasons in document["refused"].values())
    rows.append(("all", *(document["metrics"][name] for name in _SHOWN), total))
    columns = ("pair", *(name.replace("_", " ") for name in _SHOWN), "entries refused")
    show_table(None, columns, rows, right=columns[1:])
