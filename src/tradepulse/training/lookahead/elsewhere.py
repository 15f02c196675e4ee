"""The strategy on a market that never was: what it still knows of the real one, it carries along.

Prices and volumes are replaced by a random walk with the same times. Whatever is computed from the
bars can then have no relation to what the real market did. An `@indicator` with a table of later
prices and a counter, a list of the best days, a graph written with the answers, all keep theirs.
The table may begin at any bar, so every shift of the two markets against each other is tried.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.training.lookahead.foresight import shapes
from tradepulse.training.lookahead.report import Leak
from tradepulse.training.lookahead.truth import Truth, normal_scores

CHECK = "elsewhere"
# The largest of some 100,000 standard normal numbers is about 4.5; a market's memory stretches it.
_SURENESS = 8.0
_FEWEST = 8


def random_market(bars: BarSeries, rng: np.random.Generator) -> BarSeries:
    """A random walk from the same first close with the real size of step, on the same times.

    Columns keep their values in a random order: even shifted they would know the real market.
    """
    count = len(bars)
    size = float(np.std(np.diff(np.log(bars.close)))) if count > 2 else 0.01
    size = max(size, 1e-4)
    steps = rng.normal(0.0, size, count)
    steps -= steps.mean()
    close = bars.close[0] * np.exp(np.cumsum(steps))
    opens = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(opens, close) * np.exp(np.abs(rng.normal(0.0, 0.5 * size, count)))
    low = np.minimum(opens, close) * np.exp(-np.abs(rng.normal(0.0, 0.5 * size, count)))
    volume = float(np.mean(bars.volume)) * rng.lognormal(-0.5, 1.0, count)
    columns = {name: rng.permutation(column) for name, column in bars.columns.items()}
    return replace(
        bars, open=opens, high=high, low=low, close=close, volume=volume, columns=columns
    )


def check_elsewhere(label: str, values: Floats, made: BarSeries, truth: Truth) -> Leak | None:
    """The sign that `values`, computed on the random market `made`, knows the real one."""
    flag = len(np.unique(values[np.isfinite(values)])) <= 2
    for what, scores in _forms(values, made, flag=flag):
        moving = scores[np.isfinite(scores)]
        if np.count_nonzero(moving) < _FEWEST:
            continue
        shift, sureness, correlation = _best_shift(np.nan_to_num(scores), truth.scores)
        if sureness > _SURENESS:
            # The mean is zero: a score above it is an event of a flag, any known bar of a series.
            shown = scores > 0.0 if flag else np.isfinite(scores)
            first = int(np.flatnonzero(shown)[0])
            when = f"{shift} bars later" if shift > 0 else f"{-shift} bars before"
            return Leak(
                CHECK, label, first,
                f"{label} knows the real market without having been given it: on random prices "
                f"the correlation of {what} with the real return {when} is {correlation:+.2f} "
                f"(t = {sureness:.0f})",
            )  # fmt: skip
    return None


def _forms(values: Floats, made: BarSeries, *, flag: bool) -> list[tuple[str, Floats]]:
    if not flag:
        return [(what, scores) for what, scores, _ in shapes(values, made)]
    # Each time it is true counts once, however seldom; all other bars are alike.
    highest = np.nanmax(values) if np.isfinite(values).any() else 0.0
    return [("its being true", normal_scores((values == highest).astype(np.float64)))]


def _best_shift(scores: Floats, real: Floats) -> tuple[int, float, float]:
    """(shift, standard errors, correlation) at which the series agree best; over zero when the
    real return comes after.

    The standard error is that of white noise, or the size of the agreement over all shifts where
    that is more: two slow series agree a little at every shift.
    """
    count = len(scores)
    size = 1 << int(np.ceil(np.log2(2 * count)))
    crossed = np.fft.irfft(np.conj(np.fft.rfft(scores, size)) * np.fft.rfft(real, size), size)
    energy = float(np.sum(scores * scores))
    # Shifts to either side overlap on half of the bars on average.
    usual = 2.0 * float(np.sum(crossed * crossed)) / (2.0 * count)
    place = int(np.argmax(np.abs(crossed)))
    agreement = float(crossed[place])
    shift = place if place <= size // 2 else place - size
    correlation = agreement / float(np.sqrt(energy * np.sum(real * real)))
    return shift, abs(agreement) / float(np.sqrt(max(energy, usual))), correlation
