"""The page of a training run: true to its study, honest about what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.made_study import made_study, swept
from conformance.page_rules import check_page
from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.study import Study
from tradepulse.training.report import training_page
from tradepulse.training.report.document import Subject
from tradepulse.training.report.rule_texts import judged
from tradepulse.training.report.verdict import verdict_of


def words_of(configuration: Configuration, study: Study | None) -> str:
    return check_page(training_page(configuration, study).html)


def changed(study: Study, **parts: Any) -> Study:
    """The study with some parts replaced, or left out where the value is `...`."""
    document = {**study.document, **parts}
    return replace(study, document={k: v for k, v in document.items() if v is not ...})


def test_every_statistic_of_the_study_is_on_the_page_with_its_meaning() -> None:
    configuration, study = made_study()
    found = dict(study.document["statistics"]) | {"never_heard_of": 0.125}
    words = words_of(configuration, changed(study, statistics=found))
    for said in (
        "Deflated Sharpe, DSR", "SPA", "PBO", "PSR", "Reality check", "Shuffled markets",
        "Sign-flip test", "Walk-forward confidence", "Drawdown, 1 year in 100", "CPCV",
        "Confidence that this Sharpe beats the luckiest of all the tries.",
        "At 50 % choosing is guessing.", "never_heard_of", "0.125",
    ):  # fmt: skip
        assert said in words, said


def test_the_page_shows_the_runs_own_facts() -> None:
    configuration, study = made_study()
    words = words_of(configuration, study)
    for said in (
        "binance BTC/USDT", "1h", "2022-01-01", "3f0c9a52", "DISCOVERY", "hold-out, sealed",
        "420", "8.3", "Years of data a Sharpe ratio needs", "all of them together", "b31c" * 16,
        "tradepulse train volume_breakout --exchange binance --pairs BTC/USDT -i 1h",
        "--rule taker_fee_bps=7.5 --rule slippage_bps=3", "tradepulse report 3f0c9a52",
        "fast 12, slow 60, stop_atr 2", "On 48 of 200 shuffled markets",
    ):  # fmt: skip
        assert said in words, said


def test_curves_end_where_the_study_says() -> None:
    _, study = made_study()
    outside = np.prod(1 + np.asarray(study.document["out_of_sample"]["returns"])) - 1
    said = f"{abs(100 * outside):,.1f}\u202f%"
    assert said in training_page(*made_study()).html


Change = Callable[[Study], Study | None]


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ({"folds": ...}, "No folds: this configuration was not trained by walk-forward."),
        ({"folds": []}, "No folds: this configuration was not trained by walk-forward."),
        ({"permutation": {"observed": None, "best": []}}, "No shuffled markets"),
        ({"statistics": ...}, "No statistics: this configuration was not trained"),
        ({"trial_sharpes": []}, "The study kept no Sharpe ratios of the tries."),
        ({"surface": {}}, "No map: the search tried too few sets"),
        ({"stress": ...}, "No stress runs are stored"),
        (
            {"in_sample": ..., "out_of_sample": ..., "market": ...},
            "The study kept no daily returns",
        ),
        ({"split": ..., "spec": ...}, "It was not run again here."),
    ],
)
def test_what_a_study_lacks_is_said(without: Mapping[str, Any], said: str) -> None:
    configuration, study = made_study()
    assert said in words_of(configuration, changed(study, **without))


def test_a_study_with_nothing_in_it_is_still_a_page() -> None:
    configuration, study = made_study()
    words_of(configuration, replace(study, document={}))


def test_a_configuration_without_a_study_says_what_is_not_known() -> None:
    words = words_of(swept(), None)
    assert "DISCOVERY: found, not proven" in words
    assert "nothing here tells skill from luck" in words
    assert "Sharpe, in sample" in words


@pytest.mark.parametrize(
    ("parameters", "search", "said"),
    [
        (1, "random", "median sharpe by fast"),
        (2, "random", "Cells gather neighbouring values."),
        (3, "grid", "The other parameter differs inside a cell."),
        (4, "random", "The other 2 parameters differ inside a cell."),
    ],
)
def test_the_parameter_map_fits_the_search(parameters: int, search: str, said: str) -> None:
    assert said in words_of(*made_study(parameters=parameters, search=search))


@pytest.mark.parametrize("flag", [True, False])
def test_markets_that_were_made_up_are_called_so(flag: bool) -> None:
    configuration, study = made_study(edge=True)
    if flag:
        study = changed(study, synthetic=True)
    else:
        configuration = replace(configuration, exchange="synthetic")
    assert "SYNTHETIC" in words_of(configuration, study)
    assert "SYNTHETIC" not in words_of(*made_study(edge=True))


def test_verdicts_name_the_gravest_reasons() -> None:
    said = verdict_of(Subject(*made_study()))
    assert said.headline == "Stays in DISCOVERY: 6 of 13 rules not met"
    assert "420 tries on the same data reach 0.92 by luck alone" in said.sentence
    assert "Do not put money on it." in said.sentence
    earned = verdict_of(Subject(*made_study(edge=True)))
    assert earned.headline == "Earned VALIDATION: all 13 rules met"
    assert "5 of 5 later periods" in earned.sentence


@pytest.mark.parametrize(("value", "said"), [(None, False), (0.0, True)])
def test_only_a_leak_that_was_found_is_told(value: float | None, said: bool) -> None:
    """The check is left out where others have refused already: that is no leak."""
    configuration, study = made_study()
    others = tuple(e for e in configuration.evidence if e.rule != "look_ahead")
    seen = Evidence("look_ahead", 1.0, value, passed=False)
    found = verdict_of(Subject(replace(configuration, evidence=(*others, seen)), study))
    assert ("its signals change when later bars change" in found.sentence) is said


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("studied", [True, False])
def test_every_stage_has_a_verdict_with_and_without_a_study(stage: Stage, studied: bool) -> None:
    configuration, study = made_study(edge=stage is not Stage.DISCOVERY)
    found = replace(configuration, lifecycle_stage=stage)
    words = words_of(found, study if studied else None)
    assert stage.value in words


@pytest.mark.parametrize(
    ("evidence", "verdict", "value", "threshold"),
    [
        (Evidence("superiority", 0.05, 0.13, False), "not", "0.130", "under 0.05"),
        (Evidence("stress", 0.0, 0.11, True), "met", "+11.00\u202f%", "over 0\u202f%"),
        (Evidence("track_record", 1508.0, 809.4, True), "met", "809", "1,508 are there"),
        (Evidence("look_ahead", 1.0, None, False), "not", "not checked", "clean"),
        (Evidence("plateau", 0.5, None, False, required=False), "note", "\u2013", "0.5 or more"),
        (Evidence("trades", 30.0, 47.0, True), "met", "47", "30 or more"),
        (Evidence("an_unknown_rule", None, 2.0, True), "met", "2", ""),
    ],
)
def test_evidence_in_words(evidence: Evidence, verdict: str, value: str, threshold: str) -> None:
    row = judged(evidence)
    assert (row.verdict, row.value, row.threshold) == (verdict, value, threshold)


def test_hostile_names_stay_text() -> None:
    configuration, study = made_study()
    hostile = "<script>alert('x')</script>"
    folds = [{**fold, "parameters": {hostile: hostile}} for fold in study.document["folds"]]
    named = replace(configuration, strategy_name=hostile, parameters={hostile: hostile})
    assert hostile in words_of(named, changed(study, folds=folds))
