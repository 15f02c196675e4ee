"""The one door: what passes it, what does not, and that there is no other way in."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import pytest

from tradepulse.domain.errors import TradePulseError
from tradepulse.risk import (
    Approved,
    Exposure,
    Intent,
    Limits,
    Refused,
    RiskManager,
    approve_reduction,
    check,
)


@dataclass(frozen=True)
class Wish:
    intent: Intent


def wish(quantity: float = 2.0, *, reduces: bool = False) -> Wish:
    return Wish(Intent("a", "BTC/USDT", 1, quantity, 100.0, reduces))


CASES: dict[str, tuple[Wish, Exposure, Limits, str | None]] = {
    "no limits": (wish(), Exposure(99, 1e9, 100.0), Limits(), None),
    "few trades": (wish(), Exposure(1, 0.0, 100.0), Limits(max_open_trades=2), None),
    "enough trades": (
        wish(), Exposure(2, 0.0, 100.0), Limits(max_open_trades=2), "max_open_trades",
    ),
    "small exposure": (wish(), Exposure(0, 100.0, 300.0), Limits(max_exposure=1.0), None),
    "large exposure": (wish(), Exposure(0, 101.0, 300.0), Limits(max_exposure=1.0), "exposure"),
    "draining": (wish(), Exposure(0, 0.0, 100.0, "draining"), Limits(), "draining"),
    "the first rule speaks": (
        wish(), Exposure(9, 1e9, 1.0, "paused"), Limits(1, 0.1), "paused",
    ),
    "a reduction always passes": (
        wish(reduces=True), Exposure(9, 1e9, 1.0, "paused"), Limits(1, 0.1), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_check(case: str) -> None:
    order, exposure, limits, code = CASES[case]
    for verdict in (check(order, exposure, limits), RiskManager(limits).check(order, exposure)):
        if code is None:
            assert isinstance(verdict, Approved)
            assert verdict.order is order
        else:
            assert isinstance(verdict, Refused)
            assert verdict.code == code
            assert verdict.expected
            assert verdict.found


def test_rules_can_be_added() -> None:
    def never(_: Intent, __: Exposure, ___: Limits) -> Refused:
        return Refused("holiday", "a working day", "a holiday")

    verdict = RiskManager(rules=(never,)).check(wish(), Exposure(0, 0.0, 1.0))
    assert isinstance(verdict, Refused)
    assert verdict.code == "holiday"


def test_nobody_else_makes_an_approval() -> None:
    with pytest.raises(TypeError):
        Approved(wish(), object())
    with pytest.raises(TypeError):
        Approved(wish())  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        approve_reduction(wish())
    approved = approve_reduction(wish(reduces=True))
    assert copy.copy(approved).order is approved.order
    assert "Approved" in repr(approved)


@pytest.mark.parametrize(
    "limits",
    [{"max_open_trades": 0}, {"max_open_trades": 1.5}, {"max_open_trades": True},
     {"max_exposure": 0}, {"max_exposure": -1.0}, {"max_exposure": float("nan")}],
)  # fmt: skip
def test_bad_limits_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(TradePulseError) as caught:
        Limits(**limits)  # type: ignore[arg-type]
    assert caught.value.code == "bad_limits"
