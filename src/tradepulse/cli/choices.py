"""What to run, from options: the strategy, the market, the rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.options import read_pairs, read_parameters, read_timerange
from tradepulse.domain.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from tradepulse.bootstrap import App
    from tradepulse.domain.instrument import Pair
    from tradepulse.marketdata.history import MarketHistory
    from tradepulse.simulation.rules import Rules
    from tradepulse.strategies.strategy import Strategy

RuleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help="A rule of the fills: slippage_bps=5, allow_short=true, sizing=risk:0.01.",
        show_default=False,
    ),
]
StrategyArgument = Annotated[
    str | None,
    typer.Argument(metavar="[STRATEGY|FILE]", help="A strategy or its file.", show_default=False),
]
_SIZINGS = {
    "fraction": "fraction_of_equity",
    "quote": "fixed_quote",
    "risk": "risk_per_trade",
}


def strategy_named(app: App, name: str | None, option: str | None = None) -> type[Strategy]:
    """The strategy called `name` (or `option`), or the one that the file of that name defines.

    Errors: `missing_option`, `strategy_not_found`, `file_not_found`, `no_strategy`.
    """
    from tradepulse.strategies.registry import load_file, strategies_of

    wanted = name or option
    if wanted is None:
        known = ", ".join(entry.name for entry in app.registry)
        raise UsageError("missing_option", "no strategy given", expected=f"-s with one of {known}")
    if not wanted.endswith(".py"):
        return app.registry.get(wanted)
    path = Path(wanted).expanduser()
    if not path.is_file():
        raise NotFoundError("file_not_found", f"there is no file {wanted}", found=wanted)
    found = strategies_of(load_file(path))
    if not found:
        raise NotFoundError(
            "no_strategy", f"{wanted} defines no strategy",
            expected="a subclass of Strategy", found="none",
        )  # fmt: skip
    return found[0]


def histories(
    app: App,
    exchange: str | None,
    pairs: list[str] | None,
    interval: str | None,
    timerange: str | None,
    detail: str | None = None,
    columns: Collection[str] = (),
) -> list[MarketHistory]:
    """The market of each pair, or the only one that fits, with the input `columns` that a strategy
    reads. Errors: those of `choose_series` and `load_history`."""
    from tradepulse.marketdata.history import choose_series, load_history

    span = read_timerange(timerange)
    known = app.bars.series()
    wanted: list[Pair | None] = [*read_pairs(pairs)] or [None]
    chosen = [choose_series(known, exchange, pair, interval) for pair in wanted]
    return [
        load_history(app.bars, choice, span.start, span.end, detail, columns) for choice in chosen
    ]


def rules_for(
    pair: Pair,
    rules: list[str] | None,
    fee: float | None = None,
    cash: float | None = None,
) -> Rules:
    """The rules of a run on `pair`: its market, then --fee and --cash, then each --rule.

    `fee` is a ratio a side. Errors: `bad_rules`, `bad_parameter`.
    """
    from tradepulse.simulation.rules import Rules

    return Rules.from_json({"market": pair.market.value} | rules_document(rules, fee, cash))


def rules_document(
    rules: list[str] | None, fee: float | None = None, cash: float | None = None
) -> dict[str, Any]:
    """The rules that --fee, --cash and each --rule name. Errors: `bad_rules`, `bad_parameter`."""
    document: dict[str, Any] = {}
    if fee is not None:
        document["taker_fee_bps"] = document["maker_fee_bps"] = fee * 10_000
    if cash is not None:
        document["initial_cash"] = cash
    document |= read_parameters(rules)
    if isinstance(sizing := document.get("sizing"), str):
        document["sizing"] = _sizing(sizing)
    return document


def _sizing(text: str) -> dict[str, Any]:
    kind, _, amount = text.partition(":")
    try:
        return {"kind": _SIZINGS[kind], "x": float(amount)}
    except (KeyError, ValueError):
        raise UsageError(
            "bad_rules", f"the sizing {text!r} cannot be read",
            expected="fraction:0.5, quote:100 or risk:0.01", found=repr(text),
        ) from None  # fmt: skip
