"""Reading a study: what it holds, and None for what it does not.

A study is JSON written by the code of its day. A part that an older one lacks is told on the page,
never drawn empty, so every reader here may answer None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.study import Study
from tradepulse.pages.backtest_page import SYNTHETIC


class Daily(NamedTuple):
    """Returns with the UTC day of each, and the same less the market's part where that is kept."""

    days: Times
    returns: Floats
    excess: Floats | None


@dataclass(frozen=True)
class Subject:
    """What a report is about: a configuration, and its study if it was trained."""

    configuration: Configuration
    study: Study | None

    @property
    def document(self) -> Mapping[str, Any]:
        return {} if self.study is None else self.study.document

    @property
    def spec(self) -> Mapping[str, Any]:
        return self.part("spec")

    @property
    def is_synthetic(self) -> bool:
        """Whether its bars were made by a program."""
        named = self.configuration.exchange.lower() == SYNTHETIC
        return named or bool(self.document.get("synthetic"))

    def part(self, name: str) -> Mapping[str, Any]:
        """An object of the study; empty where there is none."""
        found = self.document.get(name)
        return found if isinstance(found, Mapping) else {}

    def rows(self, name: str) -> Sequence[Any]:
        """A list of the study; empty where there is none."""
        found = self.document.get(name)
        return found if isinstance(found, Sequence) and not isinstance(found, str) else ()

    def statistic(self, name: str) -> float | None:
        """A statistic that is one number; None where it is missing or not defined."""
        return number(self.part("statistics").get(name))

    def daily(self, name: str) -> Daily | None:
        """A series of daily returns; None where it is missing or empty."""
        found = self.part(name)
        days = np.asarray(found.get("days") or (), dtype=np.int64)
        returns = floats(found.get("returns"))
        if len(days) == 0 or len(days) != len(returns):
            return None
        excess = floats(found.get("excess"))
        return Daily(days, returns, excess if len(excess) == len(days) else None)

    def evidence(self, rule: str) -> Evidence | None:
        """The rule's evidence; None where it was not judged."""
        return next((e for e in self.configuration.evidence if e.rule == rule), None)

    @property
    def hold_out_opened(self) -> bool:
        """Whether the hold-out was looked at: before this run, or by a promotion since."""
        held = self.part("split").get("hold_out") or {}
        looked = self.evidence("hold_out_psr")
        return held.get("opened_at") is not None or (
            looked is not None and looked.value is not None
        )

    @property
    def unmet(self) -> tuple[Evidence, ...]:
        """Required rules that were not met, in their order."""
        return tuple(e for e in self.configuration.evidence if e.required and not e.passed)


def number(value: Any) -> float | None:
    """The value as a finite float, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def floats(values: Any) -> Floats:
    """The values as float64, NaN where one is null; empty where there are none."""
    return np.asarray([math.nan if v is None else v for v in values or ()], dtype=np.float64)


def known(values: Any) -> Floats:
    """The values that are numbers."""
    found = floats(values)
    return found[np.isfinite(found)]
