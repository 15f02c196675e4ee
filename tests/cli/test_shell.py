"""The shell of the command line: exit codes, errors in both shapes, words in any order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tradepulse import __version__
from tradepulse.cli import app, main
from tradepulse.cli.commands import ALIASES, COMMANDS
from tradepulse.cli.options import HomeOption, JsonOption
from tradepulse.cli.words import arrange
from tradepulse.domain.errors import (
    DataError,
    FailedError,
    NotFoundError,
    RefusedError,
    TradePulseError,
    UsageError,
)  # fmt: skip
from tradepulse.marketdata.samples import bundled_files

FIELDS = ["code", "message", "expected", "found", "hint"]


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    code = main([str(word) for word in argv])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A way to make the `init` command raise a given error."""

    def install(error: BaseException) -> None:
        def command(home: HomeOption = None, as_json: JsonOption = False) -> None:
            """Raise."""
            raise error

        import tradepulse.cli.init

        monkeypatch.setattr(tradepulse.cli.init, "command", command)

    return install


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_listed_command_can_be_loaded(entry: Any) -> None:
    command = app.load(entry.name)
    assert command.help
    assert entry.help.endswith(".")


def test_aliases_lead_to_commands() -> None:
    names = {entry.name for entry in COMMANDS}
    assert {words[0] for words in ALIASES.values()} <= names
    assert {"backtesting", "hyperopt", "list-data", "list-strategies", "new-strategy", "trade",
            "webserver"} <= set(ALIASES)  # fmt: skip


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in ([], ["--help"], ["-h"], ["--json", "--help"]):
        code, out, _ = run(capsys, *argv)
        assert code == 0
        assert all(entry.name in out for entry in COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"tradepulse {__version__}\n", "")


USAGE = [
    # argv, code of the error, a word of the message
    (["no-such-command"], "unknown_command", "no-such-command"),
    (["initt"], "unknown_command", "Did you mean 'init'"),
    (["init", "--nope"], "unknown_option", "--nope"),
    (["init", "--home"], "usage", "--home"),
    (["init", "surplus"], "usage", "surplus"),
    (["db"], "missing_command", "Missing command"),
    (["db", "downgrade"], "unknown_command", "downgrade"),
]


@pytest.mark.parametrize(("argv", "expected", "word"), USAGE)
def test_usage_errors_exit_2_in_both_shapes(
    capsys: pytest.CaptureFixture[str], argv: list[str], expected: str, word: str
) -> None:
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    assert err.startswith(f"error [{expected}]: ")
    assert word in err
    if argv[-1] == "--home":
        return  # the option would swallow `--json`
    code, out, err = run(capsys, "--json", *argv)
    document = json.loads(out)["error"]
    assert (code, err, list(document)) == (2, "", FIELDS)
    assert document["code"] == expected
    assert word in document["message"]


RAISED: list[tuple[BaseException, int, str]] = [
    (UsageError("unknown_parameter", "m"), 2, "unknown_parameter"),
    (RefusedError("min_notional", "m"), 3, "min_notional"),
    (DataError("nan_values", "m", expected="numbers", found="NaN"), 3, "nan_values"),
    (NotFoundError("symbol_not_found", "m", hint="look"), 4, "symbol_not_found"),
    (FailedError("disk_full", "m"), 5, "disk_full"),
    (OSError(28, "No space left on device", "x"), 5, "disk_full"),
    (PermissionError(13, "Permission denied", "x"), 5, "read_only"),
    (FileNotFoundError(2, "No such file or directory", "x"), 4, "file_not_found"),
    (IsADirectoryError(21, "Is a directory", "x"), 2, "bad_path"),
    (NotADirectoryError(20, "Not a directory", "x"), 2, "bad_path"),
    (OSError(36, "File name too long", "x"), 2, "bad_path"),
    (ZeroDivisionError("by zero"), 5, "internal"),
]


@pytest.mark.parametrize(("error", "exit_code", "expected"), RAISED)
def test_errors_leave_with_their_code_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
    breaking: Any,
    error: BaseException,
    exit_code: int,
    expected: str,
) -> None:
    breaking(error)
    code, out, err = run(capsys, "init")
    assert (code, out) == (exit_code, "")
    assert err.startswith(f"error [{expected}]: ")
    assert "Traceback" not in err
    if isinstance(error, TradePulseError):
        for field in ("expected", "found", "hint"):
            text = getattr(error, field)
            assert (f"  {field}: {text}\n" in err) == (text is not None)
    code, out, err = run(capsys, "init", "--json")
    assert (code, err) == (exit_code, "")
    assert list(json.loads(out)) == ["error"]
    assert json.loads(out)["error"]["code"] == expected


def test_debug_shows_the_traceback_on_stderr(
    capsys: pytest.CaptureFixture[str], breaking: Any
) -> None:
    breaking(ZeroDivisionError("by zero"))
    code, out, err = run(capsys, "--debug", "init", "--json")
    assert code == 5
    assert "Traceback" in err
    assert json.loads(out)["error"]["code"] == "internal"


def test_interrupt_is_130_and_silent(capsys: pytest.CaptureFixture[str], breaking: Any) -> None:
    breaking(KeyboardInterrupt())
    assert run(capsys, "init") == (130, "", "")


