"""Which fault strikes, and when."""

from __future__ import annotations

from typing import Any

import pytest

from tradepulse.domain.errors import UsageError
from tradepulse.sandbox.server.faults import Fault, FaultBook, Kind

ORDER = ("POST /api/v3/order", "/api/v3/order")

# kind, what the fault is told, what it is asked, how often it strikes in ten questions
CASES: tuple[tuple[dict[str, Any], tuple[str, ...], str | None, int], ...] = (
    ({"kind": "drop"}, ORDER, None, 1),
    ({"kind": "drop", "times": 3}, ORDER, None, 3),
    ({"kind": "drop", "on": "POST /api/v3/order", "times": 99}, ORDER, None, 10),
    ({"kind": "drop", "on": "/api/v3/*", "times": 2}, ORDER, None, 2),
    ({"kind": "drop", "on": "GET *"}, ORDER, None, 0),
    ({"kind": "drop", "key": "a"}, ORDER, "a", 1),
    ({"kind": "drop", "key": "a"}, ORDER, "b", 0),
    ({"kind": "drop", "key": "a"}, ORDER, None, 0),
    ({"kind": "maintenance"}, ORDER, None, 10),
    ({"kind": "maintenance", "times": 4}, ORDER, None, 4),
    ({"kind": "drop", "probability": 1.0}, ORDER, None, 10),
    ({"kind": "drop", "probability": 0.0}, ORDER, None, 0),
    ({"kind": "drop", "probability": 1.0, "times": 2}, ORDER, None, 2),
    ({"kind": "delay"}, ORDER, None, 0),
)


@pytest.mark.parametrize(("document", "names", "key", "strikes"), CASES)
def test_a_fault_strikes_as_often_as_it_was_told(
    document: dict[str, Any], names: tuple[str, ...], key: str | None, strikes: int
) -> None:
    book = FaultBook()
    book.arm(Fault.read(document), 0)
    kinds = (Kind.DROP, Kind.MAINTENANCE)
    found = [book.strike(kinds, names, now, key) for now in range(10)]
    assert sum(fault is not None for fault in found) == strikes


def test_a_seed_decides_when_a_probable_fault_strikes() -> None:
    def strikes(seed: int) -> list[bool]:
        book = FaultBook()
        book.arm(Fault(Kind.DROP, probability=0.3, seed=seed), 0)
        return [book.strike((Kind.DROP,), ORDER, now) is not None for now in range(200)]

    assert strikes(1) == strikes(1)
    assert strikes(1) != strikes(2)
    assert 30 < sum(strikes(1)) < 90


def test_a_fault_ends_with_its_time() -> None:
    book = FaultBook()
    book.arm(Fault(Kind.MAINTENANCE, for_ms=100), 1000)
    assert book.strike((Kind.MAINTENANCE,), ORDER, 1099) is not None
    assert book.strike((Kind.MAINTENANCE,), ORDER, 1100) is None
    assert book.armed(1100) == []


def test_skews_add_up_until_cleared() -> None:
    book = FaultBook()
    first = book.arm(Fault(Kind.CLOCK_SKEW, ms=60_000), 0)
    book.arm(Fault(Kind.CLOCK_SKEW, ms=-5_000), 0)
    assert book.skew_ms(1) == 55_000
    book.clear(first.id)
    assert book.skew_ms(1) == -5_000
    book.clear()
    assert book.skew_ms(1) == 0


@pytest.mark.parametrize(
    ("document", "code", "expected"),
    [
        ({}, "unknown_fault", "status_418"),
        ({"kind": "earthquake"}, "unknown_fault", "apply_then_drop"),
        ({"kind": "drop", "when": "now"}, "bad_fault", "probability"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(
    document: dict[str, Any], code: str, expected: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        Fault.read(document)
    assert refusal.value.code == code
    assert expected in (refusal.value.expected or "")
