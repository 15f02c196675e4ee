"""Every route there is, called by everybody there is: who may, and that nothing leaks.

The calls are generated from the application. A route that is added later is in here by itself: it
falls under the default unless it stands in `MARKED`, and must not show a stranger anything.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sample_rows
from desks import COMMON, OBJECTS, RECEIPT, Call, calls, fill, ids_of_owner
from fastapi import Depends, FastAPI
from recording_engine import RecordingEngine
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.api.access import ADMIN, MACHINE, OPEN, VIEWER
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App, open_home
from tradepulse.domain.user import Role, Scope

BASE = "http://127.0.0.1:8080"
# As the contract has it, and not as the code does: method, how the path begins, who may.
OPEN_TO_ALL = [
    ("GET", "health/"), ("POST", "auth/login"), ("POST", "auth/refresh"), ("POST", "auth/logout"),
    ("POST", "auth/register"),
]  # fmt: skip
ADMINS = ["users", "audit", "settings/rollback"]
PERSONS = [("POST", "keys"), ("DELETE", "keys"), ("POST", "auth/password")]
TRAINERS = ["training/jobs", "training/start-multi-dimensional"]
# An answer that never ends is asked for with what it refuses.
HEADERS = {"last-event-id": "no number"}


class Callers:
    """What each kind of caller carries."""

    def __init__(self, app: App) -> None:
        self.headers: dict[str, dict[str, str]] = {"nobody": {}}
        for role in Role:
            self.headers[role] = headers_of(app.database, f"some-{role}", role)
        self.headers["read key"] = headers_of(app.database, "some-admin", Role.ADMIN, Scope.READ)
        self.headers["train key"] = headers_of(app.database, "some-admin", Role.ADMIN, Scope.TRAIN)
        self.headers["trade key"] = headers_of(app.database, "some-admin", Role.ADMIN, Scope.TRADE)

    @staticmethod
    def refusal(caller: str, call: Call) -> tuple[int, str] | None:
        """What the caller must hear; None: let in."""
        needs = wanted(call)
        if needs == "open":
            return None
        if caller == "nobody":
            return 401, "not_signed_in"
        if needs == "person":
            return 403, "sign_in_needed"
        ranks = {"read": 0, "train": 1, "trade": 1, "admin": 2}
        if caller in list(Role):
            return None if Role(caller).rank >= ranks[needs] else (403, "role_needed")
        scope = caller.removesuffix(" key")
        return None if needs in ("read", scope) else (403, "scope_needed")


def wanted(call: Call) -> str:
    """What the contract asks for."""
    path = call.template.removeprefix("/api/v1/")
    if any(call.method == method and path.startswith(start) for method, start in OPEN_TO_ALL):
        return "open"
    if any(call.method == method and path.startswith(start) for method, start in PERSONS):
        return "person"
    writes = call.method != "GET"
    if any(path.startswith(start) for start in ADMINS) or (writes and path == "settings"):
        return "admin"
    if not writes:
        return "read"
    return "train" if any(path.startswith(start) for start in TRAINERS) else "trade"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = open_home(tmp_path_factory.mktemp("matrix") / "home")
    fill(app)
    yield app
    app.database.close()


@pytest.fixture(scope="module")
def api(app: App) -> FastAPI:
    return create_app(app, RecordingEngine(), now_ms=lambda: sample_rows.NOW)


@pytest.fixture(scope="module")
def client(api: FastAPI) -> Iterator[TestClient]:
    with TestClient(api, base_url=BASE) as client:
        yield client


@pytest.fixture(scope="module")
def callers(app: App) -> Callers:
    return Callers(app)


def test_there_are_enough_calls_to_mean_something(api: FastAPI) -> None:
    found = [str(call) for call in calls(api)]
    assert len(found) > 70
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("caller", ["nobody", *Role, "read key", "train key", "trade key"], ids=str)
def test_every_route_lets_in_whom_it_must_and_nobody_else(
    api: FastAPI, client: TestClient, callers: Callers, caller: str
) -> None:
    wrong = []
    for call in calls(api):
        path = call.path(**dict.fromkeys(call.parameters, "nothing-like-it"))
        headers = {**HEADERS, **callers.headers[caller]}
        answer = client.request(call.method, path, headers=headers, follow_redirects=False)
        told = (answer.status_code, answer.json().get("code")) if answer.content else None
        must = callers.refusal(caller, call)
        let_in = answer.status_code not in (401, 403) or wanted(call) == "open"
        if (let_in if must is None else told == must) is False:
            wrong.append((str(call), must, told))
        assert answer.status_code != 500, (str(call), answer.text)
    assert wrong == []


def test_both_mounts_ask_for_the_same(api: FastAPI, client: TestClient, callers: Callers) -> None:
    for call in calls(api):
        path = call.path(**dict.fromkeys(call.parameters, "x")).replace("/api/v1/", "/api/")
        answer = client.request(call.method, path, headers=HEADERS)
        assert (answer.status_code == 401) is (
            wanted(call) != "open" or call.template.endswith(("login", "refresh"))
        ) or answer.status_code == 422, (str(call), answer.text)


@pytest.mark.parametrize("role", list(Role))
def test_a_foreign_object_is_as_one_that_never_was(
    app: App, api: FastAPI, client: TestClient, callers: Callers, role: Role
) -> None:
    """Whatever the role, also an admin's: read or commanded, it is not there."""
    everybodys = ids_of_owner(app)
    wrong = []
    for call in calls(api):
        for values in _addresses(call, everybodys):
            answers = [
                client.request(
                    call.method, call.path(**filled), headers={**HEADERS, **callers.headers[role]}
                )
                for filled in (values, dict.fromkeys(values, "nothing-like-it"))
            ]
            codes = [(a.status_code, a.json().get("code") if a.content else None) for a in answers]
            if codes[0] != codes[1] or codes[0][0] < 400:
                wrong.append((str(call), values, codes))
    assert wrong == []


