"""The page of a configuration: what it is worth, and everything that says so."""

from __future__ import annotations

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.study import Study
from tradepulse.pages import figures as f
from tradepulse.pages.backtest_page import metric_panels, synthetic_banner
from tradepulse.pages.evidence import evidence_list, tally
from tradepulse.pages.icons import stage_mark
from tradepulse.pages.markup import Child, Html, join, tag
from tradepulse.pages.page import Page, Part, grid, missing, page, panel
from tradepulse.pages.tables import tiles
from tradepulse.training.report.certainty import certainty_panels
from tradepulse.training.report.curves import equity_panel
from tradepulse.training.report.document import Subject
from tradepulse.training.report.folds import folds_chart_panel, folds_table_panel
from tradepulse.training.report.luck import permutation_panel, trials_panel
from tradepulse.training.report.measured import Measurement, measured_part
from tradepulse.training.report.reproduce import made_with_panels
from tradepulse.training.report.rule_texts import judged
from tradepulse.training.report.surface_panel import surface_panel
from tradepulse.training.report.tables import statistics_panels, stress_panel, tries_panel
from tradepulse.training.report.verdict import verdict_of


def training_page(
    configuration: Configuration, study: Study | None, measured: Measurement | None = None,
    why_not: str = "",
) -> Page:  # fmt: skip
    """The page of a configuration and the study of the run that found it.

    `study` None: one that a plain sweep found; the page says what is therefore not known.
    `measured`: its backtest run again, for the trades; None where it was not, and `why_not` in
    words.
    """
    subject = Subject(configuration, study)
    parts = _studied(subject) if study is not None else _unstudied(subject)
    parts += [
        measured_part(subject, measured, why_not),
        Part("made-with", "How it was made", made_with_panels(subject)),
    ]
    c = configuration
    title = f"{c.strategy_name}, {c.exchange} {c.pair} {c.interval}: {c.lifecycle_stage.value}"
    return page(title, _head(subject), parts, (_FOOT,))


_FOOT = (
    "Sharpe ratios are annual, over 365 days. Those of the statistics and of the tries have the "
    "market's part taken out: beta times buy and hold, with the beta of the development bars. "
    "Those of the folds, the parameter map, the shuffled markets and the stress runs are as the "
    "search scored them. Money is net of fees, slippage and funding."
)


_FOLDS = (
    "Each search knew only its training span. Spans are UTC days, the last included; Sharpe ratios "
    "have the market in them."
)


def _head(subject: Subject) -> Html:
    c = subject.configuration
    stage = c.lifecycle_stage.value
    words: list[Child] = [
        f"{c.exchange} {c.pair}", c.interval,
        f.day_span(*c.data_range), tag("span", stage_mark(stage), stage, class_=f"stage {stage}"),
        tag("span", c.id[:8], class_="mono"),
    ]  # fmt: skip
    chips = tag("div", *(tag("span", word, class_="chip") for word in words), class_="chips")
    banner = synthetic_banner() if subject.is_synthetic else None
    return join((tag("h1", c.strategy_name), chips, banner, _verdict(subject)))


def _verdict(subject: Subject) -> Html:
    said, stage = verdict_of(subject), subject.configuration.lifecycle_stage.value
    mark = tag("span", stage_mark(stage), class_=stage)
    words = tag("div", tag("h2", said.headline), tag("p", said.sentence))
    return tag(
        "div", tag("div", mark, words, class_="big"), tiles(_figures(subject)),
        class_="panel verdict",
    )  # fmt: skip


def _figures(subject: Subject) -> list[tuple[str, Child, str]]:
    if subject.study is None:
        metrics = subject.configuration.metrics
        return [
            ("Sharpe, in sample", f.decimal(metrics.get("sharpe")), "t3"),
            ("return, in sample", f.percent(metrics.get("total_return"), 1, sign=True), "t3"),
            ("tries", f.count(subject.configuration.trials), ""),
        ]
    differing = subject.statistic("trials_effective")
    tries = subject.statistic("trials_raw") or subject.configuration.trials
    return [
        ("Sharpe, backtest", f.decimal(subject.statistic("sharpe_annual")), "t3"),
        ("Sharpe to expect live", f.decimal(subject.statistic("expected_live_sharpe")), ""),
        (f"tries, about {f.count(differing)} distinct", f.count(tries), ""),
        ("hold-out", _hold_out(subject), ""),
    ]


def _hold_out(subject: Subject) -> str:
    held = subject.part("split").get("hold_out")
    if not held:
        return "none"
    return "opened" if subject.hold_out_opened else "sealed"


def _studied(subject: Subject) -> list[Part]:
    drawings = grid(
        trials_panel(subject), surface_panel(subject), folds_chart_panel(subject),
        permutation_panel(subject),
    )  # fmt: skip
    judgement = tag("div", drawings, _evidence(subject), class_="g side")
    return [
        Part("equity", "Equity", equity_panel(subject)),
        Part("judgement", "Skill or luck", judgement),
        Part("folds", "Folds", folds_table_panel(subject), _FOLDS),
        Part("statistics", "Every statistic", statistics_panels(subject)),
        Part("certainty", "What it would take to be sure", certainty_panels(subject)),
        Part("stress", "Stress and tries", grid(stress_panel(subject), tries_panel(subject))),
    ]


def _unstudied(subject: Subject) -> list[Part]:
    absent = missing(
        "This configuration came from a sweep, not from training. So there are no folds, no "
        "out-of-sample equity, no hold-out, no permutation test and no significance: nothing here "
        "tells skill from luck. ",
        tag("code", "tradepulse train"), " measures all of it.",
    )  # fmt: skip
    parts = [Part("unknown", "What is not known", panel("", absent))]
    parts.append(Part("metrics", "Metrics in sample", metric_panels(subject.configuration.metrics)))
    if subject.configuration.evidence:
        parts.append(Part("judgement", "Rules", _evidence(subject)))
    return parts


def _evidence(subject: Subject) -> Html:
    rules = [judged(item) for item in subject.configuration.evidence]
    if not rules:
        return panel("Evidence", missing("No rule has judged this configuration yet."))
    return panel("Evidence", evidence_list(rules), note=tally(rules), class_="evidence")
