"""`tradepulse doctor`: is this machine and this home fit to work?"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING, NamedTuple

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, explain, show_table
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.version import VERSION

if TYPE_CHECKING:
    from tradepulse.bootstrap import App

ENOUGH_DISK_BYTES = 1_000_000_000


class Check(NamedTuple):
    """One finding. `verdict` is `ok`, `note` (works, but worth knowing) or `failed`."""

    name: str
    verdict: str
    found: str
    hint: str | None = None


def command(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> int:  # fmt: skip
    """Check versions, folders, kernels, database and bars. Exit code 3 if a check failed."""
    from tradepulse.bootstrap import open_home

    checks = list(_checks(open_home(home, config)))
    failed = [check for check in checks if check.verdict == "failed"]
    document = {"verdict": "failed" if failed else "ok", "checks": [c._asdict() for c in checks]}
    emit(document, as_json, lambda: show_table(None, ("check", "verdict", "found", "hint"), checks))
    return RefusedError.exit_code if failed else 0


def _checks(app: App) -> Iterator[Check]:
    yield _python()
    yield _packages()
    parts: dict[str, Callable[[App], Check]] = {
        "home": _home, "disk": _disk, "kernels": _kernels, "strategies": _strategies,
        "database": _database, "bars": _bars,
    }  # fmt: skip
    for name, part in parts.items():
        try:
            yield part(app)
        except Exception as error:  # noqa: BLE001  (a broken part is the finding, not the end)
            problem = explain(error)
            yield Check(name, "failed", str(problem), problem.hint)


def _python() -> Check:
    found = f"TradePulse {VERSION}, Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    return Check("versions", "ok", found)


def _packages() -> Check:
    """Every declared dependency is installed; which versions, the lock file says."""
    try:
        declared = requires("tradepulse") or []
    except PackageNotFoundError:
        return Check("packages", "note", "running from a source folder, not installed")
    names, missing = [], []
    for requirement in declared:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if "extra ==" in requirement:
            continue
        try:
            names.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", "failed", f"missing: {', '.join(missing)}", "Run `make run`.")
    return Check("packages", "ok", ", ".join(names))


def _home(app: App) -> Check:
    if not app.home.path.is_dir():
        return Check("home", "note", f"{app.home.path} does not exist yet", "tradepulse init")
    with tempfile.NamedTemporaryFile(dir=app.home.path):
        return Check("home", "ok", f"{app.home.path} is writable")


def _disk(app: App) -> Check:
    existing = next(p for p in (app.home.path, *app.home.path.parents) if p.exists())
    free = shutil.disk_usage(existing).free
    verdict = "ok" if free >= ENOUGH_DISK_BYTES else "note"
    return Check("disk", verdict, f"{free / 1e9:.1f} GB free")


def _kernels(_: App) -> Check:
    from tradepulse.signals.jit import cache_folder

    folder = cache_folder()
    compiled = len(list(folder.rglob("*.nbi"))) if folder.is_dir() else 0
    if not compiled:
        return Check("kernels", "note", "not compiled yet: the first backtest compiles them")
    return Check("kernels", "ok", f"{compiled} compiled in {folder}")


def _strategies(app: App) -> Check:
    broken = "; ".join(f"{p.source}: {p.message}" for p in app.registry.problems)
    if broken:
        return Check("strategies", "failed", broken, "Mend or remove the file.")
    return Check("strategies", "ok", f"{len(list(app.registry))} found")


def _database(app: App) -> Check:
    own = app.settings.database.url is None
    if own and not app.home.database_file.exists():
        return Check("database", "note", "not created yet", "tradepulse init")
    with app.connect(upgrade=False) as database:
        database.check()
        return Check("database", "ok", f"{database.url} answers, tables are this version's")


def _bars(app: App) -> Check:
    series = app.bars.series() if app.bars_folder.is_dir() else []
    if not series:
        hint = "tradepulse data import --bundled"
        return Check("bars", "note", "none yet", hint)
    return Check("bars", "ok", f"{len(series)} series, {sum(s.bars for s in series):,} bars")
