"""A strategy file of the corpus as a user would have it: in a folder, with its bars beside it."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl

from tradepulse.domain.bars import OHLCV, BarSeries
from tradepulse.strategies.registry import strategies_of
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.lookahead import LookaheadReport, check_lookahead

CORPUS = Path(__file__).parent / "corpus"
_numbers = itertools.count()


def files(kind: str) -> list[str]:
    """The names of the corpus files of a kind, `leaky` or `clean`."""
    return sorted(path.stem for path in (CORPUS / kind).glob("*.py"))


def loaded(kind: str, name: str, folder: Path, bars: BarSeries) -> ModuleType:
    """The file's module, imported anew with `bars.parquet` beside it."""
    path = folder / f"{name}.py"
    shutil.copy(CORPUS / kind / path.name, path)
    columns = {field: getattr(bars, field) for field in ("open_time", *OHLCV)}
    pl.DataFrame(columns).write_parquet(folder / "bars.parquet")
    spec = importlib.util.spec_from_file_location(f"corpus_{next(_numbers)}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def strategy_of(module: ModuleType) -> type[Strategy]:
    return strategies_of(module)[0]


def with_given(module: ModuleType, bars: BarSeries, seed: int) -> BarSeries:
    """The bars with the columns that the file's `given(bars, rng)` makes, as plain data."""
    if not hasattr(module, "given"):
        return bars
    columns = module.given(bars, np.random.default_rng(1000 + seed))
    times = bars.open_time, bars.open, bars.high, bars.low, bars.close, bars.volume
    return BarSeries(*times, bars.interval_ms, columns)


def checked(
    kind: str, name: str, folder: Path, bars: BarSeries, seed: int, *, quick: bool = False
) -> tuple[ModuleType, LookaheadReport]:
    """The module and what the check says of its strategy."""
    module = loaded(kind, name, folder, bars)
    given = with_given(module, bars, seed)
    return module, check_lookahead(strategy_of(module), given, seed=seed, quick=quick)
