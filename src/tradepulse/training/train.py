"""`train`: from a dataset to a configuration whose stage is earned, and the study behind it.

Hold-out cut off and sealed, then searches over the development bars and inside every fold, then
every statistic over everything that was tried, then one decision. Given (data, spec, code) the
result is fixed, so a run that was killed is called again with its job's id: what its ledger holds
is replayed into the optimisers, the rest is run.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tradepulse.domain.configuration import Configuration, Evidence, canonical_json
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.study import Study
from tradepulse.signals.jit import code_version
from tradepulse.signals.program import required_columns
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.evaluation import Span, ThreadExecutor, TrialExecutor
from tradepulse.training.judgement import Findings, facts_of, permutation_p, statistics_of
from tradepulse.training.ledger import TrialLedger
from tradepulse.training.lifecycle.gates import judge_validation, stage_after_training
from tradepulse.training.lookahead import LookaheadReport, check_lookahead
from tradepulse.training.objectives import Constraint, make_objective
from tradepulse.training.optimisers import (
    Optimiser,
    RemoteOptimiser,
    SearchSpace,
    make_optimiser,
)  # fmt: skip
from tradepulse.training.permuting import Permuted, drawn_sets, permutation_test, seed_of
from tradepulse.training.plateau import neighbours
from tradepulse.training.pool import Pool, PoolResult
from tradepulse.training.segments import Segment, Trialist, Tried
from tradepulse.training.significance.block_length import superiority_block
from tradepulse.training.significance.market_beta import beta, less_market
from tradepulse.training.spec import TrainSpec
from tradepulse.training.splitting import Split, plan_split
from tradepulse.training.stress import stress
from tradepulse.training.study import study_document
from tradepulse.training.walk import annual_sharpe, choose, judge_fold, peak
from tradepulse.training.windows import (
    Dataset,
    Times,
    days_of,
    graph_of,
    market_returns,
    run_window,
)

# Adaptive searches side by side: their optimisers are processes of their own.
_SIDE_BY_SIDE = 2
_PLATEAU_INDEX, _DRAWN_INDEX, _POOL_INDEX = 10_000, 10_001, 20_000

OpenExecutor = Callable[[type[Strategy], Dataset, Span], TrialExecutor]


@dataclass(frozen=True, eq=False)
class TrainResult:
    """The configuration with its evidence, and the study behind it."""

    configuration: Configuration
    study: Study

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.configuration.evidence

    def report(self, path: str | Path) -> Path:
        """The file written: everything known of the configuration as one HTML page."""
        from tradepulse.training.report import training_page

        return training_page(self.configuration, self.study).save(path)


@dataclass(frozen=True)
class PlugIns:
    """Folders of the user's own optimisers and objectives; None: the shipped ones only."""

    optimisers: Path | None = None
    objectives: Path | None = None


def train(
    spec: TrainSpec,
    strategy: type[Strategy],
    data: Dataset,
    ledger: TrialLedger,
    *,
    job_id: str,
    now_ms: int,
    open_executor: OpenExecutor | None = None,
    plug_ins: PlugIns = PlugIns(),
) -> TrainResult:
    """The best configuration by its plateau, judged; deterministic, and resumed by `job_id`.

    `data` may reach past the spec's range; nothing of the hold-out is read but its hash. Errors:
    `empty`, `constant_series`, `too_little_data`, `no_trials`, `no_trades`, `empty_space`,
    `space_too_large`, `resume_differs`, `optimiser_not_found`, `objective_not_found`,
    `bad_constraint`, those of the bars' checks; `ledger.Interrupted` where the ledger raises it.
    """
    space = SearchSpace(strategy, spec.fixed, spec.grid)
    check_names(spec, space, plug_ins)
    split = plan_split(spec, strategy, data, ledger, now_ms)
    # From here on the hold-out is not even in memory.
    seen = data.between(*split.development)
    executor = (open_executor or _threads)(strategy, seen, split.development)
    # Other jobs of the family may have traded days that this one must not: their dates, no more.
    known_days = days_of(data.bars)
    run = _Run(
        spec, strategy, seen, split, space, ledger, executor, job_id, plug_ins, known_days
    )  # fmt: skip
    return run.result(now_ms)


def check_names(spec: TrainSpec, space: SearchSpace, plug_ins: PlugIns) -> None:
    """Nothing, if every name can be made: before anything is sealed or run."""
    for name in spec.objectives:
        make_objective(name, plug_ins.objectives)
    for text in spec.constraints:
        Constraint.parse(text)
    make_optimiser(
        spec.search, space, seed=spec.seed, trials=spec.trials,
        objectives=len(spec.objectives), folder=plug_ins.optimisers,
    )  # fmt: skip


def _threads(strategy: type[Strategy], data: Dataset, _span: Span) -> TrialExecutor:
    return ThreadExecutor(strategy, data)


