"""What `train` and `walk-forward` are told, and the training run it adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.options import (
    read_grid,
    read_pairs,
    read_parameters,
    read_timerange,
)  # fmt: skip
from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.training.spec import TrainSpec

_SEARCH, _FOLDS, _EVIDENCE, _RUN = "Search", "Folds", "Evidence", "Running"

SearchOption = Annotated[
    str | None,
    typer.Option(
        "--search", rich_help_panel=_SEARCH, show_default=False,
        help="grid, random (default), tpe, cmaes, nsga2, or one of your own from optimisers/.",
    ),
]  # fmt: skip
TrialsOption = Annotated[
    int | None,
    typer.Option(
        "-e", "--trials", "--epochs", min=1, rich_help_panel=_SEARCH, show_default=False,
        help="Sets to try in each search: one over all the bars, one in each fold (default: 200)."
        " A grid that holds more is refused.",
    ),
]  # fmt: skip
ObjectiveOption = Annotated[
    list[str] | None,
    typer.Option(
        "--objective", rich_help_panel=_SEARCH, show_default=False,
        help="What to maximise (default: sharpe): any metric, drawdowns signed so that higher is "
        "better, or one of your own from objectives/. Repeat it for several (nsga2, tpe).",
    ),
]  # fmt: skip
ConstraintOption = Annotated[
    list[str] | None,
    typer.Option(
        "--constraint", rich_help_panel=_SEARCH, show_default=False,
        help="What a set must fulfil to win: 'max_drawdown>=-0.3'. May be repeated.",
    ),
]  # fmt: skip
FixedOption = Annotated[
    list[str] | None,
    typer.Option(
        "-p", "--param", rich_help_panel=_SEARCH, show_default=False,
        help="Fix a parameter instead of searching it: name=value.",
    ),
]  # fmt: skip
PatienceOption = Annotated[
    int | None,
    typer.Option(
        "--patience", min=1, rich_help_panel=_SEARCH, show_default=False,
        help="End a search after so many sets without a better one.",
    ),
]  # fmt: skip
FoldsOption = Annotated[
    int | None,
    typer.Option(
        "--folds", min=2, rich_help_panel=_FOLDS, show_default=False,
        help="Walk-forward folds of equal length (default: 5). Each is searched anew.",
    ),
]  # fmt: skip
FoldTrainOption = Annotated[
    int | None,
    typer.Option(
        "--train-days", min=1, rich_help_panel=_FOLDS, show_default=False,
        help="Length of what each fold searches, with --test-days, instead of --folds.",
    ),
]  # fmt: skip
FoldTestOption = Annotated[
    int | None,
    typer.Option(
        "--test-days", min=1, rich_help_panel=_FOLDS, show_default=False,
        help="Length of what judges each fold.",
    ),
]  # fmt: skip
AnchoredOption = Annotated[
    bool,
    typer.Option(
        "--anchored", rich_help_panel=_FOLDS, help="Every fold searches from the first bar on."
    ),
]
EmbargoOption = Annotated[
    int | None,
    typer.Option(
        "--embargo-days", min=0, rich_help_panel=_FOLDS, show_default=False,
        help="Days left out behind a test before anything searches again.",
    ),
]  # fmt: skip
HoldOutOption = Annotated[
    float | None,
    typer.Option(
        "--hold-out", min=0.05, max=0.6, rich_help_panel=_FOLDS, show_default=False,
        help="Share of the newest bars that is sealed before the first trial (default: 0.25).",
    ),
]  # fmt: skip
PermutationsOption = Annotated[
    int | None,
    typer.Option(
        "--permutations", min=0, rich_help_panel=_EVIDENCE, show_default=False,
        help="Shuffled markets the whole search is repeated on (default: 200; 0 leaves it out).",
    ),
]  # fmt: skip
ReplicationsOption = Annotated[
    int | None,
    typer.Option(
        "--replications", min=100, rich_help_panel=_EVIDENCE, show_default=False,
        help="Bootstrap samples behind each p-value (default: 1000).",
    ),
]  # fmt: skip
DecideEarlyOption = Annotated[
    bool,
    typer.Option(
        "--decide-early", rich_help_panel=_EVIDENCE,
        help="Leave out the permutation and look-ahead tests where the others have said no.",
    ),
]  # fmt: skip
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster", rich_help_panel=_RUN, show_default=False,
        help="Run the trials on a Dask cluster: tcp://host:8786. Its workers read the bar store.",
    ),
]  # fmt: skip
ResumeOption = Annotated[
    str | None,
    typer.Option(
        "--resume", metavar="JOB", rich_help_panel=_RUN, show_default=False,
        help="Go on with a job that was paused, killed or failed; the result is the same.",
    ),
]  # fmt: skip
QueueOption = Annotated[
    bool,
    typer.Option(
        "--queue", rich_help_panel=_RUN, help="Only queue the jobs; `tradepulse worker` runs them."
    ),
]


def require_cluster(url: str) -> None:
    """Nothing, if a Dask scheduler answers there: asked before a job is made or taken. Errors:
    `bad_cluster_url`, `missing_extra`, `cluster_unavailable`."""
    from tradepulse.cluster.connection import require_scheduler

    require_scheduler(url)


def specs_of(
    app: App,
    strategy: str,
    exchange: str | None,
    pairs: Iterable[str] | None,
    interval: str | None,
    timerange: str | None,
    *,
    rules: dict[str, Any],
    grid: list[str] | None,
    fixed: list[str] | None,
    **options: Any,
) -> list[TrainSpec]:
    """One training run a pair, each looked at: what cannot begin is refused here.

    `options` are fields of `TrainSpec`; None leaves one at its default. Errors: those of
    `bootstrap.training_spec` and `bootstrap.check_training`.
    """
    from tradepulse.bootstrap import check_training, training_spec

    span = read_timerange(timerange)
    wanted: list[str | None] = [*map(str, read_pairs(pairs))] or [None]
    found = []
    for pair in wanted:
        spec = training_spec(
            app, strategy=strategy, exchange=exchange, pair=pair, interval=interval, rules=rules,
            grid=read_grid(grid) or None, fixed=read_parameters(fixed) or None,
            start_ms=span.start, end_ms=span.end, **options,
        )  # fmt: skip
        check_training(app, spec)
        found.append(spec)
    return found


EVERY_STRATEGY = "all"


def wanted_strategies(app: App, name: str | None, option: str | None) -> list[str]:
    """The strategies asked for by name: one, or with `all` every one the home knows.

    Errors: those of `registered`.
    """
    if (name or option or "").lower() == EVERY_STRATEGY:
        return [entry.name for entry in app.registry]
    return [registered(app, name, option)]


def registered(app: App, name: str | None, option: str | None) -> str:
    """The name of a strategy a job can be queued for: whoever runs it must find it by that name.

    Errors: `missing_option`, `strategy_not_found`, `file_not_found`; `strategy_not_kept` for a file
    outside the home.
    """
    from tradepulse.cli.choices import strategy_named

    made = strategy_named(app, name, option)
    wanted = name or option or made.name
    if wanted.endswith(".py"):
        kept = [e for e in app.registry if Path(e.source) == Path(wanted).expanduser().resolve()]
        if not kept:
            raise UsageError(
                "strategy_not_kept", f"{wanted} is not in the home's strategies",
                expected=f"a file in {app.home.strategies}", found=wanted,
                hint="Copy it there: a job may be run, and resumed, by another process.",
            )  # fmt: skip
    return made.name
