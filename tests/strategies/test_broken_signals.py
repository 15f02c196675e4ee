"""A `signals` method that raises is the user's to mend: the error names file, line and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.strategies.registry import Registry

FILE = """
from tradepulse.strategies.api import Bars, Signals, Strategy


class Typo(Strategy):
    '''A test.'''

    def signals(self, bar: Bars) -> Signals:
        average = bar.close.sma(20)
        return Signals({body})
"""


@pytest.mark.parametrize(
    ("body", "kind", "code", "words"),
    [
        ("enter_long=bar.close > avrage", NotFoundError, "broken_strategy", "NameError"),
        ("enter_long=bar.close.smma(3) > 1", NotFoundError, "broken_strategy", "smma"),
        ("enter=bar.close > average", NotFoundError, "broken_strategy", "enter"),
        # What the project's own words refuse keeps its code.
        ("enter_long=bar.close > bar.close.sma(0)", UsageError, None, "0"),
    ],
)
def test_the_reason_and_the_line_are_named(
    tmp_path: Path, body: str, kind: type[Exception], code: str | None, words: str
) -> None:
    (tmp_path / "typo.py").write_text(FILE.format(body=body))
    made = Registry(tmp_path).get("typo")()
    with pytest.raises(kind) as caught:
        _ = made.graph
    assert words in str(caught.value)
    if code is not None:
        assert getattr(caught.value, "code", None) == code
        assert "typo.py, line 10" in str(caught.value)
