"""What `train` and `walk-forward` are both told, and the training runs it adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradepulse.cli.choices import RuleOption, StrategyArgument, rules_document
from tradepulse.cli.options import (
    CashOption,
    ExchangeOption,
    FeeOption,
    GridOption,
    IntervalOption,
    JobsOption,
    PairsOption,
    SeedOption,
    StrategyOption,
    TimerangeOption,
    read_grid,
    read_pairs,
    read_parameters,
    read_timerange,
)
from tradepulse.cli.training_options import (
    AnchoredOption,
    EmbargoOption,
    FixedOption,
    FoldsOption,
    FoldTestOption,
    FoldTrainOption,
    ObjectiveOption,
    SearchOption,
    TrialsOption,
)
from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.training.spec import TrainSpec

EVERY_STRATEGY = "all"


@dataclass(frozen=True)
class AskedTraining:
    """Parameters of a command, in this order; None leaves a field of `TrainSpec` at its default."""

    name: StrategyArgument = None
    strategy: StrategyOption = None
    exchange: ExchangeOption = None
    pairs: PairsOption = None
    interval: IntervalOption = None
    timerange: TimerangeOption = None
    search: SearchOption = None
    trials: TrialsOption = None
    grid: GridOption = None
    fixed: FixedOption = None
    objective: ObjectiveOption = None
    seed: SeedOption = 0
    folds: FoldsOption = None
    train_days: FoldTrainOption = None
    test_days: FoldTestOption = None
    anchored: AnchoredOption = False
    embargo_days: EmbargoOption = None
    fee: FeeOption = None
    cash: CashOption = None
    rules: RuleOption = None
    jobs: JobsOption = None

    def specs(self, app: App, strategy: str, **more: Any) -> list[TrainSpec]:
        """One training run of the strategy a pair, each looked at: what cannot begin is refused.

        `more` are further fields of `TrainSpec`. Errors: those of `bootstrap.training_spec` and
        `bootstrap.check_training`.
        """
        from tradepulse.bootstrap import check_training, training_spec

        span = read_timerange(self.timerange)
        wanted: list[str | None] = [*map(str, read_pairs(self.pairs))] or [None]
        found = []
        for pair in wanted:
            spec = training_spec(
                app, strategy=strategy, exchange=self.exchange, pair=pair, interval=self.interval,
                start_ms=span.start, end_ms=span.end, search=self.search, trials=self.trials,
                grid=read_grid(self.grid) or None, fixed=read_parameters(self.fixed) or None,
                objectives=self.objective or None, seed=self.seed, folds=self.folds,
                fold_train_days=self.train_days, fold_test_days=self.test_days,
                anchored=self.anchored, embargo_days=self.embargo_days,
                rules=rules_document(self.rules, self.fee, self.cash), **more,
            )  # fmt: skip
            check_training(app, spec)
            found.append(spec)
        return found

    def strategies(self, app: App) -> list[str]:
        """The strategies asked for by name: one, or with `all` every one the home knows.

        Errors: those of `one_strategy`.
        """
        if (self.name or self.strategy or "").lower() == EVERY_STRATEGY:
            return [entry.name for entry in app.registry]
        return [self.one_strategy(app)]

    def one_strategy(self, app: App) -> str:
        """The name of the strategy; a job can be queued for it, since whoever runs the job finds it
        by that name.

        Errors: `missing_option`, `strategy_not_found`, `file_not_found`; `strategy_not_kept` for a
        file outside the home.
        """
        from tradepulse.cli.choices import strategy_named

        made = strategy_named(app, self.name, self.strategy)
        wanted = self.name or self.strategy or made.name
        if wanted.endswith(".py"):
            file = Path(wanted).expanduser().resolve()
            if not any(Path(entry.source) == file for entry in app.registry):
                raise UsageError(
                    "strategy_not_kept", f"{wanted} is not in the home's strategies",
                    expected=f"a file in {app.home.strategies}", found=wanted,
                    hint="Copy it there: a job may be run, and resumed, by another process.",
                )  # fmt: skip
        return made.name
