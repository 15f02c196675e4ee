"""`tradepulse data`: documents, exit codes, and what a person reads."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from conformance.made_bars import columns_of, made_bars
from tradepulse.cli import main
from tradepulse.domain.bars import BarSeries
from tradepulse.storage import month_files


class Terminal:
    """Runs commands against one home."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.capsys = home, capsys

    def run(self, *words: object) -> tuple[int, str, str]:
        code = main(["data", *map(str, words), "--home", str(self.home)])
        shown = self.capsys.readouterr()
        return code, shown.out, shown.err

    def json(self, *words: object) -> tuple[int, Any]:
        code, out, _ = self.run(*words, "--json")
        return code, json.loads(out)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(tmp_path / "home", capsys)


def saved(path: Path, bars: BarSeries) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(columns_of(bars)).write_parquet(path)
    return path


def test_import_says_what_it_did_and_inferred(terminal: Terminal, tmp_path: Path) -> None:
    file = saved(tmp_path / "in/binanceusdm/BTCUSDT/1h.parquet", made_bars(200, without=(5, 6)))
    code, document = terminal.json("import", file)
    assert code == 0
    assert list(document) == ["files", "added", "skipped", "replaced", "gaps", "errors"]
    counts = [document[name] for name in ("added", "skipped", "replaced", "gaps", "errors")]
    assert counts == [198, 0, 0, 1, []]
    (kept,) = document["files"]
    assert (kept["exchange"], kept["pair"], kept["interval"]) == (
        "binanceusdm", "BTC/USDT:USDT", "1h",
    )  # fmt: skip
    assert kept["gaps"]["missing"] == 2
    assert "exchange binanceusdm from the name" in kept["inferred"]
    code, document = terminal.json("import", file)
    assert (code, document["added"], document["skipped"]) == (0, 0, 198)


def test_import_for_people(terminal: Terminal, tmp_path: Path) -> None:
    saved(tmp_path / "in/kraken/XBTUSD/1h.parquet", made_bars(200))
    code, out, err = terminal.run("import", tmp_path / "in")
    assert code == 0
    assert "pair BTC/USD from the name" in out
    assert "1 file(s) kept, 0 refused" in out
    assert "importing" in err


def test_import_of_one_bad_file_is_its_error(terminal: Terminal, tmp_path: Path) -> None:
    bars = made_bars(50)
    bars.close[3] = np.nan
    file = saved(tmp_path / "kraken/XBTUSD/1h.parquet", bars)
    code, document = terminal.json("import", file)
    assert code == 3
    assert document["error"]["code"] == "nan_values"
    assert terminal.json("list") == (0, {"items": [], "next_cursor": None})


def test_import_of_a_folder_keeps_the_good_and_answers_no(
    terminal: Terminal, tmp_path: Path
) -> None:
    saved(tmp_path / "in/kraken/XBTUSD/1h.parquet", made_bars(50))
    saved(tmp_path / "in/kraken/ETHUSD/1h.parquet", made_bars(50)).write_bytes(b"PAR1")
    code, document = terminal.json("import", tmp_path / "in")
    assert (code, document["added"]) == (3, 50)
    assert [error["code"] for error in document["errors"]] == ["corrupt_file"]
    code, out, _ = terminal.run("import", tmp_path / "in")
    assert code == 3
    assert "refused" in out
    assert "corrupt_file" in out


def test_a_conflict_needs_overwrite(terminal: Terminal, tmp_path: Path) -> None:
    bars = made_bars(50)
    file = saved(tmp_path / "kraken/XBTUSD/1h.parquet", bars)
    terminal.json("import", file)
    bars.volume[3] += 1
    saved(file, bars)
    code, document = terminal.json("import", file)
    assert (code, document["error"]["code"]) == (3, "conflicting_bars")
    code, document = terminal.json("import", file, "--overwrite")
    assert (code, document["replaced"], document["skipped"]) == (0, 1, 49)


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["import"], 2, "missing_option"),
        (["import", "absent.csv"], 4, "file_not_found"),
        (["import", "x.csv", "--symbol", "BTCUSDT,ETHUSDT"], 2, "bad_value"),
        (["import", "x.csv", "--interval", "1x"], 2, "unknown_interval"),
        (["import", "x.csv", "--symbol", "nonsense"], 2, "unknown_pair"),
        (["audit"], 4, "symbol_not_found"),
        (["export"], 4, "symbol_not_found"),
        (["list", "--symbol", "BTCUSDT"], 4, "symbol_not_found"),
        (["export", "--timerange", "20240201-20240101"], 2, "inverted_range"),
    ],
)
def test_errors_have_codes(terminal: Terminal, words: list[str], code: int, error: str) -> None:
    answer, document = terminal.json(*words)
    assert (answer, document["error"]["code"]) == (code, error)


