"""A training run: the same every time, resumed to the same result, blind to its hold-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from training_runs import GRID, PERPETUAL, market, outcome, run, spec_of

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Trial
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.study import Family
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.ledger import Interrupted, MemoryLedger, TrainProgress
from tradepulse.training.search import SearchRequest, grid_search
from tradepulse.training.spec import TrainSpec
from tradepulse.training.synthetic import no_funding_paid
from tradepulse.training.train import train
from tradepulse.training.windows import Dataset


class StoppingLedger(MemoryLedger):
    """Stops the run at the n-th word it hears, as a kill or a pause would."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.left = words

    def advance(self, told: TrainProgress) -> None:
        super().advance(told)
        self.left -= 1
        if self.left == 0:
            raise Interrupted("paused")


class ForgetfulLedger(StoppingLedger):
    """Is stopped before its last batch is kept: the transaction never was."""

    def record(self, trials: Sequence[Trial], told: TrainProgress) -> None:
        self.advance(told)
        self.trials.update({(trial.job_id, trial.number): trial for trial in trials})


def test_P3_the_same_run_twice_and_on_other_threads_is_the_same() -> None:
    bars = market()
    first, again = (outcome(run(bars, MemoryLedger(), search=s)) for s in ("random", "random"))
    assert first == again
    spec = spec_of(search="random")
    data = Dataset(bars, spec.rules, no_funding_paid(bars))
    one = train(
        spec, EmaCross, data, MemoryLedger(), job_id="x", now_ms=1,
        open_executor=lambda strategy, seen, _: ThreadExecutor(strategy, seen, 1),
    )  # fmt: skip
    assert outcome(one) == first


