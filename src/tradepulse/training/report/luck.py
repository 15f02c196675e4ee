"""What luck could have done: the distribution of the tries, and the searches on shuffled bars."""

from __future__ import annotations

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.pages import figures as f
from tradepulse.pages.histogram import Mark, histogram
from tradepulse.pages.markup import Html, join, tag
from tradepulse.pages.page import legend, missing, panel
from tradepulse.training.report.document import Subject, known, number


def trials_panel(subject: Subject) -> Html:
    """The tries' Sharpe ratios, the chosen one and the luckiest of as many marked."""
    title = "Sharpe ratios of all tries"
    sharpes = known(subject.document.get("trial_sharpes"))
    if not len(sharpes):
        return panel(title, missing("The study kept no Sharpe ratios of the tries."))
    chosen = number(subject.document.get("winner_sharpe"))
    luck = subject.statistic("expected_maximum_annual")
    raw, differing = subject.statistic("trials_raw"), subject.statistic("trials_effective")
    marks = []
    if chosen is not None:
        marks.append(Mark(chosen, f"chosen: {f.decimal(chosen)}", "hot"))
    if luck is not None:
        marks.append(Mark(luck, f"luckiest without skill: {f.decimal(luck)}", "luck"))
    below = sum(sharpes < chosen) / len(sharpes) if chosen is not None else None
    shown, beyond = _without_strays(sharpes)
    drawn = histogram(
        shown, marks,
        f"Sharpe ratios of {f.count(raw)} tries from {f.decimal(float(sharpes.min()))} to "
        f"{f.decimal(float(sharpes.max()))}; the chosen has {f.decimal(chosen)}",
        caption=f"Sharpe ratio a year, market part removed{beyond}",
    )  # fmt: skip
    words = (
        f"{f.count(raw)} tries, alike in part: they amount to {f.decimal(differing, 1)} that "
        f"differ. The best of so many without any skill would show {f.decimal(luck)}. The chosen "
        f"set is better than {f.percent(below, 0)} of the tries; it is the middle of a plateau, "
        "not the peak."
    )
    keys = legend(("hot", "chosen"), ("luck", "luckiest of as many without skill"))
    return panel(title, join((drawn, tag("p", words, class_="remark"))), note=keys)


def _without_strays(values: Floats) -> tuple[Floats, str]:
    """(the values, those far below all others moved to the edge, and a word on them): a set that
    lost everything would else be all there is to see."""
    low, high = np.quantile(values, (0.02, 0.98))
    edge = low - (high - low)
    strays = int((values < edge).sum())
    said = f"; {strays:,} further below at the edge" if strays else ""
    return np.maximum(values, edge), said


def permutation_panel(subject: Subject) -> Html:
    """The best result on each shuffled market, the real one marked."""
    title = "The same search on shuffled markets"
    part = subject.part("permutation")
    best, observed = known(part.get("best")), number(part.get("observed"))
    if not len(best) or observed is None:
        return panel(title, missing(
            "No shuffled markets: the test was switched off, or these bars carry inputs that "
            "cannot be shuffled with them."
        ))  # fmt: skip
    p = subject.statistic("permutation_p")
    reached = int((best >= observed).sum())
    name = str((subject.spec.get("objectives") or ["sharpe"])[0]).replace("_", " ")
    drawn = histogram(
        best, [Mark(observed, f"real market: {f.decimal(observed)}", "hot")],
        f"Best {name} on {len(best):,} shuffled markets; on the real one {f.decimal(observed)}",
        caption=f"best {name} of the whole search",
    )  # fmt: skip
    words = (
        f"Shuffling keeps the bars and destroys their order, so nothing can be known from it. On "
        f"{reached:,} of {len(best):,} shuffled markets the search found at least as much as on "
        f"the real one: p = {f.p_value(p)}."
    )
    return panel(
        title, join((drawn, tag("p", words, class_="remark"))), note=legend(("hot", "real market"))
    )