@pytest.fixture
def filled(terminal: Terminal, tmp_path: Path) -> Terminal:
    for name, bars in (
        ("kraken/XBTUSD/1h", made_bars(200, without=(5, 6))),
        ("binanceusdm/BTCUSDT/1h", made_bars(200)),
        ("binanceusdm/ETHUSDT/1h", made_bars(100)),
    ):
        saved(tmp_path / f"in/{name}.parquet", bars)
    assert terminal.json("import", tmp_path / "in")[0] == 0
    return terminal


def test_list_and_its_filters(filled: Terminal) -> None:
    _, document = filled.json("list")
    assert [(item["exchange"], item["pair"], item["bars"]) for item in document["items"]] == [
        ("binanceusdm", "BTC/USDT:USDT", 200),
        ("binanceusdm", "ETH/USDT:USDT", 100),
        ("kraken", "BTC/USD", 198),
    ]
    for words, count in (
        (["--exchange", "binanceusdm"], 2),
        (["--pairs", "BTCUSDT"], 1),
        (["--pairs", "BTCUSDT,XBTUSD"], 2),
        (["-i", "1h"], 3),
    ):
        assert len(filled.json("list", *words)[1]["items"]) == count
    code, out, _ = filled.run("list")
    assert code == 0
    assert "BTC/USDT:USDT" in out


def test_a_near_name_is_offered(filled: Terminal) -> None:
    code, document = filled.json("audit", "--exchange", "kraken", "--symbol", "BTC/USDT")
    assert code == 4
    assert "kraken:BTC/USD" in document["error"]["hint"]
    code, document = filled.json("list", "--exchange", "kraken", "-i", "5m")
    assert (code, document["error"]["code"]) == (4, "interval_not_found")


def test_audit_answers_no_where_there_are_findings(filled: Terminal) -> None:
    code, document = filled.json("audit")
    assert (code, document["findings"], document["series"], document["bars"]) == (3, 1, 3, 498)
    (found,) = [item for item in document["items"] if item["findings"]]
    assert found["exchange"] == "kraken"
    assert found["findings"][0]["kind"] == "gap"
    assert found["findings"][0]["places"][0]["text"].startswith("2 bars missing")
    assert filled.json("audit", "--exchange", "binanceusdm")[0] == 0
    code, out, _ = filled.run("audit")
    assert code == 3
    assert "2 of 3 series clean" in out


def test_export_comes_back(filled: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "out/kraken-BTC-USD-4h.csv"
    words = ("export", file, "--exchange", "kraken", "--symbol", "BTCUSD", "-i", "1h")
    code, document = filled.json(*words, "--resample", "4h", "--timerange", "20240201-20240203")
    assert code == 0
    assert (document["interval"], document["bars"]) == ("4h", 12)
    assert filled.json("import", file)[1]["added"] == 12
    code, document = filled.json(*words)
    assert (code, document["error"]["code"]) == (3, "file_exists")
    assert filled.json(*words, "--overwrite")[0] == 0


def test_export_has_a_name_of_its_own(
    filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert filled.run("export", "--symbol", "ETHUSDT")[0] == 0
    assert (tmp_path / "binanceusdm-ETH-USDT-USDT-1h.parquet").is_file()
    code, document = filled.json("export", "--exchange", "binanceusdm")
    assert (code, document["error"]["code"]) == (2, "ambiguous_series")
    code, document = filled.json(
        "export", "--symbol", "ETHUSDT", "--timerange", "20190101-20190102"
    )
    assert (code, document["error"]["code"]) == (3, "empty")


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only")]
)
def test_a_machine_that_fails_is_exit_code_5(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    file = saved(tmp_path / "kraken/XBTUSD/1h.parquet", made_bars(50))

    def refuse(handle: int, content: bytes) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(month_files.os, "write", refuse)
    answer, document = terminal.json("import", file)
    assert (answer, document["error"]["code"]) == (5, code)
    monkeypatch.undo()
    assert terminal.json("list")[1]["items"] == []


def test_bundled_bars_fill_a_home(terminal: Terminal) -> None:
    code, document = terminal.json("import", "--bundled")
    assert (code, len(document["files"]), document["added"]) == (0, 14, 746_114)
    assert len(terminal.json("list")[1]["items"]) == 14