def _addresses(call: Call, everybodys: set[str]) -> list[dict[str, str]]:
    """The foreign objects a call may be tried with."""
    own = [name for name in call.parameters if name not in COMMON]
    if not own:
        return []
    known = [OBJECTS[name] for name in own if name in OBJECTS]
    tried = known if len(known) == len(own) else sorted(everybodys)[:40]
    return [dict.fromkeys(call.parameters, value) for value in tried]


@pytest.mark.parametrize("role", list(Role))
def test_no_list_shows_what_is_a_strangers(
    app: App, api: FastAPI, client: TestClient, callers: Callers, role: Role
) -> None:
    foreign = ids_of_owner(app)
    filters = ["", *(f"?{name}={value}" for name, value in OBJECTS.items())]
    for call in calls(api):
        named = {name: _common(name) for name in call.parameters}
        # The audit is everybody's, and an admin's to read.
        if call.method != "GET" or None in named.values() or call.template.endswith("/audit"):
            continue
        # Enough to be accepted by what asks for more than nothing.
        for query in [*filters, "?sequence=0", "?exchange=binance&symbol=BTC/USDT&interval=1h"]:
            path = call.path(**{name: str(value) for name, value in named.items()})
            answer = client.get(path + query, headers={**HEADERS, **callers.headers[role]})
            shown = {id_ for id_ in foreign if id_ in answer.text.replace(query, "")}
            # What was asked for may be repeated in a refusal.
            assert shown <= {query.partition("=")[2]}, (str(call), query, shown)
            if answer.status_code == 200:
                assert not shown, (str(call), query, shown)


def _common(name: str) -> str | None:
    known = {"configuration_id": sample_rows.CONFIGURATIONS[0], "name": "ema_cross"}
    return known.get(name)


def test_the_owner_sees_all_of_it(app: App, api: FastAPI, client: TestClient) -> None:
    """Else the tests above would say nothing."""
    headers, foreign = {**HEADERS, **headers_of(app.database)}, ids_of_owner(app)
    shown: set[str] = set()
    for call in calls(api):
        if call.method == "GET" and len(call.parameters) <= 1:
            (name,) = call.parameters or ("",)
            value = OBJECTS.get(name) or _common(name) or ""
            answer = client.get(call.path(**{name: value}) + "?limit=1000", headers=headers)
            if answer.status_code == 200:
                shown |= {id_ for id_ in foreign if id_ in answer.text}
    assert len(foreign) > 80
    # Receipts have no list yet; theirs is shown while the switch stands.
    assert foreign - shown <= {RECEIPT}


