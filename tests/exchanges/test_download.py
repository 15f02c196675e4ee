"""Downloads from the sandbox: whole, resumed, repeated, refused; the files to the byte."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exchanges.feed_world import rows_of, sandbox_of, spec, walk
from tradepulse.cli import main
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import DAY_MS, HOUR_MS, MINUTE_MS, Interval
from tradepulse.domain.settings import ExchangeSettings
from tradepulse.exchanges.download import DownloadKind, DownloadSpec, download_history
from tradepulse.marketdata.folding import FoldingStore
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server.threaded import RunningSandbox, run_in_thread
from tradepulse.storage.parquet_bars import ParquetBarStore

# 2025-05-25 00:00 UTC: twelve days around the end of a month.
FIRST = 1_748_131_200_000
COUNT = 12 * 1440
NOW = FIRST + COUNT * MINUTE_MS - 30_000  # the last bar is half made
KLINES = "GET /api/v3/klines"
M1 = Interval.parse("1m")
BTC = Pair.parse("BTC/USDT")
TRUTH = {
    "BTCUSDT": walk(COUNT, start=FIRST, without=(100, 101, 5000)),
    "ETHUSDT": walk(COUNT, seed=2, start=FIRST),
}


@pytest.fixture(scope="module")
def venue() -> Iterator[RunningSandbox]:
    with sandbox_of(TRUTH, NOW) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _no_faults_left(venue: RunningSandbox) -> Iterator[None]:
    yield
    venue.clear_faults()


def asked(**changes: Any) -> DownloadSpec:
    return replace(DownloadSpec("binance", M1, FIRST, pairs=(BTC,)), **changes)


def addresses(venue: RunningSandbox) -> dict[str, ExchangeSettings]:
    return {"binance": ExchangeSettings(base_url=venue.base_url)}


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file below `folder` but locks, by its hash."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_every_closed_bar_is_kept_and_the_half_made_one_is_not(
    venue: RunningSandbox, tmp_path: Path
) -> None:
    store = FoldingStore(ParquetBarStore(tmp_path))
    steps: list[tuple[int, int]] = []
    report = download_history(
        store, asked(), addresses(venue), lambda done, whole: steps.append((done, whole))
    )
    (done,) = report.series
    kept = store.read("binance", BTC, M1)
    assert rows_of(kept) == rows_of(TRUTH["BTCUSDT"].slice(0, len(TRUTH["BTCUSDT"]) - 1))
    assert (done.added, done.rows, done.gaps.count, done.gaps.total) == (len(kept), len(kept), 2, 3)
    assert [finding.kind for finding in done.findings] == ["gap"]
    assert [s[0] for s in steps] == sorted(s[0] for s in steps)
    assert steps[-1][0] == steps[-1][1]


def test_again_asks_for_the_holes_alone_and_changes_nothing(
    venue: RunningSandbox, tmp_path: Path
) -> None:
    store = FoldingStore(ParquetBarStore(tmp_path))
    download_history(store, asked(), addresses(venue))
    before, requests = fingerprint(tmp_path), venue.state()["requests"][KLINES]
    report = download_history(store, asked(), addresses(venue))
    assert report.series[0].added == 0
    assert fingerprint(tmp_path) == before
    assert venue.state()["requests"][KLINES] - requests == 2


def test_a_range_is_a_range_and_can_be_widened(venue: RunningSandbox, tmp_path: Path) -> None:
    store = FoldingStore(ParquetBarStore(tmp_path))
    middle = asked(since_ms=FIRST + 3 * DAY_MS, until_ms=FIRST + 4 * DAY_MS)
    download_history(store, middle, addresses(venue))
    kept = store.read("binance", BTC, M1)
    assert rows_of(kept) == rows_of(
        TRUTH["BTCUSDT"].between(FIRST + 3 * DAY_MS, FIRST + 4 * DAY_MS)
    )
    download_history(store, asked(), addresses(venue))
    whole = tmp_path / "whole"
    download_history(FoldingStore(ParquetBarStore(whole)), asked(), addresses(venue))
    ours = {k: v for k, v in fingerprint(tmp_path).items() if not k.startswith("whole")}
    assert ours == fingerprint(whole)


@pytest.mark.parametrize(
    "faults",
    [
        [{"kind": "drop", "on": KLINES, "probability": 0.3, "seed": 1}],
        [{"kind": "status_5xx", "on": KLINES, "probability": 0.3, "seed": 2}],
        [{"kind": "malformed", "on": KLINES, "times": 2}],
        [{"kind": "status_429", "on": KLINES, "times": 1, "retry_after_s": 1}],
    ],
    ids=lambda faults: faults[0]["kind"],
)
def test_trouble_on_the_way_costs_time_and_no_bar(
    venue: RunningSandbox, tmp_path: Path, faults: list[dict[str, Any]]
) -> None:
    for fault in faults:
        venue.fault(**fault)
    store = FoldingStore(ParquetBarStore(tmp_path))
    until = FIRST + 6 * DAY_MS
    (done,) = download_history(store, asked(until_ms=until), addresses(venue)).series
    assert done.rows == len(TRUTH["BTCUSDT"].between(FIRST, until))


class Killed(BaseException):
    """Stands for the end of the process, between two appends."""


def test_stopped_anywhere_it_comes_out_the_same(venue: RunningSandbox, tmp_path: Path) -> None:
    spec_of_both = asked(pairs=(BTC, Pair.parse("ETH/USDT")))
    whole = tmp_path / "whole"
    download_history(FoldingStore(ParquetBarStore(whole)), spec_of_both, addresses(venue))
    broken = tmp_path / "broken"
    for stop_after in (1, 3, 2):
        store = FoldingStore(ParquetBarStore(broken))
        with pytest.raises(Killed):
            download_history(store, spec_of_both, addresses(venue), _stop_after(store, stop_after))
    download_history(FoldingStore(ParquetBarStore(broken)), spec_of_both, addresses(venue))
    assert fingerprint(broken) == fingerprint(whole)


def _stop_after(store: FoldingStore, appends: int) -> Callable[[int, int], None]:
    """Counts the appends to `store` and ends it all after some."""
    append, seen = store.append, 0

    def counted(*words: Any, **options: Any) -> Any:
        nonlocal seen
        report = append(*words, **options)
        seen += 1
        if seen >= appends:
            raise Killed
        return report

    store.append = counted  # type: ignore[method-assign]
    return lambda _done, _whole: None


@pytest.mark.slow
def test_killed_three_times_it_equals_one_undisturbed_download(
    venue: RunningSandbox, tmp_path: Path
) -> None:
    quiet, broken = tmp_path / "quiet", tmp_path / "broken"
    both = asked(pairs=(BTC, Pair.parse("ETH/USDT")))
    download_history(FoldingStore(ParquetBarStore(quiet)), both, addresses(venue))
    venue.fault("delay", on=KLINES, probability=1.0, ms=120)
    for kill in range(3):
        process = _start(venue, broken)
        _wait_for_progress(process, broken, kill)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
    kept = ParquetBarStore(broken / "data").series()
    assert sum(info.bars for info in kept) < 2 * COUNT - 4
    report = download_history(
        FoldingStore(ParquetBarStore(broken / "data")), both, addresses(venue)
    )
    assert sum(done.added for done in report.series) > 0
    assert fingerprint(broken / "data") == fingerprint(quiet)


def _start(venue: RunningSandbox, home: Path) -> subprocess.Popen[str]:
    words = [
        sys.executable, "-m", "tradepulse", "data", "download", "--exchange", "binance",
        "--symbols", "BTC/USDT,ETH/USDT", "-i", "1m", "--since", "2025-05-25",
        "--home", str(home), "--json",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "TRADEPULSE__EXCHANGES__BINANCE__BASE_URL": venue.base_url,
        "PYTHONPATH": os.pathsep.join(filter(None, ["src", os.environ.get("PYTHONPATH", "")])),
    }
    return subprocess.Popen(
        words, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip


def _wait_for_progress(process: subprocess.Popen[str], home: Path, kill: int) -> None:
    """Until it has kept something more than the runs before it, or is writing just then."""
    give_up = time.monotonic() + 60
    before = _bytes_below(home / "data")
    while _bytes_below(home / "data") == before:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < give_up
        time.sleep(0.005)
    time.sleep(0.01 * kill)


def _bytes_below(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except FileNotFoundError:
        return -1  # a temporary file took its place in between


class TestPerpetuals:
    @pytest.fixture
    def contracts(self) -> Iterator[RunningSandbox]:
        bars = walk(3 * 1440, start=FIRST)
        stamps = np.arange(FIRST, FIRST + 3 * DAY_MS, 8 * HOUR_MS, dtype=np.int64) + 3
        funding = FundingSeries(stamps, np.linspace(-1e-4, 2e-4, len(stamps)).round(8))
        mark = replace(bars, close=bars.close.round(1), volume=np.zeros(len(bars)))
        mark = replace(mark, high=np.maximum(mark.high, mark.close),
                       low=np.minimum(mark.low, mark.close))  # fmt: skip
        series = [SymbolBars(spec("BTCUSDT", Market.PERPETUAL), bars, funding, mark)]
        self.funding, self.mark = funding, mark
        with run_in_thread(SandboxMarket(series, FIRST + 3 * DAY_MS - 30_000)) as sandbox:
            yield sandbox

    def test_bars_marks_and_funding(self, contracts: RunningSandbox, tmp_path: Path) -> None:
        store = FoldingStore(ParquetBarStore(tmp_path))
        wanted = asked(pairs=(Pair.parse("BTC/USDT:USDT"),), funding=True, mark=True)
        report = download_history(store, wanted, addresses(contracts))
        assert [done.kind for done in report.series] == list(DownloadKind)
        mark = store.read("binance_mark", "BTC/USDT:USDT", M1)
        assert mark.close.tolist() == self.mark.close[:-1].tolist()
        assert not mark.volume.any()
        funding = store.read_funding("binance", "BTC/USDT:USDT")
        assert funding.rate.tolist() == self.funding.rate.tolist()
        assert (funding.time // 1000 == self.funding.time // 1000).all()
        again = download_history(store, wanted, addresses(contracts))
        assert [done.added for done in again.series] == [0, 0, 0]

    def test_a_venue_of_perpetuals_has_a_name_of_its_own(
        self, contracts: RunningSandbox, tmp_path: Path
    ) -> None:
        store = FoldingStore(ParquetBarStore(tmp_path))
        wanted = asked(exchange="binanceusdm", since_ms=FIRST + 2 * DAY_MS)
        (done,) = download_history(store, wanted, addresses(contracts)).series
        assert (done.exchange, done.pair) == ("binanceusdm", "BTC/USDT:USDT")


class TestTheCommand:
    @pytest.fixture
    def run(
        self, venue: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> Callable[..., tuple[int, Any]]:  # fmt: skip
        monkeypatch.setenv("TRADEPULSE__EXCHANGES__BINANCE__BASE_URL", venue.base_url)

        def run(*words: str) -> tuple[int, Any]:
            code = main(["download-data", *words, "--home", str(tmp_path / "home"), "--json"])
            return code, json.loads(capsys.readouterr().out)

        return run

    def test_the_busiest_pairs(self, run: Callable[..., tuple[int, Any]]) -> None:
        words = [
            "--exchange",
            "BINANCE",
            "--top",
            "5",
            "-i",
            "1h",
            "--timerange",
            "20250526-20250528",
        ]
        code, document = run(*words)
        assert code == 0
        assert sorted(s["pair"] for s in document["series"]) == ["BTC/USDT", "ETH/USDT"]
        assert document["added"] == 2 * 48
        assert {s["interval"] for s in document["series"]} == {"1h"}

    def test_of_several_one_may_not_be_there(self, run: Callable[..., tuple[int, Any]]) -> None:
        code, document = run(
            "--exchange", "binance", "--symbols", "BTC/USDT,NOPE/USDT", "-i", "4h",
            "--since", "2025-05-26", "--until", "2025-05-27",
        )  # fmt: skip
        assert code == 3
        assert [s["pair"] for s in document["series"]] == ["BTC/USDT"]
        assert [(e["pair"], e["code"]) for e in document["errors"]] == [
            ("NOPE/USDT", "symbol_not_found")
        ]

    @pytest.mark.parametrize(
        ("words", "code", "error"),
        [
            (["--symbols", "BTCUSDT", "-i", "1h"], 2, "missing_option"),
            (["--exchange", "binance", "-i", "1h"], 2, "missing_option"),
            (["--exchange", "binance", "--symbols", "BTCUSDT", "--top", "3", "-i", "1h"], 2,
             "missing_option"),
            (["--exchange", "binance", "--symbols", "BTCUSDT"], 2, "missing_option"),
            (["--exchange", "nowhere", "--symbols", "BTCUSDT", "-i", "1h"], 2,
             "unknown_exchange"),
            (["--exchange", "binance", "--symbols", "BTCUSDT", "-i", "7x"], 2,
             "unknown_interval"),
            (["--exchange", "binance", "--symbols", "NOPE/USDT", "-i", "1h"], 4,
             "symbol_not_found"),
            (["--exchange", "binance", "--symbols", "BTCUSDT", "-i", "1h", "--since", "soon"], 2,
             "bad_time"),
            (["--exchange", "binance", "--symbols", "BTCUSDT", "-i", "1h", "--since",
              "2025-05-02", "--until", "2025-05-01"], 2, "inverted_range"),
            (["--exchange", "binance", "--top", "3", "-i", "1h", "--market", "moon"], 2,
             "bad_value"),
        ],
    )  # fmt: skip
    def test_errors_have_codes(
        self, run: Callable[..., tuple[int, Any]], words: list[str], code: int, error: str
    ) -> None:
        answer, document = run(*words)
        assert (answer, document["error"]["code"]) == (code, error)

    def test_a_venue_that_does_not_answer_is_exit_code_5(
        self, run: Callable[..., tuple[int, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tradepulse.exchanges import market_reader

        monkeypatch.setattr(market_reader, "_PATIENT_TRIES", 1)
        monkeypatch.setenv("TRADEPULSE__EXCHANGES__BINANCE__BASE_URL", "http://127.0.0.1:9")
        code, document = run("--exchange", "binance", "--symbols", "BTCUSDT", "-i", "1h")
        assert (code, document["error"]["code"]) == (5, "exchange_unavailable")


def test_what_there_is_no_history_of_is_refused(venue: RunningSandbox, tmp_path: Path) -> None:
    store = FoldingStore(ParquetBarStore(tmp_path))
    with pytest.raises(TradePulseError) as caught:
        download_history(store, asked(interval=Interval(1_500)), addresses(venue))
    assert caught.value.code == "unknown_interval"
