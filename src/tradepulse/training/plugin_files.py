"""Finds optimisers and objectives in the user's folders, a bad file never hiding the rest."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tradepulse.domain.errors import NotFoundError, TradePulseError
from tradepulse.strategies.registry import load_file


class PluginKind(NamedTuple):
    """What a plug-in is called, and the methods that make a class one."""

    word: str
    methods: tuple[str, ...]

    @property
    def contract(self) -> str:
        return f"a class with {', '.join(['name', *self.methods[:-1]])} and {self.methods[-1]}"


@dataclass(frozen=True)
class Plugin:
    """A user's class that can be used, and the file it is in."""

    name: str
    made: type[Any]
    source: str


@dataclass(frozen=True)
class PluginProblem:
    """A file, or a name in it, that cannot be used, and why."""

    source: str
    code: str
    message: str


class Plugins:
    """Plug-ins by name. Shipped names are taken; of two files with one name neither is used."""

    def __init__(self, kind: PluginKind, folder: Path | None, shipped: tuple[str, ...]) -> None:
        self._kind, self._shipped = kind, shipped
        self.problems: list[PluginProblem] = []
        found: dict[str, list[Plugin]] = {}
        for path in sorted(folder.glob("*.py")) if folder is not None and folder.is_dir() else []:
            for plugin in self._read(path):
                found.setdefault(plugin.name, []).append(plugin)
        self.entries = {
            name: plugins[0] for name, plugins in sorted(found.items()) if self._single(plugins)
        }

    def find(self, name: str) -> Plugin:
        """The plug-in of that name, in any case. Error `optimiser_not_found` (or
        `objective_not_found`), naming close ones."""
        key = name.strip().lower()
        if key in self.entries:
            return self.entries[key]
        known = [*self._shipped, *self.entries]
        close = difflib.get_close_matches(key, known, 1)
        broken = [p for p in self.problems if Path(p.source).stem.lower() == key]
        hint = f"{broken[0].source}: {broken[0].message}" if broken else None
        raise NotFoundError(
            f"{self._kind.word}_not_found", f"there is no {self._kind.word} {name!r}",
            expected=", ".join(known), found=name,
            hint=hint or (f"Did you mean {close[0]}?" if close else None),
        )  # fmt: skip

    def _read(self, path: Path) -> list[Plugin]:
        try:
            module = load_file(path)
        except TradePulseError as error:
            found = f": {error.found}" if error.found else ""
            self._problem(str(path), f"broken_{self._kind.word}", f"{error.message}{found}")
            return []
        made = [item for item in vars(module).values() if self._fits(item, module.__name__)]
        if not made:
            self._problem(
                str(path), f"no_{self._kind.word}", f"defines no {self._kind.contract[2:]}"
            )
        return [Plugin(item.name.lower(), item, str(path)) for item in made]

    def _fits(self, item: object, module: str) -> bool:
        return (
            isinstance(item, type)
            and item.__module__ == module
            and isinstance(getattr(item, "name", None), str)
            and all(callable(getattr(item, method, None)) for method in self._kind.methods)
        )

    def _single(self, plugins: list[Plugin]) -> bool:
        name = plugins[0].name
        taken = ["the shipped one"] if name in self._shipped else []
        if not taken and len(plugins) == 1:
            return True
        for place, plugin in enumerate(plugins):
            # Which of two files was meant cannot be guessed.
            rest = plugins[:place] + plugins[place + 1 :]
            other = [*taken, *(f"in {item.source}" for item in rest)][0]
            self._problem(
                plugin.source, f"duplicate_{self._kind.word}",
                f"{self._kind.word} {name!r} is also {other}; rename one of them",
            )  # fmt: skip
        return False

    def _problem(self, source: str, code: str, message: str) -> None:
        self.problems.append(PluginProblem(source, code, message))
