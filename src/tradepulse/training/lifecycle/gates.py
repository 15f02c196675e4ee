"""From the facts of a training run to its stage: one pure function, every rule told.

Thresholds: quant.md §5 and §7. Their joint error rates were measured, not assumed
(benchmarks/honesty); docs/adr/0012 says which rules decide and what each one costs in power.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tradepulse.domain.configuration import Evidence
from tradepulse.domain.lifecycle import Stage

SIGNIFICANT = 0.05
DEFLATED_LEAST = 0.95
DEFLATED_RAW_LEAST = 0.5
WALK_FORWARD_LEAST = 0.90
FOLDS_POSITIVE_LEAST, FOLDS_POSITIVE_GOOD = 0.5, 0.6
EFFICIENCY_LEAST, EFFICIENCY_GOOD = 0.25, 0.5
OVERFITTING_MOST, LOSS_HARMLESS = 0.5, 0.25
PLATEAU_LEAST = 0.5
AMBIGUOUS_MOST = 0.02
TRADES_LEAST, TRADES_GOOD = 30, 100


@dataclass(frozen=True, kw_only=True)
class ValidationFacts:
    """What the development bars say of the chosen set. None: not measured, or not defined.

    Probabilities are those of the named tests; `efficiency` is out-of-sample over in-sample Sharpe;
    `overfitting` is PBO and `loss` the share of its splits in which the set chosen in one half lost
    in the other. `chosen_among` sets one was chosen; of one alone nothing was chosen. `permutable`:
    the bars can be shuffled (no external column is read).
    """

    chosen_among: int
    permutable: bool
    look_ahead_clean: bool | None
    ambiguous_share: float
    days: int
    minimum_days: float
    trades_out_of_sample: int
    superiority: float | None
    permutation: float | None
    deflated: float | None
    deflated_raw: float | None
    walk_forward: float | None
    folds_positive: float
    efficiency: float | None
    overfitting: float | None
    loss: float | None
    plateau: float | None
    stressed_return: float | None


def judge_validation(facts: ValidationFacts) -> tuple[Evidence, ...]:
    """The rules between DISCOVERY and VALIDATION, in the order in which a reader should ask."""
    return (*_soundness(facts), *_luck(facts), *_out_of_sample(facts), *_robustness(facts))


def stage_after_training(evidence: Sequence[Evidence]) -> Stage:
    """VALIDATION if every required rule passed, else DISCOVERY."""
    required = [item for item in evidence if item.required]
    return Stage.VALIDATION if required and all(e.passed for e in required) else Stage.DISCOVERY


def _soundness(facts: ValidationFacts) -> tuple[Evidence, ...]:
    clean = facts.look_ahead_clean
    return (
        Evidence(
            "look_ahead", 1.0, None if clean is None else float(clean), clean is True,
            "no signal changes when later bars change"
            if clean is not None else "not checked: the other rules had refused already",
        ),
        at_most(
            "ambiguous_exits", AMBIGUOUS_MOST, facts.ambiguous_share,
            "exits whose order inside the bar was assumed; above 2 % finer bars are needed",
        ),
        at_most(
            "track_record", float(facts.days), facts.minimum_days,
            "days this Sharpe needs to be told from zero at 95 %, against the days there are",
        ),
        at_least(
            "trades", TRADES_LEAST, float(facts.trades_out_of_sample),
            f"trades out of sample; under {TRADES_GOOD} a small edge per trade goes unseen",
        ),
    )  # fmt: skip


def _luck(facts: ValidationFacts) -> tuple[Evidence, ...]:
    return (
        below(
            "superiority", SIGNIFICANT, facts.superiority,
            "chance that the best of all sets looks this good with no skill (studentised SPA)",
        ),
        below(
            "permutation", SIGNIFICANT, facts.permutation,
            _permutation_note(facts), required=facts.permutable,
        ),
        at_least(
            "deflated_sharpe", DEFLATED_LEAST, facts.deflated,
            "probability that the best Sharpe ratio beats the best of as many unskilled tries",
        ),
        at_least(
            "deflated_sharpe_raw", DEFLATED_RAW_LEAST, facts.deflated_raw,
            "the same if every try counted as unlike all others",
        ),
    )  # fmt: skip


def _permutation_note(facts: ValidationFacts) -> str:
    if facts.permutation is not None:
        return "share of shuffled markets on which the same search found something as good"
    if not facts.permutable:
        return "not possible: the strategy reads an external column, which belongs to these bars"
    return "shuffled markets were not searched"


def _out_of_sample(facts: ValidationFacts) -> tuple[Evidence, ...]:
    return (
        at_least(
            "walk_forward", WALK_FORWARD_LEAST, facts.walk_forward,
            "probability that the stitched out-of-sample Sharpe ratio is above zero",
        ),
        at_least(
            "folds_positive", FOLDS_POSITIVE_LEAST, facts.folds_positive,
            f"share of folds that earned out of sample; {FOLDS_POSITIVE_GOOD:.0%} would be good",
        ),
        at_least(
            "walk_forward_efficiency", EFFICIENCY_LEAST, facts.efficiency,
            "out-of-sample over in-sample Sharpe; under one half is worth a question",
        ),
    )  # fmt: skip


def _robustness(facts: ValidationFacts) -> tuple[Evidence, ...]:
    return (
        _overfitting(facts),
        at_least(
            "plateau", PLATEAU_LEAST, facts.plateau,
            "median Sharpe ratio of the neighbouring sets over the chosen one's",
            required=facts.chosen_among > 1,
        ),
        above(
            "stress", 0.0, facts.stressed_return,
            "return with fees x 1.5, slippage x 2, and every signal one bar late",
        ),
    )  # fmt: skip


def _overfitting(facts: ValidationFacts) -> Evidence:
    """The veto of PBO, where choosing wrongly costs money.

    Among neighbours that are all equally good, which is best in one half is a coin flip, and PBO
    says one half of a real edge. Then the chosen one earns in the other half all the same.
    """
    known = facts.overfitting is not None and facts.loss is not None
    harmless = known and (
        facts.overfitting <= OVERFITTING_MOST or facts.loss <= LOSS_HARMLESS  # type: ignore[operator]
    )
    lost = "" if facts.loss is None else f"; there it lost money in {facts.loss:.0%} of the splits"
    return Evidence(
        "overfitting", OVERFITTING_MOST, facts.overfitting, harmless,
        f"how often the best in one half is below the median in the other (PBO){lost}; a veto"
        f" unless it lost in under {LOSS_HARMLESS:.0%}", required=facts.chosen_among > 1,
    )  # fmt: skip


def at_least(
    rule: str, threshold: float, value: float | None, note: str, *, required: bool = True
) -> Evidence:
    """Passed when the value is known and not under the threshold."""
    passed = value is not None and value >= threshold
    return Evidence(rule, threshold, _told(value), passed, note, required)


def above(
    rule: str, threshold: float, value: float | None, note: str, *, required: bool = True
) -> Evidence:
    """Passed when the value is known and over the threshold."""
    return Evidence(rule, threshold, value, value is not None and value > threshold, note, required)


def at_most(
    rule: str, threshold: float, value: float | None, note: str, *, required: bool = True
) -> Evidence:
    """Passed when the value is known and not over the threshold."""
    passed = value is not None and value <= threshold
    return Evidence(rule, threshold, _told(value), passed, note, required)


def below(
    rule: str, threshold: float, value: float | None, note: str, *, required: bool = True
) -> Evidence:
    """Passed when the value is known and under the threshold."""
    return Evidence(rule, threshold, value, value is not None and value < threshold, note, required)


def _told(value: float | None) -> float | None:
    """The value as it is stored: what is infinite or no number is not defined."""
    return value if value is not None and math.isfinite(value) else None
