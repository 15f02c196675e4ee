"""What travels to a worker, how it is cut, and what a worker makes of it, without a cluster."""

from __future__ import annotations

import pickle
import textwrap
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from conformance.trial_executor import (
    BARS,
    EMA_SETS,
    LEAKY_SETS,
    PERPETUAL,
    SPOT,
    USERS_FILE,
    WINDOW,
    check_same,
)  # fmt: skip
from tradepulse.cluster.dask_executor import cuts
from tradepulse.cluster.opening import open_reference, open_strategy
from tradepulse.cluster.reference import StoredSeries, refer_to
from tradepulse.cluster.tasks import Part, evaluate_part, executor_of, permuted_part
from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.strategies.api import Signals, Strategy
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.registry import Registry
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.windows import Dataset


def test_bars_do_not_travel(series: StoredSeries) -> None:
    part = Part(refer_to(EmaCross, SPOT, series), tuple(EMA_SETS), WINDOW)
    assert len(part.packed()) < 3_000 < BARS.close.nbytes


@pytest.mark.parametrize("data", [SPOT, PERPETUAL], ids=["spot", "perpetual"])
def test_a_reference_opens_what_it_was_made_of(series: StoredSeries, data: Dataset) -> None:
    reference = refer_to(EmaCross, data, series)
    again: object = pickle.loads(pickle.dumps(reference))
    assert again == reference
    found = open_reference(reference, "here").evaluate(EMA_SETS, WINDOW)
    check_same(found, ThreadExecutor(EmaCross, data).evaluate(EMA_SETS, WINDOW))


def test_a_part_is_a_function_of_what_is_sent(series: StoredSeries, tmp_path: Path) -> None:
    # A text of its own: files of one text are one module, and this one's file goes away.
    (tmp_path / "leaky_trend.py").write_text(f"# away\n{USERS_FILE}")
    reference = refer_to(Registry(tmp_path).get("leaky_trend"), SPOT, series)
    (tmp_path / "leaky_trend.py").unlink()
    part = Part(reference, tuple(LEAKY_SETS), WINDOW)
    check_same(evaluate_part(part.packed()), evaluate_part(part.packed()))
    seeds = replace(part, seeds=(4, 1), metric="sharpe")
    swapped = replace(part, seeds=(1, 4), metric="sharpe")
    assert permuted_part(seeds.packed()) == permuted_part(swapped.packed())[::-1]
    assert executor_of(reference) is executor_of(pickle.loads(pickle.dumps(reference)))


def test_a_strategy_of_the_same_name_and_another_graph_is_refused(
    series: StoredSeries, tmp_path: Path
) -> None:
    (tmp_path / "leaky_trend.py").write_text(USERS_FILE)
    reference = refer_to(Registry(tmp_path).get("leaky_trend"), SPOT, series).strategy
    edited = replace(reference, source=USERS_FILE.replace("keep * state", "0.5 * keep * state"))
    with pytest.raises(TradePulseError) as error:
        open_strategy(edited, "worker 7")
    assert error.value.code == "cluster_code_differs"
    assert "worker 7" in error.value.message


def test_extra_columns_stay_at_home(series: StoredSeries) -> None:
    scored = replace(BARS, columns={"score": np.ones(len(BARS))})
    with pytest.raises(TradePulseError) as error:
        refer_to(EmaCross, Dataset(scored, SPOT.rules), series)
    assert (error.value.code, error.value.found) == ("unknown_column", "score")


def test_a_strategy_without_a_file_stays_at_home(series: StoredSeries) -> None:
    module = ModuleType("a_notebook")
    text = """
        class Typed(Strategy):
            def signals(self, bar):
                return Signals(enter_long=bar.close > bar.open)
    """
    exec(textwrap.dedent(text), {"Strategy": Strategy, "Signals": Signals,
                                 "__name__": module.__name__}, vars(module))  # fmt: skip
    with pytest.raises(TradePulseError) as error:
        refer_to(module.Typed, SPOT, series)
    assert error.value.code == "cluster_strategy"


@pytest.mark.parametrize(
    ("count", "parts", "lengths"),
    [(0, 4, []), (3, 4, [1, 1, 1]), (8, 4, [2, 2, 2, 2]), (10, 4, [2, 3, 2, 3]), (5, 1, [5])],
)
def test_cuts_are_even_and_cover_all(count: int, parts: int, lengths: list[int]) -> None:
    found = cuts(count, parts)
    assert [cut.stop - cut.start for cut in found] == lengths
    assert [row for cut in found for row in range(count)[cut]] == list(range(count))


def test_errors_cross_processes_whole() -> None:
    error = DataError("code", "message", expected="this", found="that", hint="do")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is DataError
    assert again.as_dict() == error.as_dict()
    assert str(again) == str(error)
