"""The options of commands that train, under the headings of their help."""

from __future__ import annotations

from typing import Annotated, Any

import typer

_SEARCH, _FOLDS, _EVIDENCE, _RUN = "Search", "Folds", "Evidence", "Running"


def _option(panel: str, names: str, told: str, **limits: Any) -> Any:
    """An option of those names under a heading of the help; `told` names the default itself."""
    return typer.Option(
        *names.split(), rich_help_panel=panel, show_default=False, help=told, **limits
    )


SearchOption = Annotated[str | None, _option(
    _SEARCH, "--search",
    "grid, random (default), tpe, cmaes, nsga2, or one of your own from optimisers/.",
)]  # fmt: skip
TrialsOption = Annotated[int | None, _option(
    _SEARCH, "-e --trials --epochs",
    "Sets to try in each search: one over all the bars, one in each fold (default: 200)."
    " A grid that holds more is refused.", min=1,
)]  # fmt: skip
ObjectiveOption = Annotated[list[str] | None, _option(
    _SEARCH, "--objective",
    "What to maximise (default: sharpe): any metric, drawdowns signed so that higher is better, or"
    " one of your own from objectives/. Repeat it for several (nsga2, tpe).",
)]  # fmt: skip
ConstraintOption = Annotated[list[str] | None, _option(
    _SEARCH, "--constraint",
    "What a set must fulfil to win: 'max_drawdown>=-0.3'. May be repeated.",
)]  # fmt: skip
FixedOption = Annotated[list[str] | None, _option(
    _SEARCH, "-p --param", "Fix a parameter instead of searching it: name=value.",
)]  # fmt: skip
PatienceOption = Annotated[int | None, _option(
    _SEARCH, "--patience", "End a search after so many sets without a better one.", min=1,
)]  # fmt: skip
FoldsOption = Annotated[int | None, _option(
    _FOLDS, "--folds",
    "Walk-forward folds of equal length (default: 5). Each is searched anew.", min=2,
)]  # fmt: skip
FoldTrainOption = Annotated[int | None, _option(
    _FOLDS, "--train-days",
    "Length of what each fold searches, with --test-days, instead of --folds.", min=1,
)]  # fmt: skip
FoldTestOption = Annotated[int | None, _option(
    _FOLDS, "--test-days", "Length of what judges each fold.", min=1,
)]  # fmt: skip
AnchoredOption = Annotated[bool, _option(
    _FOLDS, "--anchored", "Every fold searches from the first bar on.",
)]  # fmt: skip
EmbargoOption = Annotated[int | None, _option(
    _FOLDS, "--embargo-days",
    "Days left out behind a test before anything searches again.", min=0,
)]  # fmt: skip
HoldOutOption = Annotated[float | None, _option(
    _FOLDS, "--hold-out",
    "Share of the newest bars that is sealed before the first trial (default: 0.25).",
    min=0.05, max=0.6,
)]  # fmt: skip
PermutationsOption = Annotated[int | None, _option(
    _EVIDENCE, "--permutations",
    "Shuffled markets the whole search is repeated on (default: 200; 0 leaves it out).", min=0,
)]  # fmt: skip
ReplicationsOption = Annotated[int | None, _option(
    _EVIDENCE, "--replications", "Bootstrap samples behind each p-value (default: 1000).", min=100,
)]  # fmt: skip
DecideEarlyOption = Annotated[bool, _option(
    _EVIDENCE, "--decide-early",
    "Leave out the permutation and look-ahead tests where the others have said no.",
)]  # fmt: skip
ClusterOption = Annotated[str | None, _option(
    _RUN, "--cluster",
    "Run the trials on a Dask cluster: tcp://host:8786. Its workers read the bar store.",
)]  # fmt: skip
ResumeOption = Annotated[str | None, _option(
    _RUN, "--resume",
    "Go on with a job that was paused, killed or failed; the result is the same.", metavar="JOB",
)]  # fmt: skip
QueueOption = Annotated[bool, _option(
    _RUN, "--queue", "Only queue the jobs; `tradepulse worker` runs them.",
)]  # fmt: skip


def require_cluster(url: str) -> None:
    """Nothing, if a Dask scheduler answers there: asked before a job is made or taken. Errors:
    `bad_cluster_url`, `missing_extra`, `cluster_unavailable`."""
    from tradepulse.cluster.connection import require_scheduler

    require_scheduler(url)
