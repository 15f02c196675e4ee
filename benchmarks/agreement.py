"""Whether the engines did the same work: the same trades, and the same money, set by set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]


def compare(ours: Facts, theirs: Facts) -> dict[str, float | int]:
    """Sets both engines ran; how many have as many trades; the widest gaps. Empty: none in common.

    `trades_gap` and `equity_gap` are the largest relative differences over the common sets.
    """
    mine, other = _rows(ours), _rows(theirs)
    common = [name for name in other if name in mine]
    if not common:
        return {}
    trades = [(mine[name]["trades"], other[name]["trades"]) for name in common]
    equity = [(mine[name]["final_equity"], other[name]["final_equity"]) for name in common]
    return {
        "sets": len(common),
        "same_trade_count": sum(a == b for a, b in trades),
        "trades_gap": max(_gap(a, b) for a, b in trades),
        "equity_gap": max(_gap(a, b) for a, b in equity),
    }


def _rows(facts: Facts) -> Mapping[str, Any]:
    if "rows" in facts:
        rows: Mapping[str, Any] = facts["rows"]
        return rows
    return {"all": facts} if "trades" in facts else {}


def _gap(ours: float, theirs: float) -> float:
    return abs(ours - theirs) / max(abs(ours), abs(theirs), 1e-300)
