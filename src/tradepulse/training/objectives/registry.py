"""Finds objectives by name: every metric, and the user's own files."""

from __future__ import annotations

import math
import traceback
from pathlib import Path
from typing import Any

from tradepulse.domain.errors import UsageError
from tradepulse.simulation.metrics import METRICS
from tradepulse.training.objectives.metric import MetricObjective
from tradepulse.training.objectives.port import Metrics, Objective, Returns
from tradepulse.training.plugin_files import PluginKind, Plugins

KIND = PluginKind("objective", ("score",))


def make_objective(name: str, folder: Path | None = None) -> Objective:
    """The objective of that name; `folder` is the home's `objectives/`.

    Errors: `objective_not_found` naming close ones, `bad_objective`.
    """
    key = name.strip().lower()
    if key in METRICS:
        return MetricObjective(key)
    plugin = objectives_in(folder).find(name)
    return CheckedObjective(plugin.made, plugin.source)


def objectives_in(folder: Path | None) -> Plugins:
    """The user's objectives, with the problems of files that cannot be used."""
    return Plugins(KIND, folder, METRICS)


class CheckedObjective:
    """A user's class made without arguments; its score is a number.

    None and infinities count as NaN, a failed trial. Error `bad_objective` names the file and what
    was found: an exception of its own, or a score that is no number.
    """

    def __init__(self, made: type[Any], source: str) -> None:
        self.name = str(made.name)
        self._source = source
        try:
            self._inner = made()
        except Exception as error:  # whatever a user's file raises is reported as theirs
            raise self._raised("__init__", error) from error

    def score(self, metrics: Metrics, daily_returns: Returns) -> float:
        try:
            found = self._inner.score(metrics, daily_returns)
        except Exception as error:
            raise self._raised("score", error) from error
        if found is None:
            return math.nan
        try:
            number = float(found)
        except (TypeError, ValueError):
            raise self._bad("a number from score", type(found).__name__) from None
        return number if math.isfinite(number) else math.nan

    def _raised(self, method: str, error: Exception) -> UsageError:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if Path(f.filename) == Path(self._source)]
        place = f", line {lines[-1]}" if lines else ""
        return self._bad(
            f"{method} without an exception", f"{type(error).__name__}: {error}{place}"
        )

    def _bad(self, expected: str, found: str) -> UsageError:
        return UsageError(
            "bad_objective", f"objective {self.name} ({self._source}) breaks the contract",
            expected=expected, found=found,
        )  # fmt: skip
