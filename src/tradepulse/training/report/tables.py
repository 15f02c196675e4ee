"""Statistics and stress runs as tables."""

from __future__ import annotations

from typing import Any

from tradepulse.pages import figures as f
from tradepulse.pages.evidence import verdict_mark
from tradepulse.pages.markup import Child, Html, join, tag
from tradepulse.pages.page import grid, missing, panel
from tradepulse.pages.tables import Cell, Column, facts, table
from tradepulse.training.report.document import Subject, number
from tradepulse.training.report.rule_texts import threshold_text, verdict_of
from tradepulse.training.report.statistic_texts import GROUPS, StatisticText

_HEADS: tuple[Column | str, ...] = ("Statistic", "Meaning", Column("Value"), "Rule")
_STRESSES = {
    "all": "all of them together", "fees x1.5": f"fees {f.TIMES} 1.5",
    "slippage x2": f"slippage {f.TIMES} 2",
}  # fmt: skip


def statistics_panels(subject: Subject) -> Html:
    """Every statistic of the study in groups; one that has no text here stands at the end."""
    found = subject.part("statistics")
    if not found:
        return missing(
            "No statistics: this configuration was not trained, so nothing here was tested against "
            "luck. ",
            tag("code", "tradepulse train"), " does.",
        )  # fmt: skip
    panels = []
    for title, texts in GROUPS.items():
        rows = [_row(subject, text, found[name]) for name, text in texts.items() if name in found]
        if rows:
            panels.append(panel(title, table(_HEADS, rows, class_="words stats")))
    told = {name for texts in GROUPS.values() for name in texts}
    others = [(name, "", _untold(value), "") for name, value in found.items() if name not in told]
    if others:
        panels.append(panel("Others", table(_HEADS, others, class_="words stats")))
    return grid(*panels, columns=1)


def _row(subject: Subject, text: StatisticText, value: Any) -> list[Child]:
    return [text.title, text.meaning, text.form(value), _verdict(subject, text, value)]


def _verdict(subject: Subject, text: StatisticText, value: Any) -> Child:
    judged = None if text.rule is None else subject.evidence(text.rule)
    # Of two readings of one statistic the rule looks at one.
    if judged is None or number(value) != number(judged.value):
        return ""
    return tag("span", verdict_mark(verdict_of(judged)), threshold_text(judged), class_="ruled")


def _untold(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return f"{len(value)} values"
    return f.plain(value)


def stress_panel(subject: Subject) -> Html:
    """The chosen set under worse conditions."""
    rows = subject.rows("stress")
    if not rows:
        return panel("Under stress", missing("No stress runs are stored with this configuration."))
    inside = number(subject.configuration.metrics.get("total_return"))
    usual = number(subject.configuration.metrics.get("sharpe"))
    drawn = [_stress("as trained", inside, usual)]
    drawn += [
        _stress(
            _STRESSES.get(str(row["name"]), str(row["name"])), number(row.get("total_return")),
            number(row.get("sharpe")),
        )
        for row in rows
    ]  # fmt: skip
    return panel(
        "Under stress",
        table(("Run", Column("Total return"), Column("Sharpe")), drawn),
        note="net, on the development bars",
    )


def _stress(name: str, earned: float | None, sharpe: float | None) -> list[Child]:
    return [name, Cell(f.percent(earned, sign=True), f.tone(earned)), f.decimal(sharpe)]


def tries_panel(subject: Subject) -> Html:
    """How many sets were tried, and what they amount to."""
    raw, differing = subject.statistic("trials_raw"), subject.statistic("trials_effective")
    if raw is None:
        return panel("Tries", missing("How many sets were tried on this market is not known here."))
    own = number(subject.part("trials").get("development"))
    rows: list[tuple[str, Child]] = [
        ("By this run, on all development bars", f.count(own)),
        ("On this strategy and market, ever", f.count(raw)),
        ("Which amount to", f"{f.decimal(differing, 1)} that differ"),
        ("Sharpe of the luckiest of them", f.decimal(subject.statistic("expected_maximum_annual"))),
    ]
    words = tag(
        "p", "Every set that any run ever tried counts, whoever ran it and whether it won or not: "
        "the more tries, the more luck. Sets that trade alike count as one.", class_="remark",
    )  # fmt: skip
    return panel("Tries", join((facts(rows), words)))
