"""A bound on a metric that a trial must keep to count: `max_drawdown>=-0.3`."""

from __future__ import annotations

import difflib
import math
import operator
import re
from dataclasses import dataclass

from tradepulse.domain.errors import UsageError
from tradepulse.simulation.metrics import METRICS
from tradepulse.training.objectives.port import Metrics

_FORM = re.compile(r"\s*(\w+)\s*(>=|<=|>|<)\s*(\S+)\s*")
_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


@dataclass(frozen=True)
class Constraint:
    """`metric` compared with `bound`, both in the metric's own unit and sign."""

    metric: str
    comparison: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """The constraint in `text`: a metric, one of `>= <= > <`, a number.

        Error `bad_constraint`.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise _bad(text, "METRIC>=NUMBER, such as max_drawdown>=-0.3 or trade_count>=30")
        metric, comparison, number = found.groups()
        metric = metric.lower()
        if metric not in METRICS:
            close = difflib.get_close_matches(metric, METRICS, 1)
            hint = f"Did you mean {close[0]}?" if close else None
            raise _bad(text, f"a metric: {', '.join(METRICS)}", hint)
        try:
            bound = float(number)
        except ValueError:
            raise _bad(text, "a number behind the comparison") from None
        if not math.isfinite(bound):
            raise _bad(text, "a finite number behind the comparison")
        return cls(metric, comparison, bound)

    def holds(self, metrics: Metrics) -> bool:
        """Whether the metric keeps the bound; a metric that is not defined does not."""
        value = metrics.get(self.metric)
        if value is None or math.isnan(value):
            return False
        return bool(_COMPARE[self.comparison](value, self.bound))

    def __str__(self) -> str:
        return f"{self.metric}{self.comparison}{self.bound:g}"


def _bad(text: str, expected: str, hint: str | None = None) -> UsageError:
    return UsageError(
        "bad_constraint", f"constraint {text!r} cannot be read",
        expected=expected, found=text, hint=hint,
    )  # fmt: skip
