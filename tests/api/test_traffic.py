"""How often one may ask, what is packed on the way out, and which other sites may call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sample_rows
from pydantic import ValidationError
from sample_bars import walk
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.api.bar_columns import read_columns
from tradepulse.api.rate_limit import Buckets
from tradepulse.bootstrap import App
from tradepulse.domain.settings import ApiSettings, Settings
from tradepulse.domain.user import Role

BASE = "http://127.0.0.1:8080"
Made = Callable[..., TestClient]


@pytest.fixture
def made(filled: App) -> Iterator[Made]:
    """Makes a client of the filled home under settings of its own."""
    clients: list[TestClient] = []

    def make(address: str = "127.0.0.1", **settings: Any) -> TestClient:
        app = App(filled.home, Settings(api=ApiSettings(**settings)))
        api = create_app(app, now_ms=lambda: sample_rows.NOW)
        headers = headers_of(app)
        client = TestClient(api, base_url=BASE, headers=headers, client=(address, 1234))
        clients.append(client)
        return client.__enter__()

    yield make
    for client in clients:
        client.__exit__(None, None, None)


def test_a_bucket_gives_what_its_rate_refills() -> None:
    now = [0.0]
    buckets = Buckets(10.0, 5, lambda: now[0])
    assert [buckets.take("a") for _ in range(5)] == [0.0] * 5
    assert buckets.take("a") == pytest.approx(0.1)
    assert buckets.take("b") == 0.0
    now[0] = 0.1
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0.0
    now[0] = 100.0
    assert [buckets.take("a") for _ in range(6)][:5] == [0.0] * 5
    assert [buckets.take("stranger", 0.1) for _ in range(2)] == [0.0, 1.0]


def test_buckets_are_forgotten() -> None:
    now = [0.0]
    buckets = Buckets(1.0, 1, lambda: now[0])
    for number in range(10_050):
        buckets.take(f"address {number}")
    assert len(buckets._buckets) <= 10_001
    now[0] = 1e6
    buckets.take("new")
    assert len(buckets._buckets) < 10_002


def test_who_asks_too_often_is_told_when_to_come_back(made: Made, filled: App) -> None:
    client = made(requests_per_second=0.5, requests_burst=3)
    answers = [client.get("/api/wallets") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "2"
    assert refused.headers["x-request-id"] == refused.json()["request_id"]
    # Another user is not held up by the first, and pages are not counted.
    other = headers_of(filled, "other", Role.VIEWER)
    assert client.get("/api/wallets", headers=other).status_code == 200
    assert client.get("/docs").status_code == 200


def test_without_a_limit_nobody_is_held_up(made: Made) -> None:
    client = made(requests_per_second=None, requests_burst=1)
    assert {client.get("/api/wallets").status_code for _ in range(20)} == {200}


def test_what_is_worth_it_is_packed(made: Made) -> None:
    client = made()
    packed = client.get("/api/trades?limit=24", headers={"accept-encoding": "gzip"})
    plain = client.get("/api/trades?limit=24", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert packed.json() == plain.json()
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "content-encoding" not in plain.headers
    for asked in ("", "br", "gzip;q=0", "deflate, gzip; q=0"):
        answer = client.get("/api/trades?limit=24", headers={"accept-encoding": asked})
        assert "content-encoding" not in answer.headers, asked
    small = client.get("/api/health/live", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in small.headers


def test_files_are_packed_piece_by_piece(made: Made) -> None:
    client = made()
    plain = client.get("/static/reference.js", headers={"accept-encoding": "identity"})
    packed = client.get("/static/reference.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content


@pytest.mark.parametrize(("address", "packed"), [("127.0.0.1", False), ("10.0.0.9", True)])
def test_bars_are_packed_for_who_is_far(
    made: Made, filled: App, address: str, packed: bool
) -> None:
    filled.bars.append("made", "BTC/USDT", "1h", walk())
    client = made(address, allow_remote=True)
    asked = "/api/bars/columns?exchange=made&symbol=BTCUSDT&interval=1h"
    answer = client.get(asked, headers={"accept-encoding": "gzip"})
    assert (answer.headers.get("content-encoding") == "gzip") == packed
    assert read_columns(answer.content)["close"].tolist() == walk().close.tolist()


def test_other_sites_may_call_only_if_they_are_named(made: Made) -> None:
    site, other = "https://desk.example", "https://evil.example"
    client = made(cors_origins=site)
    asked = {"access-control-request-method": "POST",
             "access-control-request-headers": "authorization, idempotency-key"}  # fmt: skip
    early = client.options("/api/wallets", headers={"origin": site, **asked})
    assert (early.status_code, early.headers["access-control-allow-origin"]) == (200, site)
    answer = client.get("/api/wallets", headers={"origin": site})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == site
    assert "access-control-allow-credentials" not in answer.headers
    assert "ETag" in answer.headers["access-control-expose-headers"]
    refused = client.get("/api/wallets", headers={"origin": other})
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


def test_nobody_else_may_call_by_default(made: Made) -> None:
    client = made()
    asked = {"origin": "https://desk.example", "access-control-request-method": "POST"}
    answer = client.options("/api/wallets", headers=asked)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", ["*", "desk.example", "https://desk.example/path", "ftp://a"])
def test_an_origin_is_a_scheme_and_a_host(origin: str) -> None:
    with pytest.raises(ValidationError):
        ApiSettings(cors_origins=(origin,))


def test_every_request_has_an_id(made: Made) -> None:
    client = made()
    given = client.get("/api/wallets", headers={"x-request-id": "mine-1"})
    assert given.headers["x-request-id"] == "mine-1"
    missing = client.get("/api/wallets/nobody")
    assert missing.json()["request_id"] == missing.headers["x-request-id"]
