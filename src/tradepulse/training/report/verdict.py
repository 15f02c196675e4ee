"""The verdict as one headline and one plain sentence or two."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tradepulse.domain.configuration import Evidence
from tradepulse.domain.lifecycle import Stage
from tradepulse.pages import figures as f
from tradepulse.training.report.document import Subject

# Reasons named in the sentence; the list has them all.
_NAMED_REASONS = 2


class Verdict(NamedTuple):
    headline: str
    sentence: str


def verdict_of(subject: Subject) -> Verdict:
    """What the stage means here and why, without a number that stands alone."""
    stage = subject.configuration.lifecycle_stage
    if subject.study is None and stage is Stage.DISCOVERY:
        return _unproven(subject)
    return _SAY[stage](subject)


def _unproven(subject: Subject) -> Verdict:
    tried = f.count(subject.configuration.trials)
    return Verdict(
        "DISCOVERY: found, not proven",
        f"The best of {tried} parameter sets on bars that all of them saw. No test says how much "
        "of it is luck; train it to find out. Do not put money on it.",
    )


def _discovery(subject: Subject) -> Verdict:
    unmet, rules = subject.unmet, _required(subject)
    if not unmet:
        return Verdict("In DISCOVERY", "Every rule judged so far is met; it was not promoted yet.")
    # A check that was left out because others had refused already found nothing.
    known = [e for e in _gravest(subject) if not (e.rule == "look_ahead" and e.value is None)]
    reasons = [_reason(subject, e.rule) for e in known if e.rule in _REASONS]
    why = (
        ", and ".join(list(dict.fromkeys(reasons))[:_NAMED_REASONS])
        or "the rules below are not met"
    )
    return Verdict(
        f"Stays in DISCOVERY: {len(unmet)} of {rules} rules not met",
        f"{_opening(subject)}{why}. Do not put money on it.",
    )


def _opening(subject: Subject) -> str:
    sharpe = subject.statistic("sharpe_annual")
    if sharpe is None:
        return "It has no Sharpe ratio to speak of: "
    if sharpe > 1:
        return f"A Sharpe of {f.decimal(sharpe)} looks good, but "
    return f"A Sharpe of {f.decimal(sharpe)} with the market's part taken out: "


def _validation(subject: Subject) -> Verdict:
    sharpe, live = subject.statistic("sharpe_annual"), subject.statistic("expected_live_sharpe")
    folds = subject.rows("folds")
    won = sum((fold.get("test_return") or 0) > 0 for fold in folds)
    later = f" It earned in {won} of {len(folds)} later periods." if folds else ""
    return Verdict(
        f"Earned VALIDATION: all {_required(subject)} rules met",
        f"A Sharpe of {f.decimal(sharpe)} is more than the luckiest of {_tries(subject)} tries "
        f"would show.{later} Paper trade it, and expect about {f.decimal(live)} live. The "
        "hold-out and live evidence decide the rest.",
    )


def _mature(subject: Subject) -> Verdict:
    live = subject.statistic("expected_live_sharpe")
    return Verdict(
        "MATURE: proven on history, on the hold-out and live",
        f"It may receive capital. Expect a Sharpe of about {f.decimal(live)}, and watch the rules "
        "below: they decide when it loses its place.",
    )


def _demoted(stage: Stage, meaning: str) -> Callable[[Subject], Verdict]:
    def said(subject: Subject) -> Verdict:
        names = ", ".join(e.rule.replace("_", " ") for e in subject.unmet)
        why = f" Not met: {names}." if names else ""
        return Verdict(f"{stage.value}: {meaning}", f"Live results fell short.{why}")

    return said


def _retired(subject: Subject) -> Verdict:
    by_hand = [e for e in subject.configuration.evidence if e.rule == "retired_by_hand"]
    if not by_hand:
        return _demoted(Stage.RETIRED, "kept for the record, not traded")(subject)
    headline = "RETIRED: kept for the record, not traded"
    return Verdict(headline, f"Retired by hand: {by_hand[-1].note}.")


_SAY: dict[Stage, Callable[[Subject], Verdict]] = {
    Stage.DISCOVERY: _discovery,
    Stage.VALIDATION: _validation,
    Stage.MATURE: _mature,
    Stage.WATCH: _demoted(Stage.WATCH, "traded at half size until it is clear"),
    Stage.DECAYED: _demoted(Stage.DECAYED, "stopped, its edge is gone"),
    Stage.RETIRED: _retired,
}


def _required(subject: Subject) -> int:
    return sum(e.required for e in subject.configuration.evidence)


def _gravest(subject: Subject) -> list[Evidence]:
    order = list(_REASONS)
    return sorted(
        subject.unmet, key=lambda e: order.index(e.rule) if e.rule in order else len(order)
    )


def _tries(subject: Subject) -> str:
    return f.count(subject.statistic("trials_raw") or subject.configuration.trials)


def _luck(subject: Subject) -> str:
    reached, sharpe = (
        subject.statistic(name) for name in ("expected_maximum_annual", "sharpe_annual")
    )
    if reached is None:
        return f"{_tries(subject)} tries on the same data may have reached it by luck"
    if sharpe is not None and sharpe > reached:
        return (
            f"after {_tries(subject)} tries it is too close to the {f.decimal(reached)} that luck "
            "alone shows"
        )
    return f"{_tries(subject)} tries on the same data reach {f.decimal(reached)} by luck alone"


def _snooping(subject: Subject) -> str:
    p = subject.statistic("spa")
    if p is None:
        return "the test against data snooping gave no answer"
    return f"if nothing worked, the best try would look this good {_times(p)}"


def _shuffled(subject: Subject) -> str:
    p = subject.statistic("permutation_p")
    if p is None:
        return "the search was not tried on shuffled markets"
    return f"the same search found as much on shuffled markets {_times(p)}"


def _times(p: float) -> str:
    return f"in {f.decimal(100 * p, 0)} of 100 cases"


def _reason(subject: Subject, rule: str) -> str:
    said = _REASONS[rule]
    return said if isinstance(said, str) else said(subject)


def _folds(subject: Subject) -> str:
    folds = subject.rows("folds")
    lost = sum((fold.get("test_return") or 0) <= 0 for fold in folds)
    return f"{lost} of {len(folds)} later periods earned nothing"


# In the order of their weight: the first ones unmet make the sentence.
_REASONS: dict[str, str | Callable[[Subject], str]] = {
    "look_ahead": "its signals change when later bars change, so no number here holds",
    "deflated_sharpe": _luck,
    "deflated_sharpe_raw": _luck,
    "walk_forward": "what it earned on later data cannot be told from nothing",
    "folds_positive": _folds,
    "superiority": _snooping,
    "permutation": _shuffled,
    "stress": "somewhat higher costs and a bar's delay eat the profit",
    "overfitting": "the winner of one half of the history is no winner in the other",
    "plateau": "settings next to it do much worse, and a lone peak is luck",
    "walk_forward_efficiency": "little of the result in training survived later",
    "trades": "there are too few trades to judge by",
    "track_record": "there are too few days to tell it from zero",
    "ambiguous_exits": "too many exits were decided by assumption",
}
