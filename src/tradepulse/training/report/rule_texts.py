"""The lifecycle's rules as a report shows them: title, form of the value, threshold in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tradepulse.domain.configuration import Evidence
from tradepulse.pages import figures as f
from tradepulse.pages.evidence import Judged

Form = Callable[[f.Number], str]


class RuleText(NamedTuple):
    """`bound` says a threshold, written in the rule's form: `0.95 or more`."""

    title: str
    form: Form
    bound: str


def _share(value: f.Number) -> str:
    return f.percent(value, 0)


def _gain(value: f.Number) -> str:
    return f.percent(value, sign=True)


def _clean(value: f.Number) -> str:
    return "not checked" if value is None else ("clean" if value == 1.0 else "leak")


def _bps(value: f.Number) -> str:
    return f"{f.decimal(value)} bps"


_LEAST, _OVER, _MOST, _UNDER = "{} or more", "over {}", "{} or less", "under {}"

_TEXTS = {
    "searched": RuleText("Searched", f.count, _LEAST),
    "look_ahead": RuleText("Look-ahead check", _clean, "{}"),
    "ambiguous_exits": RuleText("Exits decided by assumption", f.percent, _MOST),
    "track_record": RuleText("Track record, days needed", f.count, "{} are there"),
    "trades": RuleText("Trades out of sample", f.count, _LEAST),
    "superiority": RuleText("Data snooping, SPA", f.p_value, _UNDER),
    "permutation": RuleText("Shuffled markets", f.p_value, _UNDER),
    "deflated_sharpe": RuleText("Deflated Sharpe", f.probability, _LEAST),
    "deflated_sharpe_raw": RuleText("Deflated Sharpe, every try apart", f.probability, _LEAST),
    "walk_forward": RuleText("Walk-forward", f.probability, _LEAST),
    "folds_positive": RuleText("Folds in profit", _share, _LEAST),
    "walk_forward_efficiency": RuleText("Walk-forward efficiency", f.decimal, _LEAST),
    "overfitting": RuleText("Overfitting, PBO", _share, _MOST),
    "plateau": RuleText("Plateau", f.decimal, _LEAST),
    "stress": RuleText("Stress", _gain, _OVER),
    "live_trades": RuleText("Live trades", f.count, _LEAST),
    "live_days": RuleText("Live days", f.count, _LEAST),
    "false_discovery_rate": RuleText("False discovery rate", f.probability, _MOST),
    "live_slippage": RuleText("Live slippage", _bps, _MOST),
    "live_in_band": RuleText("Live result in the expected band", f.decimal, "{} or more"),
    "live_distribution": RuleText("Live trades like the backtest's", f.p_value, _OVER),
    "live_signal_match": RuleText("Live signals as replayed", f.percent, _LEAST),
    "hold_out_sharpe": RuleText("Hold-out Sharpe a day", lambda v: f.decimal(v, 3), _OVER),
    "hold_out_psr": RuleText("Hold-out confidence", f.probability, _LEAST),
    "dsr_with_hold_out": RuleText("Deflated Sharpe with hold-out", f.probability, _LEAST),
    "live_cusum": RuleText("Disappointments added up, CUSUM", f.decimal, _MOST),
    "live_posterior": RuleText("Chance that the edge is still there", f.probability, _LEAST),
    "live_drawdown": RuleText("Live drawdown", _gain, _LEAST),
    "live_decays": RuleText("Times decayed in a year", f.count, _UNDER),
    "retired_by_hand": RuleText("Retired by hand", f.plain, ""),
    "live_idle_days": RuleText("Days without a trade", f.count, _UNDER),
}


def text_of(rule: str) -> RuleText:
    """The rule's text; one that is not known here shows its own name."""
    return _TEXTS.get(rule) or RuleText(rule.replace("_", " ").capitalize(), f.plain, "{}")


def threshold_text(evidence: Evidence) -> str:
    """The rule's threshold in words; empty where it has none."""
    text = text_of(evidence.rule)
    if evidence.threshold is None:
        return ""
    # A threshold is a round number: 0.05 and 2 %, however many digits its values have.
    written = re.sub(r"(\.\d*?)0+(?!\d)", r"\1", text.form(evidence.threshold))
    return text.bound.format(re.sub(r"\.(?!\d)", "", written))


def verdict_of(evidence: Evidence) -> str:
    """`met`, `not`, or `note` for a rule that was not met and decides nothing."""
    if evidence.passed:
        return "met"
    return "not" if evidence.required else "note"


def judged(evidence: Evidence) -> Judged:
    """The evidence as a row of the list."""
    text = text_of(evidence.rule)
    note = evidence.note[:1].upper() + evidence.note[1:]
    return Judged(
        verdict_of(evidence), text.title, note, text.form(evidence.value), threshold_text(evidence)
    )
