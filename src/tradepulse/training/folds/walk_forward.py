"""Walk-forward: learn on the past, judge on the days that follow, move on.

Test spans follow one another without a gap, so their returns join into one out-of-sample series.
The purge is taken off the end of what is learned from, never off a test.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.interval import DAY_MS
from tradepulse.training.folds.span import Fold, Span, midnight_after, midnight_before

# A daily Sharpe of fewer days is noise to the first digit: a fold of less is refused.
LEAST_TRAIN_DAYS = 10
LEAST_TEST_DAYS = 5


class _Wish(NamedTuple):
    """What was asked for, in whole days; None is left to the data."""

    folds: int | None
    train: int | None
    test: int | None
    share: float


class _Plan(NamedTuple):
    """Whole days: of the first training span (purge included), of a test; how many tests."""

    train: int
    test: int
    folds: int


def walk_forward(
    start_ms: int,
    end_ms: int,
    *,
    folds: int | None = None,
    train_ms: int | None = None,
    test_ms: int | None = None,
    anchored: bool = False,
    purge_ms: int = 0,
    embargo_ms: int = 0,
    train_share: float = 0.5,
) -> tuple[Fold, ...]:
    """The folds of [start_ms, end_ms), oldest first, every bound a UTC midnight.

    `folds`: so many equal tests behind a first training span of `train_share` of all days, or of
    `train_ms`, or of what tests of `test_ms` leave. `train_ms` with `test_ms`: as many as fit, the
    last test ending with the last whole day. `anchored`: training always begins with the first
    day, else it keeps its length and moves. Lengths are rounded to whole days, purge and embargo
    up. Training lies before its test here, so an embargo can only widen the gap of the purge.
    Errors `bad_value`, `too_little_data`.
    """
    wish = _wish(folds, train_ms, test_ms, train_share)
    if min(purge_ms, embargo_ms) < 0:
        raise UsageError("bad_value", "a gap cannot be negative", expected="0 or more",
                         found=f"purge {purge_ms} ms, embargo {embargo_ms} ms")  # fmt: skip
    first, last = midnight_after(start_ms) // DAY_MS, midnight_before(end_ms) // DAY_MS
    gap = -(-(purge_ms + embargo_ms) // DAY_MS)
    total = max(0, last - first)
    plan = _plan(wish, total)
    if not _suffices(plan, total, gap):
        raise _too_little(wish, total, gap)
    begin = last - plan.folds * plan.test
    return tuple(
        _fold(number, first, begin + number * plan.test, plan, gap, anchored)
        for number in range(plan.folds)
    )


def walk_forward_indices(
    count: int, train: int, test: int, *, anchored: bool = False, purge: int = 0
) -> tuple[tuple[range, range], ...]:
    """(training rows, test rows) of `count` rows, from the first on; what is left over is dropped.

    Here the purge moves the tests back (as scikit-learn's and skfolio's splitters do), for series
    that have no time of their own. None where no fold fits. Error `bad_value`.
    """
    if train < 1 or test < 1 or purge < 0:
        raise UsageError("bad_value", "these folds make no sense",
                         expected="lengths of 1 or more, a purge of 0 or more",
                         found=f"train {train}, test {test}, purge {purge}")  # fmt: skip
    starts = range(train + purge, count - test + 1, test)
    return tuple(
        (range(0 if anchored else at - purge - train, at - purge), range(at, at + test))
        for at in starts
    )


def _plan(wish: _Wish, total: int) -> _Plan:
    """What the wish comes to over `total` whole days; the days need not suffice."""
    train, test, folds = wish.train, wish.test, wish.folds
    if folds is None:
        assert train is not None and test is not None  # noqa: S101, PT018  (`_wish`)
        return _Plan(train, test, max(0, total - train) // test)
    if test is None:
        test = max(0, total - (int(total * wish.share) if train is None else train)) // folds
    # The days that do not divide into tests lengthen the first training span.
    return _Plan(total - folds * test if train is None else train, test, folds)


def _suffices(plan: _Plan, total: int, gap: int) -> bool:
    return (
        plan.folds >= 1
        and plan.test >= LEAST_TEST_DAYS
        and plan.train - gap >= LEAST_TRAIN_DAYS
        and total >= plan.train + plan.folds * plan.test
    )


def _fold(number: int, first: int, test: int, plan: _Plan, gap: int, anchored: bool) -> Fold:
    """Fold `number` (from 0) with its test beginning on day `test`."""
    begin = first if anchored else test - plan.train
    train = Span(begin * DAY_MS, (test - gap) * DAY_MS)
    return Fold(number + 1, train, Span(test * DAY_MS, (test + plan.test) * DAY_MS))


def _too_little(wish: _Wish, total: int, gap: int) -> RefusedError:
    """The refusal, with the days that would do; some wishes no number of days can grant."""
    train, test = LEAST_TRAIN_DAYS + gap, LEAST_TEST_DAYS
    if (wish.train or train) < train or (wish.test or test) < test:
        expected = f"{train} days or more to learn on ({gap} of them purged) and {test} to judge by"
        found = f"{wish.train or 'any number of'} and {wish.test or 'any number of'} days"
    else:
        needed = _days_needed(wish, train, test)
        plan = _plan(wish, needed)
        expected = (
            f"{needed} whole days or more: {plan.train} to learn on ({gap} of them purged) and "
            f"{plan.folds} of {plan.test} to judge by"
        )
        found = f"{total} whole days"
    return RefusedError(
        "too_little_data", "there is too little data for these folds", expected=expected,
        found=found, hint="Take more history, fewer folds, other lengths or a shorter purge.",
    )  # fmt: skip


def _days_needed(wish: _Wish, train: int, test: int) -> int:
    """The fewest whole days that grant the wish with at least so many to learn on and to judge."""
    folds = wish.folds or 1
    if wish.train is None and wish.test is None:
        judged = folds * test
        return max(math.ceil(train / wish.share), math.ceil(judged / (1.0 - wish.share)))
    return (wish.train or train) + folds * (wish.test or test)


def _wish(folds: int | None, train_ms: int | None, test_ms: int | None, share: float) -> _Wish:
    wrong = None
    if folds is None and (train_ms is None or test_ms is None):
        wrong = "folds, or both a training and a test length"
    elif folds is not None and folds < 1:
        wrong = "1 fold or more"
    elif any(length is not None and length < DAY_MS for length in (train_ms, test_ms)):
        wrong = "training and test lengths of a day or more"
    elif not 0.0 < share < 1.0:
        wrong = "a training share between 0 and 1"
    if wrong is not None:
        found = f"folds {folds}, train {train_ms} ms, test {test_ms} ms, share {share}"
        raise UsageError("bad_value", "these folds make no sense", expected=wrong, found=found)
    train = None if train_ms is None else train_ms // DAY_MS
    return _Wish(folds, train, None if test_ms is None else test_ms // DAY_MS, share)
