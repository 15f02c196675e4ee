"""The registry: shipped strategies, the user's files, and what it says of those it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradepulse import strategies
from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.strategies.registry import SHIPPED, Registry
from tradepulse.strategies.template import new_strategy

GOOD = """
from tradepulse.strategies.api import Bars, Int, Signals, Strategy

class {name}(Strategy):
    '''A test.'''
    bars = Int(2, 10, default=5)

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close.crosses_above(bar.close.sma(self.bars)))
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_shipped_strategies_are_found_in_any_case() -> None:
    registry = Registry()
    names = [entry.name for entry in registry]
    assert names == sorted(SHIPPED)
    # One file a strategy, named like it.
    folder = Path(strategies.__file__).parent
    assert all((folder / f"{name}.py").is_file() for name in names)
    assert registry.get("HTF_SWEEP").name == "htf_sweep"
    assert registry.problems == []


def test_user_files_join_the_shipped(tmp_path: Path) -> None:
    write(tmp_path, "mine.py", GOOD.format(name="MyIdea"))
    registry = Registry(tmp_path)
    assert registry.find("my_idea").source.endswith("mine.py")
    assert registry.get("my_idea")(bars=3).parameters == {"bars": 3}


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("def broken(:\n", "broken_strategy", "line 1"),
        ("import nothing_like_this\n", "broken_strategy", "ModuleNotFoundError"),
        ("x = 1\n\n\n1 / 0\n", "broken_strategy", "line 4"),
        ("x = 1\n", "no_strategy", "no subclass"),
        (GOOD.format(name="EmaCross"), "duplicate_strategy", "shipped"),
    ],
)
def test_a_bad_file_is_named_and_the_rest_stays(
    tmp_path: Path, text: str, code: str, words: str
) -> None:
    write(tmp_path, "bad.py", text)
    write(tmp_path, "good.py", GOOD.format(name="Good"))
    registry = Registry(tmp_path)
    assert registry.get("good").name == "good"
    assert registry.find("ema_cross").source == "shipped"
    (problem,) = registry.problems
    assert problem.source.endswith("bad.py")
    assert problem.code == code
    assert words in problem.message


def test_of_three_files_with_one_name_none_is_used(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "c.py"):
        write(tmp_path, name, GOOD.format(name="Twin"))
    registry = Registry(tmp_path)
    with pytest.raises(NotFoundError, match="twin"):
        registry.get("twin")
    assert {Path(p.source).name for p in registry.problems} == {"a.py", "b.py", "c.py"}


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(NotFoundError) as error:
        Registry().get("ema_crss")
    assert error.value.code == "strategy_not_found"
    assert error.value.hint == "Did you mean ema_cross?"


def test_the_template_is_a_working_strategy(tmp_path: Path) -> None:
    name, source = new_strategy("MyFirst-Idea")
    write(tmp_path, f"{name}.py", source)
    registry = Registry(tmp_path)
    assert registry.problems == []
    assert set(registry.get(name)().graph.outputs) == {"enter_long", "exit_long", "stop"}


@pytest.mark.parametrize("name", ["", "1st", "a b", "../up", "ü"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as error:
        new_strategy(name)
    assert error.value.code == "bad_name"
