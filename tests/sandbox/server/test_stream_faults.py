"""Every fault of a stream, seen from a plain socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from small_market import KEY, MINUTE, SECRET, Ear, ear, listen_key, settled, trade

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.requests import Cut
from tradepulse.sandbox.server import RunningSandbox
from tradepulse.sandbox.server.signing import sign

TRADES = "btcusdt@trade"
USER = "/f/private/ws?listenKey="


def _heard(
    sandbox: RunningSandbox, act: Callable[[Ear], Awaitable[Any]], path: str = "/stream/ws",
    *streams: str,
) -> Any:  # fmt: skip
    async def scenario() -> Any:
        async with ear(sandbox, path, *streams) as listener:
            return await act(listener)

    return asyncio.run(scenario())


def _ids(sandbox: RunningSandbox, fault: dict[str, Any], count: int) -> list[int]:
    """The ids of the first trades heard with a fault on the third."""

    async def act(listener: Ear) -> list[int]:
        sandbox.step(MINUTE)
        first = await listener.document()
        await settled()
        while not await listener.silent(0.05):
            pass
        sandbox.fault(**fault)
        sandbox.step(MINUTE)
        return [first["t"], *[(await listener.document())["t"] for _ in range(count)]]

    ids: list[int] = _heard(sandbox, act, "/stream/ws", TRADES)
    return [number - ids[1] for number in ids[1:]]


@pytest.mark.parametrize(
    ("fault", "distances"),
    [
        ({"kind": "duplicate", "on": TRADES}, [0, 0, 2]),
        ({"kind": "duplicate", "on": TRADES, "times": 2}, [0, 0, 2, 2]),
        ({"kind": "reorder", "on": TRADES}, [0, -2, 2]),
        ({"kind": "drop", "on": "spot:*@trade"}, [0, 2, 4]),
        ({"kind": "delay", "on": TRADES, "ms": 20}, [0, 2, 4]),
        ({"kind": "duplicate", "on": "ethusdt@trade"}, [0, 2, 4]),
        ({"kind": "drop", "on": "perpetual:*"}, [0, 2, 4]),
    ],
)
def test_a_message_is_doubled_swapped_lost_or_late(
    sandbox: RunningSandbox, fault: dict[str, Any], distances: list[int]
) -> None:
    # Trades of both markets share one sequence of ids: those of one are two apart.
    assert _ids(sandbox, fault, len(distances)) == distances


def test_a_dropped_message_is_the_first_after_the_fault(sandbox: RunningSandbox) -> None:
    def printed() -> list[int]:
        return sandbox.call(
            lambda x: [t.trade_id for t in x.market.trades(Market.SPOT, "BTCUSDT", Cut(limit=1000))]
        )

    before = printed()[-1]

    async def act(listener: Ear) -> list[int]:
        sandbox.fault("drop", TRADES)
        sandbox.step(MINUTE)
        return [(await listener.document())["t"] for _ in range(2)]

    heard = _heard(sandbox, act, "/stream/ws", TRADES)
    assert heard == [number for number in printed() if number > before][1:3]
    assert sandbox.state()["faults"]["struck"] == {"drop": 1}


def test_a_delayed_message_holds_up_those_behind_it(sandbox: RunningSandbox) -> None:
    async def act(listener: Ear) -> list[int]:
        sandbox.fault("delay", TRADES, ms=200)
        sandbox.step(MINUTE)
        assert await listener.silent(0.1)
        return [(await listener.document())["t"] for _ in range(3)]

    ids = _heard(sandbox, act, "/stream/ws", TRADES)
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [(1001, aiohttp.WSMsgType.CLOSE, 1001), (None, aiohttp.WSMsgType.CLOSED, None)],
)
def test_a_socket_is_closed_with_a_code_or_just_breaks(
    sandbox: RunningSandbox, code: int | None, kind: aiohttp.WSMsgType, said: int | None
) -> None:
    async def act(listener: Ear) -> aiohttp.WSMessage:
        sandbox.fault("disconnect", TRADES, code=code)
        return await listener.hear()

    message = _heard(sandbox, act, "/stream/ws", TRADES)
    assert message.type is kind
    assert message.data == said


def test_a_probable_disconnect_waits_for_a_message(sandbox: RunningSandbox) -> None:
    async def act(listener: Ear) -> Any:
        sandbox.fault("disconnect", TRADES, probability=1.0, times=1, code=1001)
        assert await listener.silent()
        sandbox.step(MINUTE)
        return (await listener.hear()).type

    assert _heard(sandbox, act, "/stream/ws", TRADES) is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize("pong", [True, False])
def test_a_silent_socket_may_still_answer_pings(sandbox: RunningSandbox, pong: bool) -> None:
    async def scenario() -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(sandbox.ws_url + "/stream/ws", autoping=False) as socket,
        ):
            listener = Ear(socket)
            await listener.subscribe(TRADES)
            fault = sandbox.fault("silent", TRADES, pong=pong)
            sandbox.step(MINUTE)
            await socket.ping(b"there?")
            if pong:
                answer = await listener.hear()
                assert (answer.type, answer.data) == (aiohttp.WSMsgType.PONG, b"there?")
            assert await listener.silent()
            # A client that connects anew is heard and told.
            async with ear(sandbox, "/stream/ws", TRADES) as other:
                sandbox.step(MINUTE)
                assert (await other.document())["e"] == "trade"
            sandbox.clear_faults(fault)
            sandbox.step(MINUTE)
            assert (await listener.document())["e"] == "trade"

    asyncio.run(scenario())


def test_a_malformed_frame_is_no_json(sandbox: RunningSandbox) -> None:
    async def act(listener: Ear) -> str:
        sandbox.fault("malformed", TRADES)
        sandbox.step(MINUTE)
        return str((await listener.hear()).data)

    with pytest.raises(ValueError, match="Unterminated"):
        aiohttp.WSMessage(
            aiohttp.WSMsgType.TEXT, _heard(sandbox, act, "/stream/ws", TRADES), None
        ).json()


def test_maintenance_ends_sockets_and_lets_none_in(sandbox: RunningSandbox) -> None:
    async def act(listener: Ear) -> Any:
        sandbox.fault("maintenance")
        closed = await listener.hear()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with ear(sandbox):
                pass
        sandbox.clear_faults()
        async with ear(sandbox, "/stream/ws", TRADES):
            return closed.data, refusal.value.status

    assert _heard(sandbox, act, "/stream/ws", TRADES) == (1001, 503)


# --- user streams ---------------------------------------------------------------------------------
def test_an_expired_listen_key_says_so_and_falls_silent(sandbox: RunningSandbox) -> None:
    old = listen_key(sandbox)

    async def act(listener: Ear) -> None:
        trade(sandbox, Market.PERPETUAL)
        while (await listener.document())["e"] != "ACCOUNT_UPDATE":
            pass
        sandbox.fault("listen_key_expired")
        while (last := await listener.document())["e"] != "listenKeyExpired":
            pass
        assert last["listenKey"] == old
        trade(sandbox, Market.PERPETUAL)
        assert await listener.silent()

    _heard(sandbox, act, USER + old)

    async def deaf(listener: Ear) -> bool:
        trade(sandbox, Market.PERPETUAL)
        return await listener.silent()

    # Whoever connects with the old key gets an open socket and hears nothing, as at Binance.
    assert _heard(sandbox, deaf, USER + old)
    new = listen_key(sandbox)
    assert new != old
    assert not _heard(sandbox, deaf, USER + new)


def test_a_listen_key_lives_an_hour_from_its_last_extension(sandbox: RunningSandbox) -> None:
    key = listen_key(sandbox)
    hour = sandbox.call(lambda x: x.listen_keys[key].until_ms - x.wall_ms())
    assert 3_590_000 < hour <= 3_600_000

    def age(exchange: Any) -> None:
        exchange.listen_keys[key].until_ms = exchange.wall_ms() + 10_000

    sandbox.call(age)
    assert sandbox.call(lambda x: x.extend_listen_key(KEY)) == key
    assert sandbox.call(lambda x: x.listen_keys[key].until_ms - x.wall_ms()) > 3_590_000


def test_a_fault_may_be_one_accounts_alone(sandbox: RunningSandbox) -> None:
    sandbox.open_account("other", "secret", {}, 1000)
    sandbox.fault("drop", "user", key="other", times=100)

    async def act(listener: Ear) -> str:
        trade(sandbox, Market.PERPETUAL)
        return str((await listener.document())["e"])

    assert _heard(sandbox, act, USER + listen_key(sandbox)) == "ORDER_TRADE_UPDATE"


def test_user_events_may_come_in_the_wrong_order(sandbox: RunningSandbox) -> None:
    async def kinds(listener: Ear) -> list[str]:
        trade(sandbox, Market.PERPETUAL)
        return [
            document["o"]["x"] if "o" in document else document["e"]
            for document in await listener.documents(3)
        ]

    right = _heard(sandbox, kinds, USER + listen_key(sandbox))
    sandbox.fault("reorder", "perpetual:user")
    wrong = _heard(sandbox, kinds, USER + listen_key(sandbox))
    assert wrong == [right[1], right[0], right[2]]


def test_a_spot_user_stream_may_be_terminated(sandbox: RunningSandbox) -> None:
    params = {"apiKey": KEY, "timestamp": str(time.time_ns() // 1_000_000)}
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
    request = {
        "id": "1", "method": "userDataStream.subscribe.signature",
        "params": {**params, "signature": sign(payload, SECRET)},
    }  # fmt: skip

    async def act(listener: Ear) -> list[Any]:
        await listener.socket.send_json(request)
        subscribed = await listener.document()
        sandbox.fault("listen_key_expired", "spot:user")
        last = await listener.document()
        trade(sandbox, Market.SPOT)
        return [subscribed, last, await listener.silent()]

    subscribed, last, silent = _heard(sandbox, act, "/ws-api/v3")
    assert subscribed == {"id": "1", "status": 200, "result": {"subscriptionId": 0}}
    assert (last["subscriptionId"], last["event"]["e"]) == (0, "eventStreamTerminated")
    assert silent
