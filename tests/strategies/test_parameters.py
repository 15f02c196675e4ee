"""Parameters: one declaration gives validation, schema and search range."""

from __future__ import annotations

from typing import Any

import pytest

from tradepulse.domain.errors import UsageError
from tradepulse.strategies.api import Bars, Bool, Choice, Float, Int, Signals, Strategy


class Sample(Strategy):
    """All kinds of parameter."""

    count = Int(3, 50, default=12)
    share = Float(0.1, 0.9, default=0.5, allow=(0.0, 1.0))
    ratio = Choice([4, 6, 12], default=6)
    both = Bool(default=False)

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > bar.close.sma(self.count))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"count": 12, "share": 0.5, "ratio": 6, "both": False}),
        ({"count": 3.0}, {"count": 3}),
        ({"count": "7", "ratio": "12", "both": "true"}, {"count": 7, "ratio": 12, "both": True}),
        ({"share": 1}, {"share": 1.0}),
        ({"ratio": 4.0}, {"ratio": 4}),
    ],
)
def test_values_are_read_in_their_type(given: dict[str, Any], expected: dict[str, Any]) -> None:
    parameters = Sample(given).parameters
    assert parameters == {**Sample().parameters, **expected}
    for name, value in expected.items():
        assert type(parameters[name]) is type(value)


@pytest.mark.parametrize(
    ("given", "code", "expected"),
    [
        ({"count": 2}, "bad_parameter", "from 3 to 50"),
        ({"count": 3.5}, "bad_parameter", "whole number"),
        ({"count": True}, "bad_parameter", "from 3 to 50"),
        ({"count": "many"}, "bad_parameter", "from 3 to 50"),
        ({"share": 1.5}, "bad_parameter", "from 0 to 1"),
        ({"share": float("nan")}, "bad_parameter", "from 0 to 1"),
        ({"ratio": 5}, "bad_parameter", "4, 6, 12"),
        ({"both": 1}, "bad_parameter", "True, False"),
        ({"cuont": 5}, "unknown_parameter", "count"),
    ],
)
def test_bad_values_say_what_was_expected(given: dict[str, Any], code: str, expected: str) -> None:
    with pytest.raises(UsageError) as error:
        Sample(given)
    assert error.value.code == code
    assert expected in str(error.value.expected)


def test_schema_holds_type_range_search_and_default() -> None:
    properties = Sample.schema()["properties"]
    assert properties["count"] == {
        "type": "integer", "default": 12, "minimum": 3, "maximum": 50,
        "search": {"low": 3, "high": 50},
    }  # fmt: skip
    assert properties["share"]["minimum"] == 0.0
    assert properties["ratio"] == {"enum": [4, 6, 12], "default": 6}


def test_parameters_read_as_plain_values_on_an_instance() -> None:
    assert Sample(count=9).count == 9
    assert Sample.count.default == 12
