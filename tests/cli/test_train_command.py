"""train, walk-forward, jobs, worker: from the command line, over a real home."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from training_home import MARKET, SMALL, essence, make_home, read

from tradepulse.bootstrap import open_home
from tradepulse.cli import main, training_run
from tradepulse.cli.output import wall_clock_ms
from tradepulse.domain.job import JobState

TRAIN = ["train", "ema_cross", *MARKET, *SMALL]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


def job_ids(capsys: pytest.CaptureFixture[str], home: Path) -> list[str]:
    return [job["id"] for job in read(capsys, home, "jobs", "list")[1]["items"]]


def test_a_training_run_answers_with_a_judged_configuration(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    code, answer = read(capsys, home, *TRAIN)
    assert code == 0
    assert (answer["strategy_name"], answer["pair"]) == ("ema_cross", "ETH/USD")
    assert answer["parameters"]["fast"] == 8
    assert answer["lifecycle_stage"] in ("DISCOVERY", "VALIDATION")
    rules = {item["rule"] for item in answer["evidence"]}
    assert {"look_ahead", "deflated_sharpe", "walk_forward", "trades"} <= rules
    assert all(item["note"] for item in answer["evidence"])
    code, job = read(capsys, home, "jobs", "show", answer["job_id"][:8])
    assert (job["state"], job["configuration_ids"]) == ("DONE", [answer["id"]])
    assert job["trials_done"] >= 36
    assert job["logs"][0]["message"].endswith(f"found {answer['id']}, {answer['lifecycle_stage']}")
    with open_home(home).database.reading() as tx:
        assert len(tx.studies.get(answer["id"]).document["folds"]) == 2
        # Identical trials of a second run are not counted again, and nothing new is stored.
    code, again = read(capsys, home, *TRAIN)
    assert (again["id"], again["job_id"] != answer["job_id"]) == (answer["id"], True)


def test_for_people_there_is_a_table_and_a_next_step(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert main([*TRAIN, "--home", str(home)]) == 0
    shown = capsys.readouterr()
    assert "deflated_sharpe" in shown.out
    assert "tradepulse report" in shown.out
    assert "development, 12 of 36 trials" in shown.err


def test_walk_forward_shows_the_folds(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    words = ["walk-forward", "ema_cross", *MARKET, "--trials", "6", "--folds", "3"]
    code, answer = read(capsys, home, *words)
    assert (code, [fold["number"] for fold in answer["folds"]]) == (0, [1, 2, 3])
    assert {"parameters", "train_sharpe", "test_sharpe"} <= set(answer["folds"][0])
    assert "walk_forward_psr" in answer["out_of_sample"]
    assert main([*words, "--home", str(home)]) == 0
    assert "Sharpe judged" in capsys.readouterr().out


def test_hyperopt_trains_and_several_pairs_are_several_jobs(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    code, answer = read(
        capsys, home, "hyperopt", "-s", "EMA_CROSS", "--timeframe", "1h", "--pairs", "ETH/USD",
        "BTC/USD", "-e", "8", "--folds", "2", "--permutations", "0", "--queue",
    )  # fmt: skip
    assert (code, len(answer["job_ids"])) == (0, 2)
    assert [job["spec"]["pair"] for job in answer["items"]] == ["ETH/USD", "BTC/USD"]
    code, worked = read(capsys, home, "worker", "--once")
    assert (code, [item["state"] for item in worked["items"]]) == (0, ["DONE", "DONE"])
    assert [item["job_id"] for item in worked["items"]] == answer["job_ids"]
    assert read(capsys, home, "worker", "--once") == (0, {"items": []})


def test_all_trains_every_strategy_and_passes_over_those_without_a_say(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    wanted = ["all", *MARKET, "--trials", "3", "--folds", "2", "--permutations", "0",
              "--decide-early"]  # fmt: skip
    code, answer = read(capsys, home, "train", *wanted)
    assert code == 0
    names = {item["strategy_name"] for item in answer["items"]}
    assert {"ema_cross", "supertrend", "donchian_breakout"} <= names
    # It reads the funding rate, which spot does not have.
    assert "funding_carry" not in names


def test_a_queued_job_is_paused_resumed_here_and_is_the_same(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (name,) = read(capsys, home, *TRAIN, "--queue")[1]["job_ids"]
    assert read(capsys, home, "jobs", "pause", name[:8])[1]["state"] == "PAUSED"
    assert read(capsys, home, "worker", "--once")[1]["items"] == []
    code, answer = read(capsys, home, "train", "--resume", name[:8])
    assert (code, answer["job_id"]) == (0, name)
    # Done is done: asked again it answers with what was found.
    assert read(capsys, home, "train", "--resume", name)[1] == answer
    other = make_home(tmp_path_factory.mktemp("other"))
    assert essence(read(capsys, other, *TRAIN)[1]) == essence(answer)


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_ctrl_c_pauses_and_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch,
    as_json: list[str],
) -> None:  # fmt: skip
    import signal

    class Impatient(training_run.Foreground):
        """The user presses Ctrl-C as soon as the first batch is told of."""

        def _runner(self, listener: Any) -> Any:
            def told(progress: dict[str, Any]) -> None:
                listener(progress)
                if progress["trials_done"] == 12:
                    signal.raise_signal(signal.SIGINT)

            return super()._runner(told)

    with monkeypatch.context() as patch:
        patch.setattr("tradepulse.cli.train.Foreground", Impatient)
        assert main([*TRAIN, "--home", str(home), *as_json]) == 130
    out, said = capsys.readouterr()
    (name,) = job_ids(capsys, home)
    if as_json:
        told = json.loads(out)
        assert (told["error"]["code"], told["job_id"], told["items"]) == ("stopped", name, [])
        assert f"tradepulse train --resume {name[:8]}" in told["error"]["hint"]
    else:
        assert out == ""
    assert f"tradepulse train --resume {name[:8]}" in said
    assert read(capsys, home, "jobs", "list", "--state", "paused")[1]["items"][0]["id"] == name
    code, answer = read(capsys, home, "train", "--resume", name)
    assert (code, answer["job_id"]) == (0, name)


@pytest.mark.parametrize(
    ("module", "words"),
    [("train", []), ("walk_forward", ["--trials", "6", "--folds", "2"])],
)
def test_what_was_done_before_the_stop_is_in_the_answer(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch,
    module: str, words: list[str],
) -> None:  # fmt: skip
    class OncePatient(training_run.Foreground):
        """The second job is interrupted twice, which stops it at once."""

        def _runner(self, listener: Any) -> Any:
            runner, run = super()._runner(listener), self._runs
            if run:
                runner.run = interrupted
            self._runs = run + 1
            return runner

        _runs = 0

    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"tradepulse.cli.{module}.Foreground", OncePatient)
    market = ["--exchange", "kraken", "--pairs", "ETH/USD", "BTC/USD", "-i", "1h"]
    command = module.replace("_", "-")
    code, told = read(capsys, home, command, "ema_cross", *market, *(words or SMALL))
    assert (code, told["error"]["code"]) == (130, "stopped")
    second, first = job_ids(capsys, home)
    assert told["job_id"] == second
    assert [(item["job_id"], item["pair"]) for item in told["items"]] == [(first, "ETH/USD")]
    assert ("folds" in told["items"][0]) is (module == "walk_forward")


def test_a_wish_is_left_to_who_runs_the_job(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """Going on is refused while another runs it, and what was asked of that one stands."""
    from tradepulse.storage.training_jobs import DatabaseJobs

    (name,) = read(capsys, home, *TRAIN, "--queue")[1]["job_ids"]
    with open_home(home).database as database:
        board = DatabaseJobs(database, wall_clock_ms)
        held = board.claim("elsewhere", 60_000)
        assert held is not None
        assert read(capsys, home, "jobs", "cancel", name)[1]["state"] == "RUNNING"
        beat = threading.Timer(0.8, board.renew, (held, 120_000))
        beat.start()
        code, answer = read(capsys, home, "train", "--resume", name)
        beat.join()
        assert (code, answer["error"]["code"]) == (3, "job_running")
        with database.reading() as tx:
            assert tx.jobs.get(name).wish == "cancel"


def test_a_job_somebody_runs_is_not_run_twice(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradepulse.storage.training_jobs import DatabaseJobs

    (name,) = read(capsys, home, *TRAIN, "--queue")[1]["job_ids"]
    with open_home(home).database as database:
        clock = [0]
        board = DatabaseJobs(database, lambda: 10**14 + clock[0])
        held = board.claim("elsewhere", 1000)
        assert held is not None

        def beat(_: float) -> None:
            clock[0] += 1
            assert board.renew(held, 1000)

        monkeypatch.setattr("tradepulse.cli.training_run.time.sleep", beat)
        code, answer = read(capsys, home, "train", "--resume", name)
    assert (code, answer["error"]["code"]) == (3, "job_running")
    assert "elsewhere" in answer["error"]["found"]


REFUSED: list[tuple[list[str], int, str]] = [
    (["train"], 2, "missing_option"),
    (["train", "nobody", *MARKET], 4, "strategy_not_found"),
    (["train", "ema_cross", "--pairs", "DOGE/USD"], 4, "symbol_not_found"),
    (["train", "ema_cross", *MARKET, "--folds", "60"], 3, "too_little_data"),
    (["train", "ema_cross", *MARKET, "--search", "magic"], 4, "optimiser_not_found"),
    (["train", "ema_cross", *MARKET, "--objective", "beauty"], 4, "objective_not_found"),
    (["train", "ema_cross", *MARKET, "--constraint", "sharpe"], 2, "bad_constraint"),
    (["train", "ema_cross", *MARKET, "--grid", "wings=1,2"], 2, "unknown_parameter"),
    (["train", "momentum", *MARKET, "--search", "grid"], 3, "space_too_large"),
    (["train", "ema_cross", *MARKET, "--timerange", "20400101-"], 3, "empty"),
    (["train", "ema_cross", *MARKET, "--train-days", "20"], 2, "bad_train_spec"),
    (["train", "--resume", "nothing-like-it"], 4, "job_not_found"),
    (["train", "ema_cross", "--resume", "nothing-like-it"], 2, "conflicting_options"),
    (["train", "--resume", "nothing-like-it", "--seed", "0"], 2, "conflicting_options"),
    (["train", "--resume", "nothing-like-it", "--queue"], 2, "conflicting_options"),
    (["hyperopt", "--resume", "x", "--pairs", "ETH/USD"], 2, "conflicting_options"),
    ([*TRAIN, "--cluster", "localhost"], 2, "bad_cluster_url"),
    ([*TRAIN, "--cluster", "tcp://127.0.0.1:1"], 5, "cluster_unavailable"),
    (["train", "--resume", "nothing-like-it", "--cluster", "localhost"], 2, "bad_cluster_url"),
    (["jobs", "show", "nothing-like-it"], 4, "job_not_found"),
    (["jobs", "pause", "nothing-like-it"], 4, "job_not_found"),
    (["walk-forward", "ema_cross", *MARKET, "--folds", "1"], 2, "bad_value"),
]


@pytest.mark.parametrize(("argv", "exit_code", "code"), REFUSED)
def test_wrong_requests_are_refused_before_a_job_is_made(
    capsys: pytest.CaptureFixture[str], home: Path, argv: list[str], exit_code: int, code: str
) -> None:
    got, document = read(capsys, home, *argv)
    assert (got, document["error"]["code"]) == (exit_code, code)
    assert job_ids(capsys, home) == []


def test_a_strategy_outside_the_home_cannot_be_queued(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path
) -> None:
    source = Path(training_run.__file__).parents[1] / "strategies" / "ema_cross.py"
    text = source.read_text().replace("class EmaCross", "class MyCross")
    outside, inside = tmp_path / "my_cross.py", home / "strategies" / "my_cross.py"
    outside.write_text(text)
    code, answer = read(capsys, home, "train", str(outside), *MARKET, "--queue")
    assert (code, answer["error"]["code"]) == (2, "strategy_not_kept")
    inside.parent.mkdir(exist_ok=True)
    inside.write_text(text)
    code, answer = read(capsys, home, "train", str(inside), *MARKET, *SMALL, "--queue")
    assert (code, answer["items"][0]["spec"]["strategy"]) == (0, "my_cross")


def test_a_run_that_fails_keeps_its_job_and_says_why(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    words = ["--constraint", "trade_count>=100000", "--rule", "min_notional=1000000"]
    code, answer = read(capsys, home, *TRAIN, *words)
    assert (code, answer["error"]["code"]) == (3, "no_trades")
    (name,) = job_ids(capsys, home)
    job = read(capsys, home, "jobs", "show", name)[1]
    assert (job["state"], job["error"].split(":")[0]) == (JobState.FAILED, "no_trades")