FOREIGN_BODIES = [
    ("POST", f"training/configurations/{sample_rows.CONFIGURATIONS[3]}/activate",
     {"wallet_id": sample_rows.WALLET, "mode": "paper"}),
    ("POST", "wallets", {"name": "x", "connection_id": OBJECTS["connection_id"], "balance": "5"}),
    ("POST", "risk/state",
     {"wallet_id": sample_rows.WALLET, "state": "HALTED", "reason": "mischief"}),
    ("POST", "risk/latches/reset", {"wallet_id": sample_rows.WALLET, "reason": "mischief"}),
    ("POST", "kill-switch",
     {"confirm": "KILL", "reason": "mischief", "wallet_id": sample_rows.WALLET}),
    ("POST", "reconcile", {"wallet_id": sample_rows.WALLET}),
    ("POST", "reconcile", {"wallet_id": "Venue"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), FOREIGN_BODIES)
def test_a_foreign_object_in_a_body_is_not_found(
    app: App, client: TestClient, callers: Callers, method: str, path: str, body: dict[str, str]
) -> None:
    for role in (Role.OPERATOR, Role.ADMIN):
        headers = callers.headers[role]
        answer = client.request(method, f"/api/{path}", json=body, headers=headers)
        assert answer.status_code == 404, answer.text
    assert not (app.home.path / "KILL").exists()


def test_commands_for_all_reach_ones_own_alone(
    app: App, client: TestClient, callers: Callers
) -> None:
    headers = callers.headers[Role.OPERATOR]
    with app.database.reading() as tx:
        before = (tx.activations.running(), tx.risk_states.all())
    configuration = sample_rows.CONFIGURATIONS[0]
    left = client.post(f"/api/training/configurations/{configuration}/deactivate", headers=headers)
    assert (left.status_code, left.json()["code"]) == (409, "not_active")
    asked = {"state": "HALTED", "reason": "mischief"}
    assert client.post("/api/risk/state", json=asked, headers=headers).json() == {"items": []}
    assert client.post("/api/reconcile", headers=headers).json()["accounts"] == []
    asked = {"confirm": "KILL", "reason": "mischief"}
    killed = client.post("/api/kill-switch", json=asked, headers=headers)
    assert (killed.status_code, killed.json()["code"]) == (409, "no_wallets")
    with app.database.reading() as tx:
        assert tx.activations.running() == before[0]
        assert tx.risk_states.all() == before[1]


def test_a_route_of_tomorrow_falls_under_the_default(app: App, callers: Callers) -> None:
    api = create_app(app, now_ms=lambda: sample_rows.NOW)

    @api.get("/api/tomorrow")
    @api.post("/api/tomorrow")
    def tomorrow() -> str:
        return "open"

    @api.post("/api/tomorrow/read", dependencies=[VIEWER])
    def read() -> str:
        return "marked"

    @api.get("/api/tomorrow/machine", dependencies=[MACHINE])
    def machine() -> str:
        return "numbers"

    @api.get("/api/tomorrow/admin", dependencies=[VIEWER, ADMIN, Depends(lambda: None)])
    def admin() -> str:
        return "the nearest mark counts"

    @api.get("/elsewhere")
    def elsewhere() -> str:
        return "no part of the API"

    @api.get("/api/tomorrow/open", dependencies=[OPEN])
    def opened() -> str:
        return "marked open"

    with TestClient(api, base_url=BASE, client=("10.0.0.9", 4000)) as client:

        def status(method: str, path: str, caller: str) -> int:
            return client.request(method, path, headers=callers.headers[caller]).status_code

        expected = [
            ("GET", "/api/tomorrow", {"nobody": 401, Role.VIEWER: 200}),
            ("POST", "/api/tomorrow",
             {"nobody": 401, Role.VIEWER: 403, Role.OPERATOR: 200, "read key": 403,
              "train key": 403, "trade key": 200}),
            ("POST", "/api/tomorrow/read", {Role.VIEWER: 200, "read key": 200}),
            ("GET", "/api/tomorrow/machine", {"nobody": 401, "read key": 200}),
            ("GET", "/api/tomorrow/admin", {Role.OPERATOR: 403, Role.ADMIN: 200}),
            ("GET", "/elsewhere", {"nobody": 200}),
            ("GET", "/api/tomorrow/open", {"nobody": 200}),
            ("GET", "/api/never/there", {"nobody": 401, Role.VIEWER: 404}),
        ]  # fmt: skip
        for method, path, answers in expected:
            for caller, code in answers.items():
                assert status(method, path, caller) == code, (method, path, caller)
    with TestClient(api, base_url=BASE, client=("127.0.0.1", 4000)) as client:
        assert client.get("/api/tomorrow/machine").status_code == 200
