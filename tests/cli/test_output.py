"""What commands print: JSON that scripts can read, tables that people can."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from tradepulse.cli.output import as_text, emit, explain, progress, show_table, time_text
from tradepulse.domain.configuration import Evidence
from tradepulse.domain.lifecycle import Stage


def test_json_has_plain_values_only(capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "nan": float("nan"),
        "money": Decimal("1E-12"),
        "path": Path("a/b"),
        "stage": Stage.WATCH,
        "evidence": (Evidence("sharpe", 1.0, None, False),),
        "array": np.array([1.5, 2.5]),
        "number": np.int64(3),
        "mapping": MappingProxyType({"a": 1}),
        "set": {"b", "a"},
    }
    emit(document, True, lambda: pytest.fail("printed for people"))
    assert json.loads(capsys.readouterr().out) == {
        "nan": None, "money": "0.000000000001", "path": "a/b", "stage": "WATCH",
        "evidence": [
            {
                "rule": "sharpe", "threshold": 1.0, "value": None, "passed": False, "note": "",
                "required": True,
            }
        ],
        "array": [1.5, 2.5], "number": 3, "mapping": {"a": 1}, "set": ["a", "b"],
    }  # fmt: skip


def test_people_get_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"a": 1}, False, lambda: show_table("T", ("name", "n"), [("x", 1)], right=("n",)))
    out = capsys.readouterr().out
    assert "name" in out
    assert "{" not in out


def test_a_piped_table_keeps_long_cells_whole(capsys: pytest.CaptureFixture[str]) -> None:
    cell = "x" * 120
    show_table(None, ("a", "b"), [(cell, 1)])
    assert cell in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"), (float("nan"), "-"), (True, "yes"), (False, "no"), (Decimal("1E+3"), "1000"),
        (0.1 + 0.2, "0.3"), (1234567.0, "1,234,567"), (1e-7, "1e-07"),
        (12, "12"), ("[red]", "[red]"),
    ],
)  # fmt: skip
def test_cells(value: object, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "Is a directory: {path}"),
        ("file/x", "Not a directory: {path}"),
        ("n" * 300, "File name too long: {path}"),
        ("absent/x", "there is no folder {parent}"),
    ],
)
def test_a_path_that_cannot_be_written_is_named(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "file").touch()
    wanted = tmp_path / path
    with pytest.raises(OSError, match=r".") as caught:
        wanted.write_text("x")
    told = explain(caught.value)
    assert told.message == message.format(path=wanted, parent=wanted.parent)
    assert told.code == ("file_not_found" if "absent" in path else "bad_path")


def test_a_path_without_rights_need_not_be_the_home() -> None:
    told = explain(PermissionError(13, "Permission denied", "/sealed/page.html"))
    assert (told.code, told.message) == ("read_only", "Permission denied: /sealed/page.html")
    assert "--home" not in str(told.hint)


def test_times() -> None:
    assert time_text(1_706_745_300_000) == "2024-01-31 23:55"
    assert time_text(None) == "-"


@pytest.mark.parametrize(("total", "lines"), [(100, 11), (None, 1)])
def test_progress_in_a_log_is_a_line_a_tenth(
    capsys: pytest.CaptureFixture[str], total: int | None, lines: int
) -> None:
    with progress("sweep", total) as step:
        for done in range(101):
            step(done)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == lines
