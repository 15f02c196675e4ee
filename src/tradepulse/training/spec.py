"""What to train: one value that a job stores, a worker reads, and a result names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import DAY_MS, Interval
from tradepulse.domain.study import Family
from tradepulse.simulation.rules import Rules, read_rules

# Search methods in which one result never changes what is tried next.
NON_ADAPTIVE = ("grid", "random")

_LEAST: Mapping[str, float] = {
    "trials": 1, "folds": 2, "permutations": 0, "replications": 100, "embargo_days": 0,
    "purge_bars": 0, "patience": 1, "fold_train_days": 1, "fold_test_days": 1, "seed": 0,
    "start_ms": 0, "end_ms": 0,
}  # fmt: skip
_OPTIONAL = ("patience", "purge_bars", "fold_train_days", "fold_test_days", "start_ms", "end_ms",
             "trials")  # fmt: skip
# p = (1 + reached) / (1 + drawn): with 19 shuffled markets the least p is 5 %, not under it.
FEWEST_PERMUTATIONS = 20
# Room for the trials of a search in the numbers of its segment.
DEFAULT_TRIALS, MOST_TRIALS = 200, 1_000_000


@dataclass(frozen=True, kw_only=True)
class TrainSpec:
    """A training run, complete: with the data and the code it fixes the result (law P3).

    `trials` is the budget of each search (200 where it is not given): one over the development
    bars, one in each fold. A grid is tried whole, and refused where it holds more than were given.
    With `fold_train_days` and `fold_test_days` the folds have these lengths, whatever `folds` says.
    `grid` restricts parameters to values, `fixed` sets some. `permutations` 0 leaves the
    permutation test out. `decide_early` leaves out the two dearest tests (permutation, look-ahead)
    where the others have refused already.
    Errors `bad_train_spec`, `bad_rules`, `bad_interval`.
    """

    strategy: str
    exchange: str
    pair: str
    interval: str
    rules: Rules = field(default_factory=Rules)
    search: str = "random"
    trials: int | None = None
    folds: int = 5
    fold_train_days: int | None = None
    fold_test_days: int | None = None
    anchored: bool = False
    seed: int = 0
    objectives: tuple[str, ...] = ("sharpe",)
    constraints: tuple[str, ...] = ()
    grid: Mapping[str, tuple[Any, ...]] | None = None
    fixed: Mapping[str, Any] | None = None
    hold_out_share: float = 0.25
    permutations: int = 200
    decide_early: bool = False
    replications: int = 1000
    patience: int | None = None
    purge_bars: int | None = None
    embargo_days: int = 0
    start_ms: int | None = None
    end_ms: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", read_rules(self.rules))
        for name in ("strategy", "exchange", "pair", "interval", "search"):
            if not isinstance(getattr(self, name), str):
                raise _bad(name, "text", getattr(self, name))
        for name in ("objectives", "constraints"):
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        for name in ("grid", "fixed"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, Mapping):
                raise _bad(name, "parameter names with values", given)
        if self.grid is not None:
            object.__setattr__(self, "grid", {k: _values(v) for k, v in self.grid.items()})
        if self.trials is None and self.search != "grid":
            object.__setattr__(self, "trials", DEFAULT_TRIALS)
        self._check_numbers()

    def _check_numbers(self) -> None:
        if Interval.parse(self.interval).ms > DAY_MS:
            raise _bad("interval", "a day or shorter: the statistics are daily", self.interval)
        for name, least in _LEAST.items():
            _check_whole(name, getattr(self, name), least)
        if 0 < self.permutations < FEWEST_PERMUTATIONS:
            wanted = f"0, or {FEWEST_PERMUTATIONS} and more: fewer can never say under 5 %"
            raise _bad("permutations", wanted, self.permutations)
        if self.budget > MOST_TRIALS:
            raise _bad("trials", f"at most {MOST_TRIALS:,}", self.trials)
        share = self.hold_out_share
        known = isinstance(share, (int, float)) and math.isfinite(share)
        if not known or not 0.05 <= share <= 0.6:
            raise _bad("hold_out_share", "a share from 0.05 to 0.6", share)
        if not self.objectives:
            raise _bad("objectives", "one name or more", "none")
        if (self.fold_train_days is None) != (self.fold_test_days is None):
            raise _bad("fold_test_days", "both fold lengths, or neither", self.fold_test_days)

    @property
    def family(self) -> Family:
        return Family(self.strategy, self.exchange, self.pair)

    @property
    def budget(self) -> int:
        """The most sets a search may try; of a grid without a number, that of a fair sample."""
        return DEFAULT_TRIALS if self.trials is None else self.trials

    @property
    def is_adaptive(self) -> bool:
        return self.search not in NON_ADAPTIVE

    def as_json(self) -> dict[str, Any]:
        """Every field by name, ready for `json.dumps`."""
        values = asdict(self) | {"rules": self.rules.as_json()}
        values["objectives"], values["constraints"] = list(self.objectives), list(self.constraints)
        if self.grid is not None:
            values["grid"] = {name: list(items) for name, items in self.grid.items()}
        return values

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TrainSpec:
        """The spec of a JSON object; fields left out take their defaults. Error
        `bad_train_spec`."""
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(document) - known)
        if unknown:
            raise _bad(unknown[0], "one of " + ", ".join(sorted(known)), unknown[0])
        for name in ("strategy", "exchange", "pair", "interval"):
            if name not in document:
                raise _bad(name, "a value", "none")
        return cls(**document)


def _texts(name: str, value: object) -> tuple[str, ...]:
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, (tuple, list)) or not all(isinstance(item, str) for item in found):
        raise _bad(name, "texts", value)
    return tuple(found)


def _values(value: Any) -> tuple[Any, ...]:
    several = isinstance(value, Iterable) and not isinstance(value, str)
    return tuple(value) if several else (value,)


def _check_whole(name: str, value: object, least: float) -> None:
    if value is None and name in _OPTIONAL:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise _bad(name, f"a whole number >= {least:g}", value)


def _bad(name: str, expected: str, found: object) -> UsageError:
    return UsageError(
        "bad_train_spec", f"training option {name!r} is wrong", expected=expected, found=repr(found)
    )
