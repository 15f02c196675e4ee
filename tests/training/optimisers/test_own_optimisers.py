"""A user's own optimisers: found by name, checked, and never hiding each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from searched import Small, space

from tradepulse.domain.errors import TradePulseError
from tradepulse.training.optimisers import Told, make_optimiser, optimisers_in

GOOD = """
class {title}:
    name = "{name}"

    def __init__(self, space, seed):
        self.seed = seed

    def ask(self, n):
        {ask}

    def tell(self, results):
        {tell}
"""


def write(folder: Path, name: str, ask: str = "return []", tell: str = "pass") -> Path:
    path = folder / f"{name}.py"
    path.write_text(GOOD.format(title=name.title(), name=name, ask=ask, tell=tell))
    return path


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ("return None", "found NoneType"),
        ("return ({'bars': 1},)", "found tuple"),
        ("return [3]", "a list with int"),
        ("return [{'bars': 1, 'strict': True}] * (n + 1)", "3 sets"),
        ("return [{'bars': 7, 'strict': True}]", "bars cannot be 7"),
        ("return [{'bars': 1}]", "strict is missing"),
        ("return [{'barz': 1, 'strict': True}]", "no parameter 'barz'"),
        ("raise KeyError('x')", "KeyError: 'x', line 9"),
        ("return 1 / 0", "ZeroDivisionError: division by zero, line 9"),
    ],
)
def test_a_broken_contract_names_the_file(tmp_path: Path, ask: str, words: str) -> None:
    path = write(tmp_path, "mine", ask)
    optimiser = make_optimiser("Mine", space(Small), seed=1, folder=tmp_path)
    with pytest.raises(TradePulseError) as error:
        optimiser.ask(2)
    assert error.value.code == "bad_optimiser"
    assert str(path) in str(error.value)
    assert words in str(error.value)


def test_an_exception_in_tell_is_the_users(tmp_path: Path) -> None:
    write(tmp_path, "mine", tell="results[0].value")
    optimiser = make_optimiser("mine", space(Small), seed=1, folder=tmp_path)
    with pytest.raises(TradePulseError, match=r"AttributeError.*line 12"):
        optimiser.tell([Told({"bars": 1, "strict": True}, (1.0,))])


def test_what_it_asks_for_is_written_as_the_space_writes_it(tmp_path: Path) -> None:
    write(tmp_path, "mine", "return [{'strict': 'true', 'bars': 2.0}]")
    optimiser = make_optimiser("mine", space(Small), seed=1, folder=tmp_path)
    assert optimiser.ask(1) == [{"bars": 2, "strict": True}]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("tpi", "Did you mean tpe?"), ("min", "Did you mean mine?"), ("torn", "SyntaxError"),
     ("empty", "defines no class with name, ask and tell")],
)  # fmt: skip
def test_an_unknown_name_is_told_what_is_known(tmp_path: Path, name: str, hint: str) -> None:
    write(tmp_path, "mine")
    (tmp_path / "torn.py").write_text("class Torn(:\n")
    (tmp_path / "empty.py").write_text("class Nameless:\n    def ask(self, n): ...\n")
    with pytest.raises(TradePulseError) as error:
        make_optimiser(name, space(Small), seed=1, folder=tmp_path)
    assert error.value.code == "optimiser_not_found"
    assert error.value.exit_code == 4
    assert "grid, random, tpe, cmaes, nsga2, mine" in str(error.value)
    assert hint in str(error.value)


def test_a_bad_file_never_hides_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "mine")
    write(tmp_path, "tpe")
    (tmp_path / "torn.py").write_text("import nowhere_to_be_found\n")
    for file in ("one", "two"):
        (tmp_path / f"{file}.py").write_text(write(tmp_path, "twice").read_text())
    (tmp_path / "twice.py").unlink()
    found = optimisers_in(tmp_path)
    assert list(found.entries) == ["mine"]
    problems = {Path(p.source).stem: (p.code, p.message) for p in found.problems}
    assert {name: code for name, (code, _) in problems.items()} == {
        "one": "duplicate_optimiser", "torn": "broken_optimiser", "tpe": "duplicate_optimiser",
        "two": "duplicate_optimiser",
    }  # fmt: skip
    assert "two.py" in problems["one"][1]
    assert "one.py" in problems["two"][1]
    assert "the shipped one" in problems["tpe"][1]
    assert "nowhere_to_be_found" in problems["torn"][1]


def test_a_folder_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert optimisers_in(tmp_path / "none").entries == {}
    assert optimisers_in(None).entries == {}