@pytest.mark.parametrize("search", ["grid", pytest.param("tpe", marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", [StoppingLedger, ForgetfulLedger])
def test_an_interrupted_run_resumes_to_the_same_result(search: str, kind: type) -> None:
    bars = market()
    options: dict[str, Any] = {"search": search, "permutations": 20}
    if search == "tpe":
        options |= {"grid": None, "trials": 45, "folds": 2}
    whole = outcome(run(bars, MemoryLedger(), **options))
    ledger, stops = kind(2), 0
    while True:
        try:
            result = run(bars, ledger, **options)
            break
        except Interrupted:
            stops += 1
            ledger.left = 2 + 3 * stops
    assert stops >= 2
    assert outcome(result) == whole


def test_nothing_of_the_hold_out_is_read() -> None:
    """Other bars in the sealed quarter change nothing of the result, only the seal's hash."""
    bars = market()
    cut = int(len(bars) * 0.76)
    factor = np.where(np.arange(len(bars)) >= cut, 3.0, 1.0)
    other = replace(
        bars, **{name: getattr(bars, name) * factor for name in ("open", "high", "low", "close")}
    )
    first, second = run(bars, MemoryLedger()), run(other, MemoryLedger())
    assert outcome(first) == outcome(second)
    seals = [r.study.document["split"]["hold_out"]["fingerprint"] for r in (first, second)]
    assert seals[0] != seals[1]


def test_folds_lie_in_order_and_never_see_their_test() -> None:
    document = run(market(), MemoryLedger()).study.document
    development = document["split"]["development"]
    assert development[1] <= document["split"]["hold_out"]["start_ms"]
    before = 0
    for fold in document["folds"]:
        assert development[0] <= fold["train"][0] < fold["train"][1] <= fold["test"][0]
        assert fold["test"][1] <= development[1]
        assert fold["test"][0] >= before
        before = fold["test"][1]
    days = document["out_of_sample"]["days"]
    assert days == sorted(set(days))


def test_every_set_is_in_the_ledger_and_counts_once() -> None:
    ledger = MemoryLedger()
    first = run(market(), ledger)
    tried = {t.configuration_hash for t in ledger.trials.values()}
    assert len(tried) >= len(GRID["fast"]) * len(GRID["slow"])
    assert first.configuration.trials == len(tried)
    # The same search in another session tries nothing new; a wider one counts both.
    assert run(market(), ledger, "again").configuration.trials == len(tried)
    wider = run(market(), ledger, "wider", grid={**GRID, "slow": (40, 60, 100, 150)})
    assert wider.configuration.trials > len(tried)


def test_sweeps_of_the_family_count_as_tried() -> None:
    """Whoever sweeps first and trains afterwards with what looked best has tried the sweep too."""
    bars, ledger = market(), MemoryLedger()
    alone = run(bars, MemoryLedger()).study.document["trials"]
    request = SearchRequest(
        EmaCross, "synthetic", "EDGE/USDT:USDT", "4h", {"fast": (4, 9), "slow": (30, 200, 260)},
        PERPETUAL,
    )  # fmt: skip
    told = TrainProgress("sweep", 0, 0)
    grid_search(
        request, bars, lambda trials: ledger.record(trials, told), 1,
        funding=no_funding_paid(bars),
    )  # fmt: skip
    after = run(bars, ledger).study.document["trials"]
    assert after["distinct"] == alone["distinct"] + 6
    assert alone["effective"] < after["effective"] < alone["effective"] + 6


def test_a_planted_edge_is_validated_and_noise_is_not() -> None:
    edge = run(market(4.0, edge=4.0), MemoryLedger(), permutations=40)
    assert edge.configuration.lifecycle_stage is Stage.VALIDATION
    assert all(e.passed for e in edge.evidence if e.required)
    noise = run(market(4.0), MemoryLedger())
    assert noise.configuration.lifecycle_stage is Stage.DISCOVERY
    assert any(not e.passed for e in noise.evidence if e.required)


def test_deciding_early_changes_no_decision() -> None:
    for edge in (0.0, 4.0):
        bars = market(4.0, edge=edge)
        whole, early = (
            run(bars, MemoryLedger(), decide_early=early, permutations=40)
            for early in (False, True)
        )
        assert early.configuration.lifecycle_stage is whole.configuration.lifecycle_stage
        ran = early.study.document["permutation"] is not None
        assert ran == (edge > 0.0)


def test_an_unopened_hold_out_moves_forward_and_never_back() -> None:
    bars, ledger = market(2.0), MemoryLedger()
    short = bars.slice(0, int(len(bars) * 0.75))
    first = run(short, ledger).study.document["split"]
    second = run(bars, ledger, "more bars").study.document["split"]
    assert second["hold_out"]["start_ms"] > first["hold_out"]["start_ms"]
    # Fewer bars again: what is sealed by now stays sealed, and is not searched.
    third = run(bars, ledger, "a larger share", hold_out_share=0.5).study.document["split"]
    assert third["hold_out"] == second["hold_out"]
    assert third["development"][1] <= second["hold_out"]["start_ms"]


def test_a_refused_run_seals_nothing() -> None:
    bars, ledger = market(1.5), MemoryLedger()
    for options in ({"folds": 200}, {"search": "astrology"}, {"constraints": ("x",)}):
        with pytest.raises(TradePulseError):
            run(bars, ledger, **options)
    assert not ledger._sealed


def test_an_opened_hold_out_gives_way_to_newer_bars() -> None:
    bars, ledger = market(2.0), MemoryLedger()
    first = run(bars.slice(0, int(len(bars) * 0.75)), ledger).study.document["split"]["hold_out"]
    family = Family("ema_cross", "synthetic", "EDGE/USDT:USDT")
    ledger._sealed[family] = replace(ledger._sealed[family], opened_at=5)
    second = run(bars, ledger, "later").study.document["split"]["hold_out"]
    assert second["start_ms"] == first["end_ms"]
    assert second["opened_at"] is None


def _refused(bars: BarSeries, **options: Any) -> TradePulseError:
    with pytest.raises(TradePulseError) as error:
        run(bars, MemoryLedger(), **options)
    return error.value


def _flat(bars: BarSeries) -> BarSeries:
    level = np.full(len(bars), 100.0)
    return replace(bars, open=level, high=level, low=level, close=level)


@pytest.mark.parametrize(
    ("cut", "options", "code"),
    [
        (60, {}, "too_little_data"),
        (None, {"folds": 200}, "too_little_data"),
        (None, {"start_ms": 10**13}, "empty"),
        (None, {"grid": {"fast": (5000,), "slow": (9000,)}}, "no_trades"),
        (None, {"grid": {"fast": (), "slow": (30,)}}, "empty_space"),
        (None, {"trials": 8}, "space_too_large"),
        (None, {"grid": {"quick": (5,)}}, "unknown_parameter"),
        (None, {"search": "astrology"}, "optimiser_not_found"),
        (None, {"objectives": ("luck",)}, "objective_not_found"),
        (None, {"constraints": ("sharpe is nice",)}, "bad_constraint"),
    ],
)
def test_bad_input_is_refused_with_reasons(
    cut: int | None, options: dict[str, Any], code: str
) -> None:
    error = _refused(market().slice(0, cut or 10**9), **options)
    assert error.code == code, error
    assert error.expected
    assert error.found


def test_trials_of_other_rules_are_not_resumed() -> None:
    ledger = MemoryLedger()
    run(market(), ledger)
    with pytest.raises(TradePulseError) as error:
        run(market(), ledger, rules=PERPETUAL.changed(taker_fee_bps=50))
    assert error.value.code == "resume_differs"


def test_one_set_alone_can_be_judged() -> None:
    result = run(market(4.0, edge=4.0), MemoryLedger(), grid={"fast": (8,), "slow": (30,)},
                 permutations=40)  # fmt: skip
    assert result.configuration.lifecycle_stage is Stage.VALIDATION


@pytest.mark.slow
def test_an_adaptive_search_cannot_lower_the_number_of_trials() -> None:
    """Sets that crowd around the luckiest one do not make it less lucky."""
    options = {"grid": None, "trials": 60, "folds": 2}
    drawn = run(market(), MemoryLedger(), search="random", **options).study.document["trials"]
    led = run(market(), MemoryLedger(), search="tpe", **options).study.document["trials"]
    assert led["effective"] >= 0.9 * drawn["effective"]
    assert led["distinct"] > drawn["distinct"]


def test_a_column_nobody_reads_does_not_stop_the_shuffling() -> None:
    bars = market()
    extra = replace(bars, columns={"trades": np.arange(len(bars), dtype=np.float64)})
    rules = {e.rule: e for e in run(extra, MemoryLedger()).evidence}
    assert rules["permutation"].value is not None


@pytest.mark.parametrize("objective", ["ulcer_index", "sortino"])
def test_both_arms_of_the_permutation_test_look_for_the_same(objective: str) -> None:
    found = run(market(), MemoryLedger(), objectives=(objective,)).study.document["permutation"]
    assert min(found["best"]) <= found["observed"] * 3 + 1


def test_a_constant_series_is_refused() -> None:
    assert _refused(_flat(market())).code == "constant_series"


def test_stored_trials_of_another_run_are_refused() -> None:
    ledger = MemoryLedger()
    run(market(), ledger)
    with pytest.raises(TradePulseError) as error:
        run(market(seed=4), ledger)
    assert error.value.code == "resume_differs"


@pytest.mark.parametrize(
    ("name", "value"),
    [("trials", 0), ("folds", 1), ("hold_out_share", 0.9), ("seed", -1), ("objectives", ()),
     ("fold_test_days", 5), ("permutations", -1), ("permutations", 19), ("interval", "1w"),
     ("objectives", 5), ("grid", 3), ("start_ms", "2020-02-01"), ("trials", 2_000_000)],
)  # fmt: skip
def test_a_bad_spec_is_refused(name: str, value: Any) -> None:
    with pytest.raises(TradePulseError) as error:
        spec_of(**{name: value})
    assert error.value.code == "bad_train_spec"


def test_a_spec_goes_to_json_and_back() -> None:
    spec = spec_of(rules=Rules(taker_fee_bps=3), constraints=("max_drawdown>=-0.5",), seed=7)
    assert TrainSpec.from_json(spec.as_json()) == spec
    with pytest.raises(TradePulseError):
        TrainSpec.from_json({**spec.as_json(), "sead": 1})
