"""Finds strategies: the shipped ones and the user's own files, a bad file never hiding the rest."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from tradepulse.domain.errors import NotFoundError, TradePulseError

if TYPE_CHECKING:
    from tradepulse.strategies.strategy import Strategy

SHIPPED = (
    "bollinger_reversion", "capitulation_reversal", "donchian_breakout", "ema_cross",
    "failed_breakdown", "funding_carry", "htf_sweep", "momentum", "rsi_reversion",
    "squeeze_breakout", "supertrend", "volume_breakout", "vwap_reversion",
)  # fmt: skip


@dataclass(frozen=True)
class StrategyEntry:
    """A strategy that can be used. `source` is `shipped` or the file's path."""

    name: str
    strategy: type[Strategy]
    source: str


@dataclass(frozen=True)
class StrategyProblem:
    """A file, or a name in it, that cannot be used, and why."""

    source: str
    code: str
    message: str


class Registry:
    """Strategies by name. Shipped names are taken; of two files with one name neither is used."""

    def __init__(self, folder: Path | None = None) -> None:
        self._entries: dict[str, StrategyEntry] = {}
        self.problems: list[StrategyProblem] = []
        for name in SHIPPED:
            module = importlib.import_module(f"tradepulse.strategies.{name}")
            for found in strategies_of(module):
                self._entries[found.name] = StrategyEntry(found.name, found, "shipped")
        for path in sorted(folder.glob("*.py")) if folder is not None and folder.is_dir() else []:
            self._add_file(path)

    def __iter__(self) -> Iterator[StrategyEntry]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def find(self, name: str) -> StrategyEntry:
        """The strategy of that name, in any case. Error `strategy_not_found`, naming close ones."""
        key = name.strip().lower()
        if key in self._entries:
            return self._entries[key]
        known = sorted(self._entries)
        close = difflib.get_close_matches(key, known, 1)
        broken = [p for p in self.problems if Path(p.source).stem.lower() == key]
        hint = f"{broken[0].source}: {broken[0].message}" if broken else None
        raise NotFoundError(
            "strategy_not_found", f"there is no strategy {name!r}",
            expected=", ".join(known), found=name,
            hint=hint or (f"Did you mean {close[0]}?" if close else None),
        )  # fmt: skip

    def get(self, name: str) -> type[Strategy]:
        return self.find(name).strategy

    def _add_file(self, path: Path) -> None:
        try:
            found = strategies_of(load_file(path))
        except TradePulseError as error:
            self.problems.append(StrategyProblem(str(path), error.code, str(error)))
            return
        if not found:
            self.problems.append(
                StrategyProblem(str(path), "no_strategy", "defines no subclass of Strategy")
            )
        for strategy in found:
            self._add(strategy, str(path))

    def _add(self, strategy: type[Strategy], source: str) -> None:
        taken = self._entries.get(strategy.name)
        clashes = [p for p in self.problems if p.code == "duplicate_strategy"
                   and f"{strategy.name!r}" in p.message]  # fmt: skip
        if taken is None and not clashes:
            self._entries[strategy.name] = StrategyEntry(strategy.name, strategy, source)
            return
        other = taken.source if taken is not None else clashes[0].source
        message = f"strategy {strategy.name!r} is also in {other}; rename one of them"
        self.problems.append(StrategyProblem(source, "duplicate_strategy", message))
        if taken is not None and taken.source != "shipped":
            # Which of two files was meant cannot be guessed with money behind it.
            del self._entries[strategy.name]
            back = f"strategy {strategy.name!r} is also in {source}; rename one of them"
            self.problems.append(StrategyProblem(other, "duplicate_strategy", back))


def strategies_of(module: ModuleType) -> list[type[Strategy]]:
    """The strategies a module defines itself, imported ones left out."""
    # Here, not above: it loads the compiler, and a file of another kind is loaded without it.
    from tradepulse.strategies.strategy import Strategy

    return [
        item
        for item in vars(module).values()
        if isinstance(item, type)
        and issubclass(item, Strategy)
        and item is not Strategy
        and item.__module__ == module.__name__
    ]


def load_file(path: Path) -> ModuleType:
    """The module of a strategy file. Errors `file_not_found`; `broken_strategy` names the line
    that failed."""
    if not path.is_file():
        raise NotFoundError(
            "file_not_found", f"there is no file {path}",
            expected="a Python file that defines a Strategy", found=str(path),
        )  # fmt: skip
    # The name carries the content: an edited file is a new module, never a stale one.
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    name = f"tradepulse_user_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _broken(path, ImportError("not a Python file"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a user's file raises is reported
        del sys.modules[name]
        raise _broken(path, error) from error
    return module


def _broken(path: Path, error: Exception) -> TradePulseError:
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while line is None and trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    place = f"line {line}" if line is not None else "while loading"
    return NotFoundError(
        "broken_strategy", f"{path.name} cannot be loaded ({place})",
        expected="a Python file that defines a Strategy", found=f"{type(error).__name__}: {error}",
    )  # fmt: skip
