"""The corpus: every leaky strategy is refused for the right thing, no clean one is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from corpus_bars import clustered_walk, real_walk
from corpus_file import checked, files

BARS = {seed: clustered_walk(4000, seed) for seed in (1, 2)}
# A counter's table and a frame's buckets start where the bars do; half of the runs are as `train`
# makes them.
RUNS = [pytest.param(1, False, id="walk1"), pytest.param(2, True, id="walk2-quick")]


def test_the_corpus_is_large_enough() -> None:
    assert len(files("leaky")) >= 12
    assert len(files("clean")) >= 12


@pytest.mark.parametrize(("seed", "quick"), RUNS)
@pytest.mark.parametrize("name", files("leaky"))
def test_leaky_is_refused(name: str, seed: int, quick: bool, tmp_path: Path) -> None:
    bars = BARS[seed]
    module, report = checked("leaky", name, tmp_path, bars, seed, quick=quick)
    assert report.verdict == "leak"
    found = report.findings[0]
    assert (report.column, found.check) == (module.COLUMN, module.CHECK), found.message
    assert report.first_bar == found.first_bar
    assert [line.name for line in report.checks if line.result == "leak"]
    if module.COLUMN is None:
        assert report.first_bar is None
        return
    assert 0 <= report.first_bar < len(bars)
    assert report.first_time == bars.open_time[report.first_bar]
    assert report.first_bar == getattr(module, "FIRST", report.first_bar)


@pytest.mark.parametrize(("seed", "quick"), RUNS)
@pytest.mark.parametrize("name", files("clean"))
def test_clean_is_clean(name: str, seed: int, quick: bool, tmp_path: Path) -> None:
    _, report = checked("clean", name, tmp_path, BARS[seed], seed, quick=quick)
    assert report.verdict == "clean", report.findings
    assert (report.first_bar, report.column, report.findings) == (None, None, ())


@pytest.mark.slow
@pytest.mark.parametrize("series", ["XBTUSD", "XRPUSDT"])
def test_clean_is_clean_on_real_bars(series: str, tmp_path: Path) -> None:
    bars = real_walk(4000, series)
    for name in files("clean"):
        if series != "XBTUSD" and name.startswith("four_hours"):
            continue  # its columns are made for hourly bars
        _, report = checked("clean", name, tmp_path, bars, 3, quick=True)
        assert report.verdict == "clean", (name, report.findings)


@pytest.mark.parametrize("name", ["best_bars_by_number", "best_bars_column", "rare_best_bars"])
def test_the_first_bar_of_a_list_is_one_of_the_list(name: str, tmp_path: Path) -> None:
    bars = BARS[1]
    _, report = checked("leaky", name, tmp_path, bars, 1, quick=True)
    best = np.argsort(np.diff(np.log(bars.close)))[-40:]
    assert report.first_bar in best


def test_the_same_seed_gives_the_same_report(tmp_path: Path) -> None:
    first, again = (
        checked("leaky", "noisy_forecast", tmp_path, BARS[1], 1)[1].as_dict() for _ in range(2)
    )
    assert first == again
