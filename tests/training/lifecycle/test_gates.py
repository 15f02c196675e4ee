"""The gate to VALIDATION: every rule decides alone, each says its threshold, value and verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tradepulse.domain.lifecycle import Stage
from tradepulse.training.lifecycle.gates import (
    ValidationFacts,
    judge_validation,
    stage_after_training,
)  # fmt: skip

GOOD = ValidationFacts(
    chosen_among=50, permutable=True, look_ahead_clean=True, ambiguous_share=0.0, days=800,
    minimum_days=200.0,
    trades_out_of_sample=120, superiority=0.01, permutation=0.02, deflated=0.97,
    deflated_raw=0.8, walk_forward=0.95, folds_positive=0.8, efficiency=0.7, overfitting=0.3,
    loss=0.1, plateau=0.9, stressed_return=0.4,
)  # fmt: skip


def judged(**changes: Any) -> tuple[Stage, set[str]]:
    """(the stage, the rules that failed) of good facts with some changed."""
    evidence = judge_validation(replace(GOOD, **changes))
    return stage_after_training(evidence), {e.rule for e in evidence if not e.passed}


def test_good_facts_are_validated() -> None:
    assert judged() == (Stage.VALIDATION, set())


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"look_ahead_clean": False}, "look_ahead"),
        ({"look_ahead_clean": None}, "look_ahead"),
        ({"ambiguous_share": 0.021}, "ambiguous_exits"),
        ({"minimum_days": 801.0}, "track_record"),
        ({"minimum_days": float("inf")}, "track_record"),
        ({"trades_out_of_sample": 29}, "trades"),
        ({"superiority": 0.05}, "superiority"),
        ({"superiority": None}, "superiority"),
        ({"permutation": 0.06}, "permutation"),
        ({"permutation": None}, "permutation"),
        ({"deflated": 0.949}, "deflated_sharpe"),
        ({"deflated": None}, "deflated_sharpe"),
        ({"deflated_raw": 0.49}, "deflated_sharpe_raw"),
        ({"walk_forward": 0.89}, "walk_forward"),
        ({"folds_positive": 0.49}, "folds_positive"),
        ({"efficiency": 0.24}, "walk_forward_efficiency"),
        ({"efficiency": None}, "walk_forward_efficiency"),
        ({"overfitting": 0.51, "loss": 0.26}, "overfitting"),
        ({"overfitting": None}, "overfitting"),
        ({"plateau": 0.49}, "plateau"),
        ({"stressed_return": 0.0}, "stress"),
    ],
)
def test_one_failed_rule_keeps_it_in_discovery(changes: dict[str, Any], rule: str) -> None:
    assert judged(**changes) == (Stage.DISCOVERY, {rule})


def test_a_coin_flip_among_equals_is_no_veto() -> None:
    """Neighbours that all earn give a PBO of one half; the one chosen earns all the same."""
    assert judged(overfitting=0.55, loss=0.02) == (Stage.VALIDATION, set())


def test_a_permutation_test_that_is_impossible_is_shown_and_decides_nothing() -> None:
    evidence = judge_validation(replace(GOOD, permutation=None, permutable=False))
    rule = next(e for e in evidence if e.rule == "permutation")
    assert (rule.required, rule.value) == (False, None)
    assert stage_after_training(evidence) is Stage.VALIDATION


def test_of_one_set_nothing_was_chosen() -> None:
    alone = replace(GOOD, chosen_among=1, overfitting=None, loss=None, plateau=None)
    assert stage_after_training(judge_validation(alone)) is Stage.VALIDATION


def test_no_evidence_proves_nothing() -> None:
    assert stage_after_training(()) is Stage.DISCOVERY


def test_every_rule_says_what_it_means() -> None:
    for item in judge_validation(GOOD):
        assert item.threshold is not None
        assert len(item.note) > 20