class _Run:
    """One training run: its parts share the spec, the bars and the ledger."""

    def __init__(
        self, spec: TrainSpec, strategy: type[Strategy], data: Dataset, split: Split,
        space: SearchSpace, ledger: TrialLedger, executor: TrialExecutor, job_id: str,
        plug_ins: PlugIns, known_days: Times,
    ) -> None:  # fmt: skip
        self.spec, self.strategy, self.data, self.split = spec, strategy, data, split
        self.space, self.ledger, self.job_id, self.plug_ins = space, ledger, job_id, plug_ins
        self.executor, self.known_days = executor, known_days
        objectives = [make_objective(name, plug_ins.objectives) for name in spec.objectives]
        constraints = [Constraint.parse(text) for text in spec.constraints]
        total = (len(split.folds) + 1) * self._budget_told()
        self.trialist = Trialist(
            spec, strategy, data, executor, ledger, job_id, objectives, constraints, total
        )
        self.development = Segment("development", 0, split.development)
        self.fold_segments = [
            Segment(f"fold-{f.number}", f.number, (f.train.start_ms, f.train.end_ms))
            for f in split.folds
        ]

    def result(self, now_ms: int) -> TrainResult:
        tried = self._search([self.development, *self.fold_segments])
        if not tried[0]:
            raise RefusedError(
                "no_trials", f"the search {self.spec.search!r} asked for no set at all",
                expected="one parameter set or more", found="none",
            )  # fmt: skip
        best = choose(tried[0], on_grid=self.spec.search == "grid")
        if best is None:
            raise RefusedError(
                "no_trades", f"none of the {len(tried[0])} parameter sets can be judged",
                expected="a set that trades, has a score and keeps the constraints", found="none",
                hint="More bars, wider parameters, looser constraints, another objective.",
            )  # fmt: skip
        findings = self._findings(best, tried)
        statistics = statistics_of(findings)
        if not (self.spec.decide_early and self._refused_already(findings, statistics)):
            permuted = self._permute(tried[0])
            self.trialist.advance("look-ahead")
            findings = replace(findings, permuted=permuted, look_ahead=self._look_ahead(findings))
            statistics["permutation_p"] = permutation_p(permuted)
        evidence = judge_validation(facts_of(findings, statistics))
        return self._stored(findings, statistics, evidence, tried[0], now_ms)

    def _refused_already(self, findings: Findings, statistics: dict[str, Any]) -> bool:
        """Whether the two dearest tests, which come last, could no longer change the decision."""
        facts = replace(facts_of(findings, statistics), look_ahead_clean=True, permutation=0.0)
        return stage_after_training(judge_validation(facts)) is Stage.DISCOVERY

    def _permute(self, tried: Sequence[Tried]) -> Permuted | None:
        if not self.spec.permutations:
            return None
        return permutation_test(
            self.spec, self.space, tried, self.executor, self.split.development,
            lambda message: self.trialist.advance("permutation", message),
        )  # fmt: skip

    def _findings(self, best: Tried, tried: Sequence[Sequence[Tried]]) -> Findings:
        span = self.split.development
        window = self.data.window(*span)
        market = market_returns(window)
        chosen = dict(best.parameters)
        returns = self.trialist.series(best.number)
        highest = self.trialist.series((peak(tried[0]) or best).number)
        slope = beta(returns, market)
        excess = returns - slope * market
        self.trialist.advance("neighbours")
        around = self._neighbours(chosen)
        self.trialist.advance("walk-forward")
        folds = tuple(
            judge_fold(self.trialist, fold, found)
            for fold, found in zip(self.split.folds, tried[1:], strict=True)
        )
        block = superiority_block(excess)
        pool = self._pool(tried, market, block, excess)
        self.trialist.advance("stress")
        stressed = stress(self.strategy, chosen, self.data, span)
        return Findings(
            chosen=chosen,
            result=run_window(graph_of(self.strategy, chosen, self.data.rules), window),
            days=window.days, returns=returns, market=market, beta=slope, excess=excess,
            peak_excess=less_market(highest, market),
            pool=pool, block=block, folds=folds, stressed=stressed,
            plateau=_plateau(annual_sharpe(returns), [value for _, value in around]),
            neighbours=tuple(around), permuted=None, look_ahead=None,
            chosen_among=len(tried[0]),
            permutable=not required_columns(graph_of(self.strategy, chosen, self.data.rules)),
            seed=self.spec.seed,
            replications=self.spec.replications,
        )  # fmt: skip

    def _search(self, segments: Sequence[Segment]) -> list[list[Tried]]:
        """What every segment tried. Adaptive searches run two at a time."""
        if not self.spec.is_adaptive:
            return [self._search_one(segment) for segment in segments]
        with ThreadPoolExecutor(_SIDE_BY_SIDE, "search") as pool:
            return list(pool.map(self._search_one, segments))

    def _search_one(self, segment: Segment) -> list[Tried]:
        with ExitStack() as stack:
            optimiser = self._optimiser(segment, stack)
            return self.trialist.search(segment, optimiser, self._budget())

    def _optimiser(self, segment: Segment, stack: ExitStack) -> Optimiser:
        spec = self.spec
        seed = seed_of(spec.seed, segment.name) if spec.is_adaptive else spec.seed

        make = partial(
            make_optimiser, spec.search, self.space, seed=seed,
            trials=spec.trials,
            objectives=len(spec.objectives), folder=self.plug_ins.optimisers,
        )  # fmt: skip
        if not spec.is_adaptive:
            return make()
        return stack.enter_context(RemoteOptimiser(make))

    def _budget(self) -> int | None:
        # A grid is tried whole: leaving out its end would be a choice nobody made.
        return None if self.spec.search == "grid" else self.spec.budget

    def _budget_told(self) -> int:
        if self.spec.search == "grid":
            return int(self.space.grid_size)
        return int(min(self.spec.budget, self.space.size))

    def _neighbours(self, chosen: Mapping[str, Any]) -> list[tuple[dict[str, Any], float | None]]:
        """The sets around the chosen one with their annual Sharpe ratios; they count as tried."""
        grid = self.spec.grid if self.spec.search == "grid" else None
        sets = [
            values for values in neighbours(self.strategy, chosen, grid)
            if all(values[name] == chosen[name] for name in self.spec.fixed or ())
        ]  # fmt: skip
        if not sets:
            return []
        segment = Segment("plateau", _PLATEAU_INDEX, self.split.development)
        found = self.trialist.run(segment, sets)
        return [
            (values, annual_sharpe(self.trialist.series(item.number)))
            for values, item in zip(sets, found, strict=True)
        ]

    def _pool(
        self, tried: Sequence[Sequence[Tried]], market: Any, block: float, excess: Any
    ) -> PoolResult:
        """The statistics over every set that was ever tried on this family."""
        window = self.data.window(*self.split.development)
        pool = Pool(
            window.days, self.known_days, market, block=block, replications=self.spec.replications,
            seed=self.spec.seed,
        )  # fmt: skip
        adaptive = self.spec.is_adaptive
        segments = [self.development, *self._pooled(tried)]
        segments.append(Segment("plateau", _PLATEAU_INDEX, self.split.development))
        # Those without feedback first: a set counts where it is met first.
        for segment in (*self._drawn(), *segments):
            self.trialist.advance("statistics")
            for batch in self.trialist.batches(segment):
                pool.add(batch, adaptive=adaptive and segment.name != "drawn")
        for others in self.ledger.family_returns(self.spec.family, self.job_id):
            pool.add(others)
        return pool.result(excess)

    def _pooled(self, tried: Sequence[Sequence[Tried]]) -> list[Segment]:
        """Segments of what the folds tried and the development search did not, run over the whole
        development window: what was tried on a part was tried on these bars too."""
        known = {canonical_json(dict(t.parameters)) for t in tried[0]}
        found = []
        for fold, sets in zip(self.split.folds, tried[1:], strict=True):
            fresh = {canonical_json(dict(t.parameters)): t.parameters for t in sets}
            new = [values for key, values in fresh.items() if key not in known]
            known |= fresh.keys()
            if new:
                segment = Segment(
                    f"pool-{fold.number}", _POOL_INDEX + fold.number, self.split.development
                )
                self.trialist.run_all(segment, new)
                found.append(segment)
        return found

    def _drawn(self) -> list[Segment]:
        """For an adaptive search as many sets drawn without feedback, tried as well: what luck can
        do is measured on them, because a search crowds around the luckiest set it met."""
        if not self.spec.is_adaptive:
            return []
        segment = Segment("drawn", _DRAWN_INDEX, self.split.development)
        self.trialist.run_all(segment, drawn_sets(self.spec, self.space))
        return [segment]

    def _look_ahead(self, findings: Findings) -> LookaheadReport:
        return check_lookahead(
            self.strategy(dict(findings.chosen)), self.data.bars, seed=self.spec.seed, quick=True
        )

    def _stored(
        self, findings: Findings, statistics: dict[str, Any], evidence: tuple[Evidence, ...],
        tried: Sequence[Tried], now_ms: int,
    ) -> TrainResult:  # fmt: skip
        spec, bars = self.spec, self.data.bars
        graph = graph_of(self.strategy, findings.chosen, spec.rules)
        count = findings.pool.count
        configuration = Configuration(
            id=str(uuid.uuid4()), strategy_name=spec.strategy, parameters=findings.chosen,
            exchange=spec.exchange, pair=spec.pair, interval=spec.interval,
            rules=spec.rules.as_json(), graph=graph.to_json(),
            lifecycle_stage=stage_after_training(evidence),
            metrics=findings.result.metrics, evidence=evidence, trials=count,
            data_fingerprint=self.data.fingerprint,
            data_range=(int(bars.open_time[0]), int(bars.open_time[-1])),
            configuration_hash=self.trialist.hash_of(findings.chosen),
            code_version=code_version(), created_at=now_ms,
        )  # fmt: skip
        document = study_document(spec, self.job_id, self.split, findings, statistics, tried)
        return TrainResult(configuration, Study(configuration.id, self.job_id, document))


def _plateau(chosen: float | None, around: Sequence[float | None]) -> float | None:
    """The neighbours' median Sharpe ratio over the chosen one's; None where that is not positive.

    A neighbour that never traded counts as zero.
    """
    if chosen is None or chosen <= 0.0 or not around:
        return None
    return float(np.median([value or 0.0 for value in around])) / chosen
