"""configs promote, judge, validate: a stage is earned step by step, and lost by what happens."""

from __future__ import annotations

import dataclasses
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.trained_home import (
    DEVELOPMENT,
    FAMILY,
    HELD,
    LIVE,
    MARKET,
    NOW,
    TrainedHome,
    day,
    planted_bars,
)
from tradepulse.cli import main
from tradepulse.cli.daily_judgement import daily_judgement
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.lifecycle import ActivationState, Feed, Stage
from tradepulse.storage.hold_outs import open_hold_out
from tradepulse.storage.judging import judge, judge_all
from tradepulse.storage.promoting import Decision, promote
from tradepulse.strategies.api import Bars, Signals, Strategy


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in VALIDATION with its live days behind it; copied, since it takes a while to make."""
    folder = tmp_path_factory.mktemp("template") / "home"
    made = TrainedHome(folder)
    made.trade()
    made.app.database.close()
    return folder


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Iterator[TrainedHome]:
    shutil.copytree(template, tmp_path / "home")
    made = TrainedHome(tmp_path / "home")
    yield made
    made.app.database.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[TrainedHome]:
    """A home in VALIDATION that never traded."""
    made = TrainedHome(tmp_path / "home")
    yield made
    made.app.database.close()


def decide(home: TrainedHome, to: Stage | None = None, **options: Any) -> Decision:
    app = home.app
    return promote(app.database, app.bars, home.id, to, by="test", now_ms=NOW, **options)


def failed(decision: Decision) -> set[str]:
    return {item.rule for item in decision.failed}


def is_opened(home: TrainedHome) -> bool:
    with home.app.database.reading() as tx:
        held = tx.hold_outs.of_family(FAMILY)
    assert held is not None
    return held.opened_at is not None


def told(home: TrainedHome) -> list[str]:
    """Types of the events that say something about stages and hold-outs, in order."""
    with home.app.database.reading() as tx:
        found = tx.events.since(0, types=["configuration.*"])
    return [event.type.removeprefix("configuration.") for event in found]


def run(capsys: pytest.CaptureFixture[str], home: TrainedHome, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home.path), "--json"])
    return code, json.loads(capsys.readouterr().out)


HOLD_OUT_RULES = {"hold_out_sharpe", "hold_out_psr", "dsr_with_hold_out"}


def test_mature_is_earned_and_the_opening_is_written_first(home: TrainedHome) -> None:
    look = decide(home, dry_run=True)
    assert (look.promoted, failed(look), is_opened(home)) == (False, HOLD_OUT_RULES, False)
    decision = decide(home)
    assert (decision.promoted, failed(decision)) == (True, set())
    stored = home.stored()
    assert stored.lifecycle_stage is Stage.MATURE
    # The training's evidence stays beside the new.
    assert {"walk_forward", "live_trades", "hold_out_psr"} <= {e.rule for e in stored.evidence}
    assert told(home)[-2:] == ["holdout_opened", "stage"]
    with pytest.raises(TradePulseError, match="no step leads from MATURE") as caught:
        decide(home)
    assert caught.value.code == "promotion_refused"


def test_history_is_no_live_evidence_however_new(fresh: TrainedHome) -> None:
    fresh.trade(feed=Feed.REPLAY)
    decision = decide(fresh)
    assert {"live_trades", "live_days", "live_signal_match"} <= failed(decision)
    assert not is_opened(fresh)


def test_too_few_live_days_waste_no_hold_out(fresh: TrainedHome) -> None:
    fresh.trade(days=50)
    decision = decide(fresh)
    assert failed(decision) == {"live_trades", "live_days", *HOLD_OUT_RULES}
    assert (decision.promoted, is_opened(fresh)) == (False, False)
    assert fresh.stored() == fresh.configuration


def test_a_hold_out_is_opened_once(home: TrainedHome) -> None:
    with home.app.database.transaction() as tx:
        open_hold_out(tx, FAMILY, by="somebody", now_ms=NOW)
    for dry_run in (True, False):
        with pytest.raises(TradePulseError, match="opened before") as caught:
            decide(home, dry_run=dry_run)
        assert caught.value.code == "holdout_opened"
        assert "somebody" in str(caught.value)


def test_a_look_cut_short_by_a_crash_is_taken_by_the_same_configuration(home: TrainedHome) -> None:
    with home.app.database.transaction() as tx:
        open_hold_out(tx, FAMILY, by="test", now_ms=NOW, configuration_id=home.id)
    assert decide(home).promoted


def test_changed_bars_of_the_hold_out_are_refused_unopened(home: TrainedHome) -> None:
    bars = home.bars.between(day(DEVELOPMENT + 3), day(DEVELOPMENT + 3) + 3_600_000)
    other = dataclasses.replace(bars, volume=bars.volume + 1.0)
    home.app.bars.append(*MARKET, other, overwrite=True)
    with pytest.raises(TradePulseError) as caught:
        decide(home)
    assert caught.value.code == "holdout_changed"
    assert not is_opened(home)


def test_a_hold_out_that_says_no_is_kept_and_burnt(tmp_path: Path) -> None:
    home = TrainedHome(tmp_path, planted_bars(held=-1.0))
    home.trade()
    decision = decide(home)
    assert {"hold_out_sharpe", "hold_out_psr"} <= failed(decision) <= HOLD_OUT_RULES
    stored = home.stored()
    assert stored.lifecycle_stage is Stage.VALIDATION
    shown = {e.rule: e.value for e in stored.evidence}
    assert shown["hold_out_sharpe"] is not None
    assert shown["hold_out_sharpe"] < 0.0
    assert told(home)[-2:] == ["holdout_opened", "judged"]
    with pytest.raises(TradePulseError) as caught:
        decide(home)
    assert caught.value.code == "holdout_opened"
    home.app.database.close()


def test_other_families_of_the_quarter_count(home: TrainedHome) -> None:
    with home.app.database.transaction() as tx:
        for number in range(4):
            other = dataclasses.replace(
                home.configuration, id=f"other-{number}", pair=f"C{number}/USD"
            )
            study = tx.studies.get(home.id)
            tx.configurations.insert(other)
            worse = {**study.document, "statistics": {"spa": 0.9}}
            tx.studies.insert(dataclasses.replace(study, configuration_id=other.id, document=worse))
            tx.configurations.set_stage(other.id, Stage.DISCOVERY)
    for number in range(4):
        step(home, f"other-{number}", NOW if number else NOW - 200 * DAY_MS)
    found = {e.rule: e for e in decide(home, dry_run=True).evidence}["false_discovery_rate"]
    # Three others this quarter; the fourth was promoted two quarters ago.
    assert found.value == pytest.approx(0.001 * 4)


def step(home: TrainedHome, configuration_id: str, now_ms: int) -> None:
    from tradepulse.storage.stages import record_stage

    with home.app.database.transaction() as tx:
        held = tx.configurations.get(configuration_id)
        record_stage(tx, held, Stage.VALIDATION, (), now_ms=now_ms, by="test")


class CoinToss(Strategy):
    """Stop and target so near that most bars touch both."""

    def signals(self, bar: Bars) -> Signals:
        near = 0.001 * bar.close
        return Signals(enter_long=bar.close > bar.open, stop=near, target=near)


VALIDATIONS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "earned": ({}, set()),
    "a failed rule": ({"broken": "walk_forward"}, {"walk_forward"}),
    "the best of a sweep": ({"study": False}, {"study"}),
    "exits by assumption": ({"strategy": CoinToss()}, {"ambiguous_exits"}),
}


@pytest.mark.parametrize("name", VALIDATIONS)
def test_validation_is_earned_by_training(fresh: TrainedHome, name: str) -> None:
    about, want = VALIDATIONS[name]
    fresh.configuration = fresh.train(Stage.DISCOVERY, **about)
    decision = decide(fresh)
    assert failed(decision) == want
    stage = Stage.DISCOVERY if want else Stage.VALIDATION
    assert (fresh.stored().lifecycle_stage, decision.promoted) == (stage, not want)


def test_other_bars_than_it_was_found_on_prove_nothing(fresh: TrainedHome) -> None:
    fresh.configuration = fresh.train(Stage.DISCOVERY)
    bars = fresh.bars.between(day(100), day(101))
    other = dataclasses.replace(bars, close=bars.close * 1.0005)
    fresh.app.bars.append(*MARKET, other, overwrite=True)
    assert failed(decide(fresh)) == {"same_data", "metrics_changed"}


def test_the_command_says_what_fails(
    capsys: pytest.CaptureFixture[str], fresh: TrainedHome
) -> None:
    fresh.configuration = fresh.train(Stage.DISCOVERY, broken="deflated_sharpe")
    code, document = run(capsys, fresh, "configs", "promote", fresh.id[:8])
    assert (code, document["error"]["code"]) == (3, "promotion_refused")
    assert document["error"]["expected"] == "deflated_sharpe: 0.5"
    assert document["error"]["found"] == "deflated_sharpe: 0.7 (about deflated_sharpe)"
    assert (document["from"], document["to"]) == ("DISCOVERY", "VALIDATION")
    assert main(["configs", "promote", fresh.id, "--home", str(fresh.path)]) == 3
    shown = capsys.readouterr()
    assert "deflated_sharpe" in shown.out
    assert "promotion_refused" in shown.err


def test_the_command_promotes(capsys: pytest.CaptureFixture[str], fresh: TrainedHome) -> None:
    fresh.configuration = fresh.train(Stage.DISCOVERY)
    argv = ["configs", "promote", fresh.id, "--to", "validation"]
    code, document = run(capsys, fresh, *argv, "--dry-run")
    assert (code, document["earned"], document["promoted"]) == (0, True, False)
    assert fresh.stored().lifecycle_stage is Stage.DISCOVERY
    code, document = run(capsys, fresh, *argv)
    assert (code, document["promoted"]) == (0, True)
    assert run(capsys, fresh, "configs", "show", fresh.id)[1]["lifecycle_stage"] == "VALIDATION"


WRONG = [
    (Stage.DISCOVERY, ["promote", "ID", "--to", "MATURE"], 3, "promotion_refused"),
    (Stage.WATCH, ["promote", "ID"], 3, "promotion_refused"),
    (Stage.DISCOVERY, ["promote", "ID", "--to", "RETIRED"], 2, "bad_stage"),
    (Stage.DISCOVERY, ["promote", "ID", "--to", "GREAT"], 2, "bad_stage"),
    (Stage.DISCOVERY, ["promote", "nothing-like-it"], 4, "configuration_not_found"),
    (Stage.DISCOVERY, ["judge"], 2, "conflicting_options"),
    (Stage.DISCOVERY, ["compare", "ID"], 2, "bad_value"),
]


@pytest.mark.parametrize(("stage", "argv", "exit_code", "code"), WRONG)
def test_wrong_requests(
    capsys: pytest.CaptureFixture[str], fresh: TrainedHome, stage: Stage, argv: list[str],
    exit_code: int, code: str,
) -> None:  # fmt: skip
    fresh.configuration = fresh.train(stage)
    words = [fresh.id if word == "ID" else word for word in argv]
    got, document = run(capsys, fresh, "configs", *words)
    assert (got, document["error"]["code"]) == (exit_code, code)


def judged(home: TrainedHome, now_ms: int = NOW, **options: Any) -> Any:
    app = home.app
    return judge(app.database, app.bars, home.id, now_ms=now_ms, by="test", **options)


def test_a_lost_edge_is_demoted_and_told_to_leave(tmp_path: Path) -> None:
    home = TrainedHome(tmp_path, planted_bars(live=-1.5))
    home.trade()
    running = home.trade_on()
    assert judged(home, dry_run=True).demoted
    assert home.stored().lifecycle_stage is Stage.VALIDATION
    found = judged(home)
    assert found.stage_to is Stage.DECAYED
    stored = home.stored()
    assert stored.lifecycle_stage is Stage.DECAYED
    assert not {e.rule: e.passed for e in stored.evidence}["live_cusum"]
    assert told(home)[-1] == "stage"
    with home.app.database.reading() as tx:
        assert tx.activations.get(running).state is ActivationState.DRAINING
    # It stays there: the way back is a new training, and only on bars after the stop.
    assert judged(home).stage_to is Stage.DECAYED
    home.configuration = home.train(Stage.DISCOVERY, study=False)
    assert "newer_data" in failed(decide(home))
    home.app.database.close()


def test_as_promised_it_keeps_its_stage(home: TrainedHome) -> None:
    assert not judged(home).demoted
    assert home.stored() == home.configuration
    # Half a year without a trade is another matter.
    assert judged(home, NOW + 200 * DAY_MS).stage_to is Stage.RETIRED


def test_trades_that_the_backtest_never_made_are_an_execution_fault(home: TrainedHome) -> None:
    with home.app.database.transaction() as tx:
        trades = tx.trades.page(configuration_id=home.id, limit=1000).items
        late = [dataclasses.replace(t, entry_time=t.entry_time + 3_600_000) for t in trades[::10]]
        tx.trades.insert_many(late, "replace")
    found = judged(home)
    assert found.stage_to is Stage.WATCH
    assert [e.rule for e in found.evidence if not e.passed] == ["live_signal_match"]


def test_bars_edited_since_are_no_measure_of_live_results(home: TrainedHome) -> None:
    """Other bars would promise something else, and live results would be held against it."""
    with home.app.database.transaction() as tx:
        edited = dataclasses.replace(home.configuration, id="edited", data_fingerprint="other")
        tx.configurations.insert(edited)
    with pytest.raises(TradePulseError) as caught:
        judge(home.app.database, home.app.bars, "edited", now_ms=NOW, by="test")
    assert caught.value.code == "history_changed"


def test_judging_all_goes_past_one_that_cannot_be_judged(home: TrainedHome) -> None:
    app = home.app
    with app.database.transaction() as tx:
        lost = dataclasses.replace(home.configuration, id="lost", data_range=(day(-40), day(-20)))
        tx.configurations.insert(lost)
        ran = tx.activations.of_configuration(home.id)[0]
        tx.activations.insert(
            dataclasses.replace(ran, id="lost-run", configuration_id="lost", last_bar=None)
        )
    found = {i.configuration.id: i for i in judge_all(app.database, app.bars, now_ms=NOW, by="t")}
    assert set(found) == {home.id, "lost"}
    assert found["lost"].error is not None
    assert found["lost"].error.startswith("empty")
    assert (found[home.id].error, found[home.id].days) == (None, LIVE)


def test_the_daily_round_beside_the_engine(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = TrainedHome(tmp_path, planted_bars(live=-1.5))
    home.trade()
    heard = threading.Event()
    with daily_judgement(home.app, lambda _: heard.set(), first_s=0.0):
        assert heard.wait(60.0)
    # By the machine's clock it has been idle for half a year besides.
    assert home.stored().lifecycle_stage is Stage.RETIRED
    assert "went from VALIDATION to RETIRED" in capsys.readouterr().err
    home.app.database.close()


def test_judge_command(capsys: pytest.CaptureFixture[str], home: TrainedHome) -> None:
    code, document = run(capsys, home, "configs", "judge", "--all", "--dry-run")
    (item,) = document["items"]
    assert (item["live_days"], item["live_trades"] > 30) == (LIVE, True)
    # The clock of the machine is long past the made market's days.
    assert (code, item["to"]) == (3, "RETIRED")
    assert main(["configs", "judge", home.id, "--dry-run", "--home", str(home.path)]) == 3
    assert "live_idle_days" in capsys.readouterr().out


def test_validate_measures_again(capsys: pytest.CaptureFixture[str], home: TrainedHome) -> None:
    with home.app.database.transaction() as tx:
        tx.configurations.set_stage(home.id, Stage.DISCOVERY)
    code, document = run(capsys, home, "validate", home.id)
    assert (code, document["verdict"], document["differences"]) == (0, "holds", {})
    assert document["live"]["trades"] > 30
    forged = dataclasses.replace(
        home.configuration, id="forged", metrics={**home.configuration.metrics, "sharpe": 99.0}
    )
    with home.app.database.transaction() as tx:
        tx.configurations.insert(forged)
    code, document = run(capsys, home, "validate", "forged")
    assert (code, document["verdict"]) == (3, "fails")
    assert document["differences"]["sharpe"]["stored"] == 99.0
    assert main(["validate", "forged", "--home", str(home.path)]) == 3
    assert "sharpe" in capsys.readouterr().out


def test_compare_export_import(
    capsys: pytest.CaptureFixture[str], fresh: TrainedHome, tmp_path: Path
) -> None:
    first, second = fresh.id, fresh.train(Stage.DISCOVERY, first_day=100, study=False).id
    code, document = run(capsys, fresh, "configs", "compare", first, second)
    rows = {(row["part"], row["name"]): row["values"] for row in document["rows"]}
    assert code == 0
    assert rows["facts", "lifecycle_stage"] == ["VALIDATION", "DISCOVERY"]
    assert rows["parameters", "fast"] == [5, 5]
    assert len(set(rows["metrics", "sharpe"])) == 2
    file = tmp_path / "taken.json"
    assert run(capsys, fresh, "configs", "export", first, "-o", str(file))[0] == 0
    other = ["--home", str(tmp_path / "other"), "--json"]
    assert main(["configs", "import", str(file), *other]) == 0
    taken = json.loads(capsys.readouterr().out)
    # Another home's evidence is not proved here.
    assert (taken["lifecycle_stage"], [e["rule"] for e in taken["evidence"]]) == (
        "DISCOVERY", ["imported"],
    )  # fmt: skip
    assert taken["configuration_hash"] == fresh.configuration.configuration_hash
    assert main(["configs", "import", str(file), *other]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == taken["id"]


TAMPERED: dict[str, Any] = {
    "no JSON": b"{",
    "a list": b"[]",
    "nothing in it": b"{}",
    "other parameters": {"parameters": {"fast": 6, "slow": 12}},
    "no graph": {"graph": {"nodes": 1}},
    "rules of nowhere": {"rules": {"magic": 1}},
    "a range of one": {"data_range": [1]},
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_file_is_refused(
    capsys: pytest.CaptureFixture[str], fresh: TrainedHome, tmp_path: Path, name: str
) -> None:
    file, change = tmp_path / "taken.json", TAMPERED[name]
    if not isinstance(change, bytes):
        _, document = run(capsys, fresh, "configs", "export", fresh.id)
        change = json.dumps({**document, **change}).encode()
    file.write_bytes(change)
    code, document = run(capsys, fresh, "configs", "import", str(file))
    assert (code, document["error"]["code"]) == (3, "corrupt_file")


def test_the_made_market_has_its_edge_where_it_should() -> None:
    """The other tests rest on it."""
    from conformance.trained_home import RULES, STRATEGY
    from tradepulse.training.windows import Dataset, daily_returns, run_window

    data = Dataset(planted_bars(held=-1.0), RULES)
    spans = ((0, DEVELOPMENT), (DEVELOPMENT, DEVELOPMENT + HELD))
    means = [
        np.mean(daily_returns(run_window(STRATEGY.graph, data.window(day(a), day(b)))))
        for a, b in spans
    ]
    assert means[0] > 0.0 > means[1]
