"""The fill rules of a run, a line each, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tradepulse.pages import figures as f
from tradepulse.pages.markup import Html
from tradepulse.pages.tables import facts

_SIZINGS: Mapping[str, Callable[[float], str]] = {
    "fraction_of_equity": lambda x: f"{f.percent(x, 0)} of equity",
    "fixed_quote": lambda x: f"{f.decimal(x)} a trade",
    "risk_per_trade": lambda x: f"{f.percent(x)} of equity at risk a trade",
}


def rule_facts(rules: Mapping[str, Any]) -> Html:
    """What orders cost and how they are sized. `rules` is the JSON form of the fill rules."""
    return facts(_lines(rules))


def _lines(rules: Mapping[str, Any]) -> list[tuple[str, str]]:
    lines = [
        ("Market", str(rules.get("market", "spot"))),
        ("Starting cash", f.decimal(rules.get("initial_cash"))),
        ("Size", sizing(rules.get("sizing"))),
        ("Fees, taker / maker", f"{_bps(rules, 'taker_fee_bps')} / {_bps(rules, 'maker_fee_bps')}"),
        ("Slippage", _bps(rules, "slippage_bps")),
    ]
    optional: dict[str, tuple[str, Callable[[Any], str]]] = {
        "half_spread_bps": ("Half spread", lambda v: f"{f.decimal(v, 1)} bps"),
        "impact": ("Market impact", lambda v: f.decimal(v, 4)),
        "participation_cap": ("Most of a bar's volume", f.percent),
        "tick": ("Tick", f.plain),
        "lot": ("Lot", f.plain),
        "min_notional": ("Smallest order", f.decimal),
    }
    lines += [(n, form(rules[key])) for key, (n, form) in optional.items() if rules.get(key)]
    if rules.get("market") == "perpetual":
        lines += [
            ("Leverage", f"{f.decimal(rules.get('leverage'), 1)} {f.TIMES}"),
            ("Shorts", "allowed" if rules.get("allow_short") else "not allowed"),
        ]
    return lines


def sizing(document: Any) -> str:
    """How much a trade takes, of the JSON form of a sizing."""
    if not isinstance(document, Mapping):
        return f.MISSING
    form = _SIZINGS.get(str(document.get("kind")))
    amount = document.get("x")
    return f.plain(document.get("kind")) if form is None or amount is None else form(float(amount))


def _bps(rules: Mapping[str, Any], name: str) -> str:
    return f"{f.decimal(rules.get(name), 1)} bps"
