"""Training jobs over HTTP: queued once, refused with a reason, followed, and obeyed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sample_rows
from sample_rows import CONFIGURATIONS
from starlette.testclient import TestClient

from conformance import storage_records as make
from conformance.made_bars import made_bars
from conformance.trial_ledger_suite import tried
from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.study import Study
from tradepulse.storage.training_jobs import DatabaseJobs
from tradepulse.training.ledger import TrainProgress

UNKNOWN = sample_rows.name(9, 9)
BODY: dict[str, Any] = {
    "strategy": "EMA_CROSS", "exchange": "Kraken", "symbol": "ETHUSD", "interval": "1h",
    "search": "random", "trials": 20, "folds": 3, "seed": 7, "rules": {"taker_fee_bps": 5},
}  # fmt: skip


@pytest.fixture
def client(filled: App) -> Iterator[TestClient]:
    filled.bars.append("kraken", "ETH/USD", "1h", made_bars(3000))
    filled.bars.append("kraken", "BTC/USD", "1h", made_bars(3000, seed=2))
    api = create_app(filled, now_ms=lambda: sample_rows.NOW)
    with TestClient(
        api, base_url="http://127.0.0.1:8080", headers=headers_of(filled.database)
    ) as client:
        yield client


def post(client: TestClient, path: str, key: str | None = None, **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/training/{path}", json=body, headers=headers)


def ask(client: TestClient, job_id: str, wish: str) -> Any:
    return client.post(f"/api/v1/training/jobs/{job_id}/{wish}")


def queued(client: TestClient) -> str:
    return str(post(client, "jobs", **BODY).json()["id"])


def items(client: TestClient, path: str) -> list[dict[str, Any]]:
    return list(client.get(f"/api/training/{path}").json()["items"])


def test_a_job_is_queued_with_what_was_asked(client: TestClient) -> None:
    response = post(client, "jobs", **BODY)
    assert response.status_code == 202
    accepted = response.json()
    assert accepted["state"] == "QUEUED"
    job = client.get(f"/api/training/jobs/{accepted['id']}").json()
    wanted = ("state", "trials_done", "trials_total", "best", "eta_s", "configuration_ids", "error")
    assert [job[name] for name in wanted] == ["QUEUED", 0, None, None, None, [], None]
    spec = job["spec"]
    assert (spec["strategy"], spec["exchange"], spec["pair"]) == ("ema_cross", "kraken", "ETH/USD")
    assert (spec["trials"], spec["folds"], spec["seed"]) == (20, 3, 7)
    assert (spec["rules"]["taker_fee_bps"], spec["rules"]["market"]) == (5, "spot")
    changes = client.get("/api/changes/since?sequence=24").json()["changes"]
    assert [c["entity_id"] for c in changes if c["type"] == "job.progress"] == [accepted["id"]]


def test_the_same_key_is_the_same_job(client: TestClient) -> None:
    first, again = (post(client, "jobs", "key-1", **BODY) for _ in range(2))
    assert (first.status_code, first.json()) == (202, again.json())
    assert len(items(client, "jobs")) == 1
    other = post(client, "jobs", "key-1", **BODY | {"trials": 21})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"strategy": "nobody"}, 404, "strategy_not_found"),
    ({"symbol": "DOGE/USD"}, 404, "symbol_not_found"),
    ({"symbol": "ETH"}, 422, "unknown_pair"),
    ({"exchange": "nowhere"}, 404, "symbol_not_found"),
    ({"interval": "1m"}, 404, "interval_not_found"),
    ({"interval": "7q"}, 422, "unknown_interval"),
    ({"folds": 60}, 409, "too_little_data"),
    ({"start_ms": 1, "end_ms": 2}, 422, "empty"),
    ({"search": "magic"}, 404, "optimiser_not_found"),
    ({"search": "grid", "strategy": "momentum"}, 409, "space_too_large"),
    ({"grid": {"fast": []}}, 422, "empty_space"),
    ({"grid": {"wings": [1]}}, 422, "unknown_parameter"),
    ({"fixed": {"fast": -1}}, 422, "bad_parameter"),
    ({"objectives": ["beauty"]}, 404, "objective_not_found"),
    ({"constraints": ["sharpe"]}, 422, "bad_constraint"),
    ({"rules": {"taker_fee_bps": -1}}, 422, "bad_rules"),
    ({"trials": 0}, 422, "validation"),
    ({"hold_out_share": 0.9}, 422, "validation"),
    ({"leverage": 3}, 422, "validation"),
]


@pytest.mark.parametrize(("change", "status", "code"), REFUSED)
def test_what_cannot_begin_is_refused_and_not_queued(
    client: TestClient, change: dict[str, Any], status: int, code: str
) -> None:
    response = post(client, "jobs", **BODY | change)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert items(client, "jobs") == []


def test_a_body_that_is_no_json_is_told_where_it_breaks(client: TestClient) -> None:
    broken = b'{"strategy": oops}'
    headers = {"Content-Type": "application/json"}
    response = client.post("/api/training/jobs", content=broken, headers=headers)
    answer = response.json()
    assert (response.status_code, answer["code"]) == (422, "validation")
    assert answer["detail"] == "body is wrong"
    assert answer["expected"] == "a JSON document"
    assert answer["found"] == "Expecting value at character 13"


def test_a_look_before_queueing_seals_no_hold_out(client: TestClient, filled: App) -> None:
    queued(client)
    with filled.database.reading() as tx:
        assert tx.hold_outs.page().items == ()


def test_many_jobs_at_once(client: TestClient) -> None:
    body = {
        "strategies": ["ema_cross", "momentum"], "symbols": ["ETH/USD", "BTC/USD"],
        "intervals": ["1h", "4h"], "trials": 10, "folds": 2,
    }  # fmt: skip
    response = post(client, "start-multi-dimensional", "several", **body)
    assert response.status_code == 202
    ids = response.json()["job_ids"]
    assert len(set(ids)) == 8
    assert response.json() == post(client, "start-multi-dimensional", "several", **body).json()
    assert {job["id"] for job in items(client, "jobs")} == set(ids)
    first = client.get(f"/api/training/jobs/{ids[1]}").json()["spec"]
    assert (first["strategy"], first["pair"], first["interval"]) == ("ema_cross", "ETH/USD", "4h")
    assert len(items(client, "jobs?strategy=MOMENTUM&pair=BTCUSD")) == 2
    assert items(client, "jobs?state=RUNNING") == items(client, "jobs?kind=sweep") == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"symbols": ["ETH/USD", "DOGE/USD"]}, 404, "symbol_not_found"),
        ({"strategies": []}, 422, "validation"),
        ({"intervals": [f"{n}h" for n in range(1, 202)]}, 422, "too_many_jobs"),
    ],
)
def test_of_many_all_are_queued_or_none(
    client: TestClient, change: dict[str, Any], status: int, code: str
) -> None:
    body = {"strategies": ["ema_cross"], "symbols": ["ETH/USD"], "intervals": ["1h"]}
    response = post(client, "start-multi-dimensional", **body | change)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert items(client, "jobs") == []


def test_a_job_is_paused_resumed_and_cancelled(client: TestClient) -> None:
    job = queued(client)
    for wish, state in (("pause", "PAUSED"), ("resume", "QUEUED"), ("cancel", "CANCELLED")):
        response = ask(client, job, wish)
        assert (response.status_code, response.json()) == (202, {"id": job, "state": state})
    over = ask(client, job, "resume")
    assert (over.status_code, over.json()["code"]) == (409, "job_over")
    messages = [line["message"] for line in items(client, f"jobs/{job}/logs")]
    assert [text.rsplit(": ", 1)[1] for text in messages] == [
        "cancelled", "resumed", "paused", "queued",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["", "/trials", "/logs"])
def test_an_unknown_job_is_named(client: TestClient, path: str) -> None:
    response = client.get(f"/api/training/jobs/{UNKNOWN}{path}")
    assert (response.status_code, response.json()["code"]) == (404, "job_not_found")
    assert ask(client, UNKNOWN, "pause").json()["code"] == "job_not_found"
    assert ask(client, queued(client)[:8], "pause").json()["code"] == "job_not_found"


def test_a_running_job_shows_progress_trials_and_what_it_found(
    client: TestClient, filled: App
) -> None:
    name = queued(client)
    board = DatabaseJobs(filled.database, lambda: sample_rows.NOW)
    job = board.claim("worker", 15_000)
    assert job is not None
    told = TrainProgress("development", 3, 80, 0.75)
    board.ledger(job, 15_000).record([tried(n, job_id=name) for n in range(3)], told)
    assert ask(client, name, "pause").json() == {"id": name, "state": "RUNNING"}
    shown = client.get(f"/api/training/jobs/{name}").json()
    assert (shown["state"], shown["wish"], shown["owner"]) == ("RUNNING", "pause", "worker")
    assert (shown["trials_done"], shown["trials_total"], shown["best"]) == (3, 80, 0.75)
    page = client.get(f"/api/training/jobs/{name}/trials?limit=2").json()
    assert [trial["number"] for trial in page["items"]] == [0, 1]
    assert "daily_returns" not in page["items"][0]
    rest = items(client, f"jobs/{name}/trials?limit=2&cursor={page['next_cursor']}")
    assert [trial["number"] for trial in rest] == [2]
    assert items(client, f"jobs/{name}/trials?segment=fold-1") == []
    board.finish(job, Found(make.configuration("c9"), Study("c9", name, {"folds": [], "x": None})))
    done = client.get(f"/api/training/jobs/{name}").json()
    assert (done["state"], done["configuration_ids"]) == ("DONE", ["c9"])
    study = client.get("/api/training/configurations/c9/study").json()
    assert study == {
        "configuration_id": "c9", "job_id": name, "document": {"folds": [], "x": None},
    }  # fmt: skip


class Found:
    """What a training run hands back."""

    def __init__(self, configuration: Configuration, study: Study) -> None:
        self.configuration, self.study = configuration, study


@pytest.mark.parametrize(
    ("configuration", "code"),
    [(CONFIGURATIONS[0], "study_not_found"), (UNKNOWN, "configuration_not_found")],
)
def test_a_configuration_without_a_study(client: TestClient, configuration: str, code: str) -> None:
    response = client.get(f"/api/training/configurations/{configuration}/study")
    assert (response.status_code, response.json()["code"]) == (404, code)
