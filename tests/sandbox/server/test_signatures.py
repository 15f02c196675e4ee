"""Signatures over what was sent, character by character."""

from __future__ import annotations

import pytest

from tradepulse.sandbox.server.signing import is_signed, is_signed_message, sign

SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"  # of Binance's manual
PAYLOAD = (
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
    "&timestamp=1499827319559"
)
SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
MIXED_QUERY = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC"
MIXED_BODY = "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
MIXED_SIGNATURE = "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"


def test_the_manuals_example() -> None:
    assert sign(PAYLOAD, SECRET) == SIGNATURE


@pytest.mark.parametrize(
    ("query", "body", "valid"),
    [
        (f"{PAYLOAD}&signature={SIGNATURE}", "", True),
        ("", f"{PAYLOAD}&signature={SIGNATURE}", True),
        (MIXED_QUERY, f"{MIXED_BODY}&signature={MIXED_SIGNATURE}", True),
        (f"signature={SIGNATURE}&{PAYLOAD}", "", True),
        (f"{PAYLOAD}&signature={SIGNATURE[:-1]}0", "", False),
        (f"{PAYLOAD.replace('0.1', '0.2')}&signature={SIGNATURE}", "", False),
        (PAYLOAD, "", False),
        ("", "", False),
        # The same parameters in other characters are another payload.
        ("note=a%20b&signature=" + sign("note=a+b", SECRET), "", False),
        ("note=a+b&signature=" + sign("note=a+b", SECRET), "", True),
    ],
)
def test_rest_signatures(query: str, body: str, valid: bool) -> None:
    assert is_signed(query, body, SECRET) is valid


def test_message_signatures_sort_by_name() -> None:
    params = {"timestamp": "1", "apiKey": "k", "symbol": "BTCUSDT"}
    signature = sign("apiKey=k&symbol=BTCUSDT&timestamp=1", SECRET)
    assert is_signed_message({**params, "signature": signature}, SECRET)
    assert not is_signed_message({**params, "symbol": "ETHUSDT", "signature": signature}, SECRET)
    assert not is_signed_message(params, SECRET)
