"""Knowledge of what came after, in numbers and in flags, on the bars a strategy was given.

A series made of the past has no correlation with later returns beyond what the present bar says of
them; real markets leave a few hundredths. One fifth, or an AUC of 0.6, six standard errors strong,
is a peek.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.training.lookahead.report import Leak
from tradepulse.training.lookahead.truth import HORIZONS, LEADS, Truth, normal_scores

CHECK = "foresight"
_FEWEST_EVENTS = 8
_RARE = 0.2
_FEW_VALUES = 5


class Limits(NamedTuple):
    """What counts as foresight. Calm follows calm, so of volatility and volume only a near copy
    of what is to come does."""

    correlation: float = 0.2
    auc: float = 0.1
    near_copy: float = 0.6
    sureness: float = 6.0

    def halved(self) -> Limits:
        """What is left of a sign that was not imagined."""
        return Limits(*(0.5 * limit for limit in self))


USUAL = Limits()


@dataclass(frozen=True)
class Known:
    """The strongest sign of foresight in one series."""

    text: str
    first_bar: int


def check_foresight(
    label: str, values: Floats, truth: Truth, *, flag: bool, limits: Limits = USUAL
) -> Leak | None:
    """The sign that `values` knows later bars of `truth`, if there is one."""
    if flag:
        found = _event_sign(values > 0.0, "when it is true", truth, limits)
    else:
        # Of a list of events the events say more than a correlation of noughts and ones.
        found = (
            _events_of_values(values, truth, limits)
            or _series_sign(values, truth, limits)
            or _events_of_series(values, truth, limits)
        )
    return None if found is None else Leak(CHECK, label, found.first_bar, f"{label} {found.text}")


def _series_sign(values: Floats, truth: Truth, limits: Limits) -> Known | None:
    for what, scores, place in shapes(values, truth.bars):
        found = _strongest(scores, truth.leads, limits.correlation, limits.sureness)
        if found is not None:
            row, correlation, sureness = found
            when = f"{row + 1} bars later" if row < LEADS else _next(HORIZONS[row - LEADS])
            text = f"knows the return {when}: {_told(what, correlation, sureness)}"
            return Known(text, _first(scores, truth.leads[row], place))
    for about, targets in (("turbulence", truth.turbulence), ("activity", truth.activity)):
        word = "volatility" if about == "turbulence" else "volume"
        scores = truth.unexpected(values, about)
        found = _strongest(scores, targets, limits.near_copy, limits.sureness)
        if found is not None:
            row, correlation, sureness = found
            text = (f"knows the {word} {_next(HORIZONS[row])}: "
                    f"{_told('its value', correlation, sureness)}")  # fmt: skip
            return Known(text, _first(scores, targets[row], 0))
    return None


def shapes(values: Floats, bars: BarSeries) -> Iterator[tuple[str, Floats, int]]:
    """Forms in which a series can carry returns: its value, its change, its distance to the
    close; each as normal scores, with the bars that the form reaches back."""
    yield "its value", normal_scores(values), 0
    yield "its change", normal_scores(np.diff(values, prepend=np.nan)), 1
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log(values / bars.close)
    there = np.isfinite(gap)
    # Something like a price: within a half of the close on most bars.
    if there.sum() > 0.5 * np.isfinite(values).sum() and np.median(np.abs(gap[there])) < 0.5:
        yield "its distance to the close", normal_scores(np.where(there, gap, np.nan)), 0


def _strongest(
    scores: Floats, targets: npt.NDArray[np.float64], least: float, surest: float
) -> tuple[int, float, float] | None:
    """(row of `targets`, correlation, standard errors) of the surest one over the limits."""
    there = np.isfinite(scores)
    usable = there & np.isfinite(targets)
    filled, x = np.where(usable, targets, 0.0), np.where(there, scores, 0.0)
    counts = usable.sum(axis=1)
    spread = np.sqrt(np.einsum("rt,t->r", usable, x * x) * np.einsum("ij,ij->i", filled, filled))
    correlations = np.divide(
        np.einsum("rt,t->r", filled, x), spread, out=np.zeros(len(counts)), where=spread > 0.0
    )
    # Sums of h steps overlap: only every h-th of them is news.
    lengths = np.ones(len(targets))
    lengths[-len(HORIZONS) :] = HORIZONS
    sureness = np.abs(correlations) * np.sqrt(counts / lengths)
    over = (np.abs(correlations) > least) & (sureness > surest)
    if not over.any():
        return None
    row = int(np.argmax(np.where(over, sureness, 0.0)))
    return row, float(correlations[row]), float(sureness[row])


def _events_of_values(values: Floats, truth: Truth, limits: Limits) -> Known | None:
    """The bars on which a series of two to five values has one of the rarer ones."""
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if not 2 <= len(distinct) <= _FEW_VALUES:
        return None
    rarer = distinct[np.argsort(counts)[:-1]]
    found = (_event_sign(values == value, f"where it is {value:g}", truth, limits)
             for value in rarer)  # fmt: skip
    return next((sign for sign in found if sign is not None), None)


def _events_of_series(values: Floats, truth: Truth, limits: Limits) -> Known | None:
    """The bars on which a series is known at all, and on which it moves, where they are rare."""
    known = np.isfinite(values)
    moved = known & np.roll(known, 1) & (np.diff(values, prepend=values[:1]) != 0.0)
    for events, what in ((known, "where it is known"), (moved, "where it changes")):
        if 0 < events.sum() <= _RARE * len(values):
            found = _event_sign(events, what, truth, limits)
            if found is not None:
                return found
    return None


def _event_sign(
    events: npt.NDArray[np.bool_], what: str, truth: Truth, limits: Limits
) -> Known | None:
    """Whether the returns after `events` stand apart from all others, events that overlap left
    out."""
    places = np.flatnonzero(events)
    for place, horizon in enumerate(HORIZONS):
        target = truth.leads[LEADS + place]
        apart = _spaced(places[np.isfinite(target[places])], horizon)
        if len(apart) < _FEWEST_EVENTS or len(apart) * horizon > 0.9 * len(events):
            continue
        scores = target[apart]
        sureness = float(np.mean(scores) * np.sqrt(len(apart)))
        auc = float(np.mean(_share_below(target, scores)))
        if abs(sureness) > limits.sureness and abs(auc - 0.5) > limits.auc:
            text = (
                f"knows the return {_next(horizon)}: {what} ({len(apart):,} times), "
                f"it is above that of {100 * auc:.0f} % of all bars (t = {abs(sureness):.0f})"
            )
            right = apart[np.sign(scores) == np.sign(sureness)]
            return Known(text, int(right[0]))
    return None


def _spaced(places: npt.NDArray[np.int64], least: int) -> npt.NDArray[np.int64]:
    """The places that lie `least` bars and more behind the last one kept."""
    kept, free = [], -1
    for place in places.tolist():
        if place >= free:
            kept.append(place)
            free = place + least
    return np.array(kept, np.int64)


def _share_below(target: Floats, scores: Floats) -> Floats:
    ordered = np.sort(target[np.isfinite(target)])
    below = np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")
    return np.asarray(below / (2.0 * len(ordered)))


def _next(bars: int) -> str:
    return "of the next bar" if bars == 1 else f"of the next {bars} bars"


def _told(what: str, correlation: float, sureness: float) -> str:
    return f"rank correlation of {what} {correlation:+.2f} (t = {sureness:.0f})"


def _first(scores: Floats, target: Floats, back: int) -> int:
    """The first bar on which both are known, `back` bars of the form left out."""
    both = np.flatnonzero(np.isfinite(scores) & np.isfinite(target))
    return int(both[min(back, len(both) - 1)])
