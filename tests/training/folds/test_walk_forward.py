"""Walk-forward: the vectors, the laws that keep the future out, the refusals."""

from __future__ import annotations

import ast
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.training.folds.span import Fold, Span
from tradepulse.training.folds.walk_forward import (
    LEAST_TEST_DAYS,
    LEAST_TRAIN_DAYS,
    walk_forward,
    walk_forward_indices,
)

VECTORS = json.loads((Path(__file__).parent / "fold_vectors.json").read_text())
START = 19_700 * DAY_MS


def test_the_copy_is_the_reference(shared: Path) -> None:
    reference = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    assert {name: reference[name] for name in VECTORS} == VECTORS


@pytest.mark.parametrize("name", VECTORS["walk_forward"])
def test_vectors(name: str) -> None:
    options = ast.literal_eval(name.removeprefix("walkforward_24_"))
    found = walk_forward_indices(
        24, options["train_size"], options["test_size"],
        anchored=options.get("expand_train", False), purge=options["purged_size"],
    )  # fmt: skip
    ends = [{"train": [train[0], train[-1]], "test": [test[0], test[-1]]} for train, test in found]
    assert ends == VECTORS["walk_forward"][name]


def test_no_fold_fits_or_the_lengths_make_no_sense() -> None:
    assert walk_forward_indices(11, 8, 4) == ()
    for lengths in ((0, 4, 0), (8, 0, 0), (8, 4, -1)):
        with pytest.raises(UsageError):
            walk_forward_indices(24, lengths[0], lengths[1], purge=lengths[2])


def law(folds: tuple[Fold, ...], start: int, end: int, purge: int, anchored: bool) -> None:
    """No test is learned from, tests tile, the purge is kept, the order is that of time."""
    assert [fold.number for fold in folds] == list(range(1, len(folds) + 1))
    for fold in folds:
        for bound in (
            fold.train.start_ms, fold.train.end_ms, fold.test.start_ms, fold.test.end_ms
        ):  # fmt: skip
            assert bound % DAY_MS == 0
        assert start <= fold.train.start_ms < fold.train.end_ms
        assert fold.train.end_ms + purge <= fold.test.start_ms < fold.test.end_ms <= end
        assert fold.train.days >= LEAST_TRAIN_DAYS
        assert fold.test.days >= LEAST_TEST_DAYS
        assert all(not fold.train.overlaps(later.test) for later in folds[fold.number - 1 :])
    for fold, following in pairwise(folds):
        assert following.test.start_ms == fold.test.end_ms
        assert following.test.days == fold.test.days
        if anchored:
            assert following.train.start_ms == fold.train.start_ms
        else:
            assert following.train.days == fold.train.days
    assert end - folds[-1].test.end_ms < DAY_MS


@given(
    days=st.integers(1, 800), offset=st.integers(0, 23), folds=st.integers(1, 9),
    purge=st.integers(0, 200), embargo=st.integers(0, 50), anchored=st.booleans(),
    share=st.floats(0.2, 0.8),
)  # fmt: skip
def test_laws_by_number_of_folds(
    days: int, offset: int, folds: int, purge: int, embargo: int, anchored: bool, share: float
) -> None:
    start, end = START + offset * HOUR_MS, START + days * DAY_MS + offset * HOUR_MS

    def cut() -> tuple[Fold, ...]:
        return walk_forward(
            start, end, folds=folds, anchored=anchored, purge_ms=purge * HOUR_MS,
            embargo_ms=embargo * HOUR_MS, train_share=share,
        )  # fmt: skip

    whole = days - (offset > 0)
    gap = -(-(purge + embargo) // 24)
    if min(whole * share - gap - LEAST_TRAIN_DAYS, whole * (1 - share) / folds) < LEAST_TEST_DAYS:
        # About too short: if it is refused, what the refusal asks for is enough.
        try:
            cut()
        except RefusedError as error:
            refused = error
        else:
            return
        assert (refused.code, refused.found) == ("too_little_data", f"{whole} whole days")
        needed = int((refused.expected or "").split()[0])
        assert needed > whole
        start, end = START, START + needed * DAY_MS
    found = cut()
    assert len(found) == folds
    law(found, start, end, (purge + embargo) * HOUR_MS, anchored)


@given(
    days=st.integers(40, 800), train=st.integers(20, 200), test=st.integers(5, 60),
    purge=st.integers(0, 200), anchored=st.booleans(),
)  # fmt: skip
def test_laws_by_lengths(days: int, train: int, test: int, purge: int, anchored: bool) -> None:
    end = START + days * DAY_MS

    def cut() -> tuple[Fold, ...]:
        return walk_forward(
            START, end, train_ms=train * DAY_MS, test_ms=test * DAY_MS, anchored=anchored,
            purge_ms=purge * HOUR_MS,
        )  # fmt: skip

    if days < train + test:
        with pytest.raises(RefusedError, match=f"{train + test} whole days"):
            cut()
        return
    found = cut()
    assert len(found) == (days - train) // test
    law(found, START, end, purge * HOUR_MS, anchored)
    if not anchored:
        assert found[0].train.days == train - -(-purge // 24)


def test_half_of_it_all_is_learned_from_first() -> None:
    found = walk_forward(START, START + 100 * DAY_MS, folds=5, purge_ms=HOUR_MS)
    assert found[0] == Fold(
        1, Span(START, START + 49 * DAY_MS), Span(START + 50 * DAY_MS, START + 60 * DAY_MS)
    )
    assert found[-1].train == Span(START + 40 * DAY_MS, START + 89 * DAY_MS)


@pytest.mark.parametrize(
    "wish",
    [{}, {"folds": 0}, {"train_ms": 90 * DAY_MS}, {"folds": 2, "purge_ms": -1},
     {"folds": 2, "train_share": 1.0}, {"train_ms": HOUR_MS, "test_ms": DAY_MS}],
)  # fmt: skip
def test_wishes_that_make_no_sense(wish: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        walk_forward(START, START + 400 * DAY_MS, **wish)
    assert caught.value.code == "bad_value"


def test_a_purge_that_eats_the_training_is_refused_with_the_reason() -> None:
    with pytest.raises(RefusedError) as caught:
        walk_forward(
            START, START + 400 * DAY_MS, train_ms=30 * DAY_MS, test_ms=20 * DAY_MS,
            purge_ms=25 * DAY_MS,
        )  # fmt: skip
    assert caught.value.code == "too_little_data"
    assert "35 days or more to learn on (25 of them purged)" in str(caught.value)
