"""ccxt without the exchanges that nobody asked for.

ccxt's packages import every exchange they list, four hundred modules of which an engine uses three:
a second of each start, and 40 MB for as long as it runs. Here the packages run as they are
installed, but for those lines; an exchange is imported when its name is first looked up. To whoever
imports ccxt nothing looks different.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_PACKAGES = ("ccxt", "ccxt.async_support", "ccxt.pro")
_lock = threading.Lock()


def ccxt_pro() -> Any:
    """The package `ccxt.pro`. One that is imported already is given as it is."""
    with _lock:
        finder = _Finder()
        sys.meta_path.insert(0, finder)
        try:
            return import_module("ccxt.pro")
        finally:
            sys.meta_path.remove(finder)


class _Package(ModuleType):
    """A package whose exchanges are imported when they are looked up. ccxt gives each exchange's
    class the name of its module: whoever asks for the name means the class."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__dict__["_later"] = frozenset[str]()

    def __getattr__(self, name: str) -> Any:
        if name not in self.__dict__["_later"]:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{self.__name__}.{name}"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system binds the module, when it has been run, in its package.
        is_module = isinstance(value, ModuleType) and name in self.__dict__["_later"]
        super().__setattr__(name, getattr(value, name) if is_module else value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__dict__["_later"]})


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The installed package's own spec, with our loader around its loader."""
        if fullname not in _PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, InspectLoader):
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    def __init__(self, installed: InspectLoader) -> None:
        self._installed = installed

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty package."""
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the installed source but for its imports of exchanges."""
        name = module.__name__
        tree = ast.parse(self._installed.get_source(name) or "")
        later = {alias for line in tree.body if (alias := _exchange_of(line, name)) is not None}
        tree.body = [line for line in tree.body if _exchange_of(line, name) is None]
        module.__dict__["_later"] = frozenset(later)
        exec(compile(tree, str(module.__file__), "exec"), module.__dict__)  # noqa: S102


def _exchange_of(line: ast.stmt, package: str) -> str | None:
    """`kraken` of `from ccxt.pro.kraken import kraken`; None for any other line."""
    if not isinstance(line, ast.ImportFrom) or line.level or len(line.names) != 1:
        return None
    alias = line.names[0]
    own = alias.asname is None and line.module == f"{package}.{alias.name}"
    return alias.name if own else None
