"""`tradepulse walk-forward`: would choosing by the past have paid, fold by fold."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tradepulse.cli.app import STOPPED_BY_USER
from tradepulse.cli.asked_training import AskedTraining
from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import as_text, emit, show_lines
from tradepulse.cli.spread import spread
from tradepulse.cli.training_run import Foreground, Stopped, Trained, documents, show_folds

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.domain.study import Study


@spread
def command(
    asked: AskedTraining,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Choose in each fold by the bars before it, and judge by the bars after: the fold table.

    A training run without the permutation test, so what it tried counts and its hold-out is sealed
    as `train` would. What it stores stays in DISCOVERY: no shuffled market is searched.
    """
    from tradepulse.bootstrap import open_home

    started, app = time.perf_counter(), open_home(home, config)
    specs = asked.specs(app, asked.one_strategy(app), permutations=0)
    foreground = Foreground(app, asked.jobs, None)
    found: list[Trained] = []
    stopped: Stopped | None = None
    try:
        for spec in specs:
            found.append(foreground.train(spec))
    except Stopped as stop:
        stopped = stop
    studies = {c.id: _study(app, c) for _, c in found}

    def judged(c: Configuration) -> dict[str, Any]:
        return _judged(studies[c.id])

    document = documents(found, started, judged) if stopped is None else stopped.document(
        found, judged
    )  # fmt: skip
    emit(document, as_json, lambda: _show([c for _, c in found], studies))
    return 0 if stopped is None else STOPPED_BY_USER


def _study(app: App, configuration: Configuration) -> Study:
    with app.database.reading() as tx:
        return tx.studies.get(configuration.id)


# What the folds add up to, of all the statistics of a study.
_STITCHED = (
    "walk_forward_sharpe_annual", "walk_forward_psr", "walk_forward_efficiency",
    "expected_live_sharpe",
)  # fmt: skip


def _judged(study: Study) -> dict[str, Any]:
    statistics = study.document["statistics"]
    return {
        "folds": study.document["folds"],
        "out_of_sample": {name: statistics.get(name) for name in _STITCHED},
    }


def _show(found: list[Configuration], studies: dict[str, Study]) -> None:
    for c in found:
        show_lines([f"{c.strategy_name} on {c.exchange} {c.pair} {c.interval}, {c.trials:,} sets"])
        show_folds(studies[c.id])
        judged = _judged(studies[c.id])["out_of_sample"]
        show_lines(f"{name.replace('_', ' ')}: {as_text(value)}" for name, value in judged.items())
