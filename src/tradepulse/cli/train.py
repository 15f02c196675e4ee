"""`tradepulse train`: search, prove, judge; a configuration with its evidence."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import typer

from tradepulse.cli.app import STOPPED_BY_USER
from tradepulse.cli.asked_training import AskedTraining
from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, say, wall_clock_ms
from tradepulse.cli.spread import spread
from tradepulse.cli.training_options import (
    ClusterOption,
    ConstraintOption,
    DecideEarlyOption,
    HoldOutOption,
    PatienceOption,
    PermutationsOption,
    QueueOption,
    ReplicationsOption,
    ResumeOption,
    require_cluster,
)
from tradepulse.cli.training_run import Foreground, Stopped, Trained, documents, show_trained
from tradepulse.domain.errors import TradePulseError, UsageError

Made = TypeVar("Made")

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.training.spec import TrainSpec


@spread
def command(
    context: typer.Context,
    asked: AskedTraining,
    constraint: ConstraintOption = None,
    patience: PatienceOption = None,
    hold_out: HoldOutOption = None,
    permutations: PermutationsOption = None,
    replications: ReplicationsOption = None,
    decide_early: DecideEarlyOption = False,
    cluster: ClusterOption = None,
    resume: ResumeOption = None,
    queue: QueueOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Find the best parameters of a strategy, and whether they are more than luck.

    The newest quarter of the bars is sealed first, unseen until the step to MATURE. The rest is
    searched as a whole and in walk-forward folds; every set tried is stored and counts against the
    winner. What comes out is a configuration with a verdict for each rule, in stage DISCOVERY or
    VALIDATION. Several pairs are several jobs; the strategy `all` is every one of the home.

    Ctrl-C pauses; --resume goes on, also after a crash, to the same result.

    tradepulse train ema_cross --pairs BTC/USDT -i 1h --search tpe --trials 500
    """
    from tradepulse.bootstrap import open_home

    if resume is not None:
        _refuse_beside_resume(context)
    if cluster is not None and not queue:
        require_cluster(cluster)
    started, app = time.perf_counter(), open_home(home, config)
    foreground = Foreground(app, asked.jobs, cluster)
    found: list[Trained] = []
    try:
        if resume is not None:
            found.append(foreground.resume(resume))
        else:
            wanted = asked.strategies(app)
            many = len(wanted) > 1
            specs_of = partial(
                asked.specs, app, constraints=constraint or None, patience=patience,
                hold_out_share=hold_out, permutations=permutations, replications=replications,
                decide_early=decide_early,
            )  # fmt: skip
            specs = [
                spec
                for each in wanted
                for spec in passing_over(many, each, partial(specs_of, each))
            ]
            if queue:
                return _queue(app, specs, as_json)
            for spec in specs:
                label = f"{spec.strategy} on {spec.exchange} {spec.pair}"
                found += passing_over(many, label, partial(_alone, foreground, spec))
    except Stopped as stop:
        emit(stop.document(found), as_json, lambda: show_trained([c for _, c in found]))
        return STOPPED_BY_USER
    emit(documents(found, started), as_json, lambda: show_trained([c for _, c in found]))
    return 0


def passing_over(many: bool, label: str, work: Callable[[], list[Made]]) -> list[Made]:
    """What `work` makes. Among many strategies one that has nothing to say on a market, or whose
    input column is not kept there, is told of and passed over."""
    try:
        return work()
    except TradePulseError as error:
        if not many or error.code not in ("no_trades", "unknown_column"):
            raise
        say(f"{label}: {error}")
        return []


def _alone(foreground: Foreground, spec: TrainSpec) -> list[Trained]:
    return [foreground.train(spec)]


# What may be said beside --resume: where and how to run. The rest is in the job already.
_BESIDE_RESUME = frozenset({"resume", "cluster", "jobs", "home", "config", "as_json"})


def _refuse_beside_resume(context: typer.Context) -> None:
    """Error `conflicting_options` if anything is given that a job cannot be told any more."""
    given = [
        next((word for word in option.opts if word.startswith("--")), "STRATEGY")
        for option in context.command.params
        if option.name not in _BESIDE_RESUME and _is_given(context, option.name)
    ]
    if given:
        raise UsageError(
            "conflicting_options", "a job that is resumed goes on as it was asked for",
            expected="--resume JOB by itself", found=f"--resume and {', '.join(given)}",
            hint="Start a new run for other choices; identical trials are not counted twice.",
        )  # fmt: skip


def _is_given(context: typer.Context, name: str | None) -> bool:
    source = None if name is None else context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _queue(app: App, specs: list[TrainSpec], as_json: bool) -> int:
    from tradepulse.cli.jobs import as_document, show_jobs
    from tradepulse.storage.training_requests import request_trainings

    with app.database.transaction() as tx:
        made = request_trainings(tx, specs, now_ms=wall_clock_ms())
    document = {"job_ids": [job.id for job in made], "items": [as_document(job) for job in made]}
    emit(document, as_json, lambda: show_jobs(made))
    say("queued; run them with: tradepulse worker")
    return 0
