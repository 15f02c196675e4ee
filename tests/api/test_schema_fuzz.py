"""Every operation, asked with made-up requests of every shape: it never fails, and never answers
with a status or a body that its description does not name.

The home is a real one with rows and bars; what a request changes, later requests see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sample_rows
from hypothesis import HealthCheck, Phase, given, settings
from recording_engine import RecordingEngine
from sample_bars import walk
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App, open_home
from tradepulse.domain.settings import ApiSettings, Settings

BASE = "http://127.0.0.1:8080"
# A stream does not end; the kill switch waits for engines; keys are asked about at an exchange.
LEFT_OUT = ("/events/stream", "/kill-switch", "/exchanges/connections")
# What httpx takes of a request as it was made up.
TAKEN = ("method", "url", "params", "headers", "json", "content")
# Made-up ids are found by nobody: half of the requests name what there is.
THERE_IS = {
    "configuration_id": sample_rows.CONFIGURATIONS[0], "wallet_id": sample_rows.WALLET,
    "activation_id": sample_rows.RUNNING, "signal_id": sample_rows.name(4, 0),
    "order_id": sample_rows.name(5, 0), "position_id": sample_rows.name(8, 1),
    "exchange": "binance", "symbol": "BTC/USDT", "pair": "BTC/USDT", "interval": "1h",
    "name": "ema_cross", "strategy": "ema_cross", "cursor": None,
}  # fmt: skip


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = open_home(tmp_path_factory.mktemp("fuzz") / "home").home
    app = App(home, Settings(api=ApiSettings(requests_per_second=None)))
    sample_rows.fill(app.database)
    app.bars.append("binance", "BTC/USDT", "1h", walk())
    api = create_app(app, RecordingEngine(), now_ms=lambda: sample_rows.NOW)
    # A failure is to arrive as the answer that clients get.
    with TestClient(api, base_url=BASE, headers=headers_of(app)) as client:
        yield client
    app.database.close()


@pytest.mark.slow
def test_nothing_answers_what_is_not_described(client: TestClient) -> None:
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as of

    document = client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    checks = [
        not_a_server_error, of.status_code_conformance, of.content_type_conformance,
        of.response_schema_conformance,
    ]  # fmt: skip
    failures: list[str] = []
    answered: Counter[int] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        if any(part in operation.path for part in LEFT_OUT):
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=5, deadline=None, derandomize=True, database=None,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def ask(case: Any) -> None:
            for known in (False, True):
                if known:
                    case.path_parameters = _known(case.path_parameters)
                    case.query = _known(case.query)
                response = _asked(client, case)
                answered[response.status_code] += 1
                case.validate_response(response, checks=checks)

        try:
            ask()
        except BaseExceptionGroup as error:
            failures.append(f"{operation.label}: {_told(error)}")
    assert failures == [], "\n\n".join(failures)
    assert answered.total() > 500
    assert answered[200] + answered[202] > 100, answered


def _told(error: BaseExceptionGroup[BaseException]) -> str:
    return "; ".join(str(part)[:1500] for part in error.exceptions)


def _known(given: Any) -> Any:
    if not given:
        return given
    found = {name: THERE_IS.get(name, value) for name, value in given.items()}
    return {name: value for name, value in found.items() if value is not None}


def _asked(client: TestClient, case: Any) -> Any:
    made = case.as_transport_kwargs(base_url=BASE)
    # A body that is no JSON is raw; httpx calls that another name than requests does.
    made["content"] = made.get("data")
    # Made-up credentials would end at the gate: who asks is the home's admin.
    made["headers"] = {
        name: value for name, value in made["headers"].items() if name.lower() != "authorization"
    }
    return client.request(**{name: made[name] for name in TAKEN if made.get(name) is not None})
