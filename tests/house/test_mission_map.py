"""docs/MISSION.md names only what exists: classes, commands, routes, tables, tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[2]
MAP = ROOT / "docs" / "MISSION.md"
STATES = ("done", "partly", "planned")
COLUMNS = ("id", "asks for", "now", "Python", "command", "route", "table", "test")


class Row(NamedTuple):
    """One line of the map; a cell of names holds them between backticks, a dash for none."""

    id: str
    asks: str
    now: str
    python: str
    command: str
    route: str
    table: str
    test: str

    @property
    def state(self) -> str:
        return self.now.split(":")[0]


def rows(text: str) -> list[Row]:
    """The rows of every table of the map that has its columns."""
    header = "| " + " | ".join(COLUMNS) + " |"
    found: list[Row] = []
    inside = False
    for line in text.splitlines():
        inside = line == header or (inside and line.startswith("|"))
        if inside and line != header and not line.startswith("| -"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert len(cells) == len(COLUMNS), f"{len(cells)} cells: {line}"
            found.append(Row(*cells))
    return found


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


class House:
    """What exists, looked up by the words the map uses. A lookup answers what is wrong, or None."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def python(self, name: str) -> str | None:
        """`tp.backtest`, or a name under the package: `engine.TradingEngine`."""
        words = ["tradepulse", *name.removeprefix("tp.").split(".")]
        thing: Any = import_module(words[0])
        for at, word in enumerate(words[1:], 2):
            try:
                thing = import_module(".".join(words[:at]))
            except ModuleNotFoundError:
                if not hasattr(thing, word):
                    return f"{'.'.join(words[: at - 1])} has no {word}"
                thing = getattr(thing, word)
        return None

    def command(self, text: str) -> str | None:
        """`make TARGET`, or the words of a command and options it must know."""
        if text.startswith("make "):
            target = f"\n{text.removeprefix('make ')}:"
            return None if target in self._makefile else "no such target"
        from tradepulse.cli.app import load
        from tradepulse.cli.commands import COMMANDS

        name, *words = text.split()
        if name not in [entry.name for entry in COMMANDS]:
            return f"no command {name}"
        command = load(name)
        for word in words:
            if word.startswith("-"):
                known = [option for item in command.params for option in item.opts]
                if word not in known:
                    return f"{name} has no option {word}"
            elif word not in getattr(command, "commands", {}):
                return f"{name} has no command {word}"
            else:
                command = command.commands[word]
        return None

    def route(self, text: str) -> str | None:
        """`GET /api/trades`, as OpenAPI describes it."""
        method, path = text.split()
        operations = self._paths.get(path.replace("/api/", "/api/v1/", 1), {})
        return None if method.lower() in operations else "no such route"

    def table(self, name: str) -> str | None:
        return None if name in self._tables else "no such table or view"

    def test(self, text: str) -> str | None:
        """`engine/test_parity_law.py::test_P1_real_bars`, below tests/."""
        file, _, function = text.partition("::")
        path = ROOT / "tests" / file
        if not path.is_file():
            return "no such file"
        found = re.search(rf"^\s*(?:async )?def {re.escape(function)}\(", path.read_text(), re.M)
        return None if found else "no such test"

    @cached_property
    def _makefile(self) -> str:
        return (ROOT / "Makefile").read_text()

    @cached_property
    def _paths(self) -> dict[str, dict[str, Any]]:
        from tradepulse.api.app import create_app
        from tradepulse.bootstrap import open_home

        return dict(create_app(open_home(self._folder)).openapi()["paths"])

    @cached_property
    def _tables(self) -> set[str]:
        """Tables and views as a database has them after every migration."""
        from tradepulse.storage.database import Database

        url = f"sqlite:///{self._folder / 'tables.sqlite'}"
        Database.open(url, upgrade=True).close()
        engine = sa.create_engine(url)
        looked = sa.inspect(engine)
        found = {*looked.get_table_names(), *looked.get_view_names()}
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("mission"))


def wrong(found: list[Row], house: House) -> list[str]:
    """What the rows name and the house has not."""
    lookups: dict[str, Callable[[str], str | None]] = {
        "python": house.python, "command": house.command, "route": house.route,
        "table": house.table, "test": house.test,
    }  # fmt: skip
    return [
        f"{row.id}: {kind} `{name}`: {trouble}"
        for row in found
        for kind, lookup in lookups.items()
        for name in names(getattr(row, kind))
        if (trouble := lookup(name)) is not None
    ]


def test_every_name_exists(house: House) -> None:
    found = wrong(rows(MAP.read_text()), house)
    assert not found, "\n".join(found)


def test_every_line_of_the_mission_is_answered_once(shared: Path) -> None:
    asked = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", (shared / "MISSION.md").read_text(), re.M)
    wanted = [(key, text) for key, text in asked if key not in ("id", "---")]
    assert [(row.id, row.asks) for row in rows(MAP.read_text())] == wanted


def test_every_answer_has_a_state_and_what_works_has_a_test() -> None:
    for row in rows(MAP.read_text()):
        assert row.state in STATES, row.id
        assert row.state == "done" or ":" in row.now, f"{row.id}: say what is missing"
        assert (row.state == "planned") is (not names(row.test)), row.id


PLANTED = {
    "python": ("simulation.BacktestMachine", "tradepulse.simulation has no BacktestMachine"),
    "command": ("backtest --profit", "backtest has no option --profit"),
    "route": ("PUT /api/trades", "no such route"),
    "table": ("trade", "no such table or view"),
    "test": ("house/test_mission_map.py::test_nothing", "no such test"),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_wrong_name_is_found(kind: str, house: House) -> None:
    name, trouble = PLANTED[kind]
    header = "| " + " | ".join(COLUMNS) + " |"
    cells = {"id": "X1", "asks for": "nothing", "now": "done"}
    cells["Python" if kind == "python" else kind] = f"`{name}`"
    line = "| " + " | ".join(cells.get(column, "-") for column in COLUMNS) + " |"
    planted = MAP.read_text() + f"\n{header}\n| --- |\n{line}\n"
    assert wrong(rows(planted)[-1:], house) == [f"X1: {kind} `{name}`: {trouble}"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("python", "tp.backtest"), ("python", "engine.TradingEngine"),
        ("command", "data import"), ("command", "make test"), ("command", "backtest --pairs"),
        ("route", "GET /api/strategies/performance"), ("table", "strategy_live_performance"),
    ],
)  # fmt: skip
def test_a_right_name_is_not_accused(kind: str, name: str, house: House) -> None:
    assert getattr(house, kind)(name) is None
