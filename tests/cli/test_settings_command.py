"""`tradepulse settings` from the shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tradepulse.cli import main


def run(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> tuple[int, Any]:
    code = main(["settings", *words, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def value(capsys: pytest.CaptureFixture[str], home: Path, name: str) -> tuple[Any, str]:
    _, document = run(capsys, home, "list", name)
    (row,) = document["items"]
    return row["value"], row["source"]


def test_set_list_history_rollback(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    why = ("--reason", "careful")
    assert value(capsys, tmp_path, "risk.max_open_trades") == (10, "default")
    code, made = run(
        capsys, tmp_path, "set", "risk.max_open_trades=4", "risk.max_leverage=none", *why
    )
    assert (code, made["version"], made["reason"]) == (0, 1, "careful")
    assert value(capsys, tmp_path, "risk.max_open_trades") == (4, "version")
    assert value(capsys, tmp_path, "risk.max_leverage") == (None, "version")
    code, made = run(capsys, tmp_path, "set", "--unset", "risk.max_leverage", *why)
    assert (code, made["settings"]) == (0, {"risk": {"max_open_trades": 4}})
    code, made = run(capsys, tmp_path, "rollback", "0", *why, "--if-version", "2")
    assert (code, made["version"]) == (0, 3)
    assert value(capsys, tmp_path, "risk.max_open_trades") == (10, "default")
    code, document = run(capsys, tmp_path, "history")
    assert (code, document["first_broken"]) == (0, None)
    assert [row["version"] for row in document["items"]] == [3, 2, 1]


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("set", "risk.max_open_trades"), 2, "bad_change"),
        (("set", "risk.max_open_trades=0"), 2, "bad_setting"),
        (("set", "api.port=9"), 3, "not_versioned"),
        (("set", "risk.min_equity=5", "--if-version", "7"), 3, "settings_changed"),
        (("rollback", "5"), 4, "version_not_found"),
    ],
)
def test_what_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: Any, exit_code: int, code: str
) -> None:
    found, document = run(capsys, tmp_path, *words, "--reason", "x")
    assert (found, document["error"]["code"]) == (exit_code, code)
