"""The verdict of a study in words and figures, as a page or an API tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.domain.configuration import Evidence
from tradepulse.training.report.document import Subject, number
from tradepulse.training.report.rule_texts import text_of, threshold_text, verdict_of
from tradepulse.training.report.statistic_texts import GROUPS
from tradepulse.training.report.surface import Surface, surface_of, tries_of
from tradepulse.training.report.verdict import verdict_of as verdict_in_words


@dataclass(frozen=True)
class ToldRule:
    """A rule of the lifecycle: `verdict` is met, not, or note where it decides nothing; the texts
    are the numbers in the rule's own form."""

    rule: str
    title: str
    verdict: str
    note: str
    value: float | None
    threshold: float | None
    value_text: str
    threshold_text: str
    required: bool


@dataclass(frozen=True)
class ToldStatistic:
    """A statistic with its plain meaning; `rule`: the rule of the lifecycle that looks at it."""

    group: str
    name: str
    title: str
    meaning: str
    value: Any
    text: str
    rule: str | None


@dataclass(frozen=True)
class Told:
    """`tries` that were made and how many `distinct` ones they are worth; `hold_out`: sealed,
    opened, or none. Sharpe ratios are annual, the market's part taken out."""

    headline: str
    sentence: str
    tries: int
    distinct: float | None
    sharpe: float | None
    expected_live_sharpe: float | None
    luck_sharpe: float | None
    hold_out: str
    synthetic: bool
    studied: bool
    rules: tuple[ToldRule, ...]
    statistics: tuple[ToldStatistic, ...]


def told_of(subject: Subject) -> Told:
    """What is told of a configuration; without a study only what its row knows."""
    said = verdict_in_words(subject)
    held = subject.part("split").get("hold_out")
    opened = "opened" if subject.hold_out_opened else "sealed"
    return Told(
        said.headline, said.sentence,
        int(subject.statistic("trials_raw") or subject.configuration.trials),
        subject.statistic("trials_effective"), subject.statistic("sharpe_annual"),
        subject.statistic("expected_live_sharpe"), subject.statistic("expected_maximum_annual"),
        opened if held else "none", subject.is_synthetic, subject.study is not None,
        tuple(_rule(item) for item in subject.configuration.evidence), _statistics(subject),
    )  # fmt: skip


def _rule(item: Evidence) -> ToldRule:
    text = text_of(item.rule)
    return ToldRule(
        item.rule, text.title, verdict_of(item), item.note, item.value, item.threshold,
        text.form(item.value), threshold_text(item), item.required,
    )  # fmt: skip


def _statistics(subject: Subject) -> tuple[ToldStatistic, ...]:
    found = subject.part("statistics")
    return tuple(
        ToldStatistic(
            group, name, text.title, text.meaning, found[name], text.form(found[name]), text.rule
        )
        for group, texts in GROUPS.items()
        for name, text in texts.items()
        if name in found
    )


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Median scores by two parameters. `influence`: all parameters, the most influential first."""

    score: str
    influence: tuple[str, ...]
    surface: Surface


def heat_map_of(subject: Subject, across: str | None, up: str | None) -> HeatMap | None:
    """The map over two parameters, by default the two that matter most; None where the tries are
    too few, or differ in fewer than two parameters."""
    tries = tries_of(subject)
    if tries is None:
        return None
    moving = [k for k in tries.influence if np.ptp(tries.values[:, k]) > 0.0]
    names = [tries.names[k] for k in moving]
    first, second = _axes(names, across, up)
    if first is None or second is None:
        return None
    objectives: Sequence[Any] = subject.spec.get("objectives") or ("sharpe",)
    place = tries.names.index
    return HeatMap(str(objectives[0]), tuple(names), surface_of(tries, place(first), place(second)))


def _axes(names: list[str], across: str | None, up: str | None) -> tuple[str | None, str | None]:
    """The asked parameters where they moved, else the most influential of the rest."""
    first = across if across in names else None
    second = up if up in names and up != first else None
    rest = [name for name in names if name not in (first, second)]
    if first is None and rest:
        first = rest.pop(0)
    if second is None and rest:
        second = rest.pop(0)
    return first, second


def known_rows(table: Floats) -> list[list[float | None]]:
    """The table in types that JSON has: None where nobody tried."""
    return [[number(float(value)) for value in row] for row in table]