WORDS = [
    (["--json", "data", "list"], ["data", "list", "--json"]),
    (["--home", "h", "data", "list", "-i", "5m"], ["data", "list", "-i", "5m", "--home", "h"]),
    (["--home=h", "init"], ["init", "--home=h"]),
    (["-c", "f.toml", "data", "list"], ["data", "list", "-c", "f.toml"]),
    (["data", "--config=f.toml", "list"], ["data", "list", "--config=f.toml"]),
    (["data", "--home", "h", "list"], ["data", "list", "--home", "h"]),
    (["init", "--home"], ["init", "--home"]),
    (["init", "--debug"], ["init"]),
    (["--json", "x", "--", "--json"], ["x", "--json", "--", "--json"]),
    (["b", "--pairs", "A/B", "C/D", "-s", "x"], ["b", "--pairs", "A/B,C/D", "-s", "x"]),
    (["b", "--pairs", "A/B", "data/x"], ["b", "--pairs", "A/B", "data/x"]),
    (["b", "--pairs", "A/B:B", "C/D:D", "E/F"], ["b", "--pairs", "A/B:B,C/D:D,E/F"]),
    ([], ["--help"]),
    (["--json"], ["--help"]),
]


@pytest.mark.parametrize(("argv", "expected"), WORDS)
def test_words_are_put_in_the_parsers_order(argv: list[str], expected: list[str]) -> None:
    assert arrange(argv).words == expected


def test_json_behind_two_dashes_is_not_ours() -> None:
    assert not arrange(["x", "--", "--json"]).as_json


def test_init_creates_a_home_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, out, _ = run(capsys, "init", "--home", home, "--json")
    assert code == 0
    assert str(home / "tradepulse.toml") in json.loads(out)["created"]
    assert (home / "tradepulse.sqlite").is_file()
    (home / "tradepulse.toml").write_text("[api]\nport = 9090\n")
    code, out, _ = run(capsys, "--home", home, "init", "--json")
    assert (code, json.loads(out)["created"]) == (0, [])
    assert "9090" in (home / "tradepulse.toml").read_text()


def test_every_command_heeds_the_settings_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The same -c must mean the same database and bars, whichever command it is given to."""
    settings, bars = tmp_path / "other.toml", tmp_path / "elsewhere"
    settings.write_text(
        f"[bars]\nurl = '{bars}'\n[database]\nurl = 'sqlite:///{tmp_path}/other.sqlite'\n"
    )
    argv = ["-c", settings, "--home", tmp_path / "h", "--json"]
    assert run(capsys, *argv, "db", "upgrade")[0] == 0
    assert (tmp_path / "other.sqlite").is_file()
    assert not (tmp_path / "h/tradepulse.sqlite").exists()
    sample = bundled_files()[0]
    assert run(capsys, *argv, "data", "import", sample)[0] == 0
    assert (bars / sample.parent.parent.name).is_dir()
    for words in (
        ["configs", "list"], ["activations", "list"], ["trades", "list"], ["status"], ["doctor"],
        ["strategies", "list"], ["data", "list"], ["init"],
    ):  # fmt: skip
        code, out, _ = run(capsys, *argv, *words)
        assert code == 0, out
    assert not (tmp_path / "h/tradepulse.sqlite").exists()
    absent = ["-c", tmp_path / "absent.toml", "--json"]
    assert run(capsys, "status", *absent)[0] == 4


def test_bars_are_not_kept_at_an_address(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADEPULSE__BARS__URL", "s3://bucket/bars")
    code, out, _ = run(capsys, "data", "import", "--bundled", "--home", tmp_path / "h", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "bars_url")
    assert not (tmp_path / "s3:").exists()


@pytest.mark.parametrize("words", [["strategies", "new", "my_idea"],
                                   ["new-strategy", "--strategy", "my_idea"]])  # fmt: skip
def test_a_new_strategy_is_listed_beside_a_broken_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str]
) -> None:
    code, out, _ = run(capsys, *words, "--home", tmp_path, "--json")
    assert (code, json.loads(out)["name"]) == (0, "my_idea")
    assert run(capsys, *words, "--home", tmp_path)[0] == 3
    (tmp_path / "strategies/broken.py").write_text("this is no Python")
    code, out, _ = run(capsys, "list-strategies", "--userdir", tmp_path, "--json")
    document = json.loads(out)
    assert code == 0
    assert {"my_idea", "ema_cross"} <= {item["name"] for item in document["items"]}
    assert [Path(p["source"]).name for p in document["problems"]] == ["broken.py"]
    assert run(capsys, "new-strategy", "--home", tmp_path)[0] == 2


def test_db_upgrade_says_the_revision(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "db", "upgrade", "--home", tmp_path, "--json")
    assert code == 0
    assert json.loads(out)["revision"]
    assert run(capsys, "db", "upgrade", "--home", tmp_path)[0] == 0


@pytest.mark.parametrize("made", [False, True])
def test_doctor_passes_on_a_new_home(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, made: bool
) -> None:
    if made:
        run(capsys, "init", "--home", tmp_path / "h")
    code, out, _ = run(capsys, "doctor", "--home", tmp_path / "h", "--json")
    document = json.loads(out)
    assert (code, document["verdict"]) == (0, "ok")
    verdicts = {check["name"]: check["verdict"] for check in document["checks"]}
    assert verdicts["database"] == ("ok" if made else "note")


def test_doctor_names_what_is_broken(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "tradepulse.sqlite").write_text("this is not a database, it is a text file")
    code, out, _ = run(capsys, "doctor", "--home", tmp_path, "--json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert code == 3
    assert checks["database"]["verdict"] == "failed"
    assert checks["home"]["verdict"] == "ok"
