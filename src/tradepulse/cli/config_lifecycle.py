"""`tradepulse configs promote` and `configs judge`: the steps up and down, with their reasons."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.evidence_table import show_evidence
from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, print_json, show_error, show_lines, show_table
from tradepulse.cli.output import wall_clock_ms as now_ms
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.lifecycle import Stage

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.storage.judging import Judgement
    from tradepulse.storage.promoting import Decision

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")]
MaybeIdArgument = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="An id, or how it begins.", show_default=False)
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", help="VALIDATION or MATURE (default: the next).", show_default=False),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be decided; change nothing.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Every one that ran on a live feed.")]

# Who asked, in the event of the step.
BY = "command line"


def promote(
    configuration: IdArgument,
    to: ToOption = None,
    dry_run: DryRunOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Take a configuration one stage up, if its evidence says so; else say which rules say no.

    The step to MATURE opens the hold-out of its strategy and market, once and for good, after
    everything else has passed. Exit code 3 when refused.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.promoting import promote as decide

    app = open_home(home, config)
    name = _resolved(app, configuration)
    ready_kernels()
    decision = decide(
        app.database, app.bars, name, read_stage(to), by=BY, now_ms=now_ms(), dry_run=dry_run
    )
    if decision.earned:
        emit(decision_document(decision), as_json, lambda: _show_decision(decision))
        return 0
    refusal = decision.refusal()
    if as_json:
        print_json({"error": refusal.as_dict(), **decision_document(decision)})
    else:
        # The table says it rule by rule.
        _show_decision(decision)
        show_error(RefusedError(refusal.code, refusal.message), False)
    return RefusedError.exit_code


def judge(
    configuration: MaybeIdArgument = None,
    everything: AllOption = False,
    dry_run: DryRunOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Judge what configurations did on live feeds, and take the stage away from those that fail.

    Exit code 3 when one was demoted or could not be judged.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.judging import judge as judge_one
    from tradepulse.storage.judging import judge_all

    if (configuration is None) != everything:
        raise UsageError("conflicting_options", "one configuration is judged, or all",
                         expected="an ID or --all",
                         found="both" if everything else "neither")  # fmt: skip
    app = open_home(home, config)
    name = None if configuration is None else _resolved(app, configuration)
    ready_kernels()
    found: tuple[Judgement, ...]
    if name is None:
        found = judge_all(app.database, app.bars, now_ms=now_ms(), by=BY, dry_run=dry_run)
    else:
        found = (judge_one(app.database, app.bars, name, now_ms=now_ms(), by=BY, dry_run=dry_run),)
    document = {"items": [judgement_document(item) for item in found]}
    emit(document, as_json, lambda: _show_judgements(found))
    failed = any(item.demoted or item.error is not None for item in found)
    return RefusedError.exit_code if failed else 0


def decision_document(decision: Decision) -> dict[str, Any]:
    """The decision as a JSON object."""
    return {
        "configuration_id": decision.configuration.id,
        "from": decision.stage_from,
        "to": decision.stage_to,
        "earned": decision.earned,
        "promoted": decision.promoted,
        "evidence": [asdict(item) for item in decision.evidence],
    }


def judgement_document(item: Judgement) -> dict[str, Any]:
    """The judgement as a JSON object."""
    return {
        "configuration_id": item.configuration.id,
        "from": item.stage_from,
        "to": item.stage_to,
        "demoted": item.demoted,
        "live_trades": item.trades,
        "live_days": item.days,
        "error": item.error,
        "evidence": [asdict(rule) for rule in item.evidence],
    }


def read_stage(text: str | None) -> Stage | None:
    """The stage of that name in any case. Error `bad_stage`."""
    if text is None:
        return None
    try:
        return Stage(text.upper())
    except ValueError:
        raise UsageError(
            "bad_stage", f"there is no stage {text!r}", expected="VALIDATION or MATURE",
            found=text,
        ) from None  # fmt: skip


def _resolved(app: App, text: str) -> str:
    with app.database.reading() as tx:
        return tx.configurations.resolve(text).id


def _show_decision(decision: Decision) -> None:
    show_evidence(decision.evidence, f"From {decision.stage_from} to {decision.stage_to}")
    if decision.promoted:
        show_lines([f"{decision.configuration.id} is {decision.stage_to} now."])
    elif decision.earned:
        show_lines([f"{decision.configuration.id} would become {decision.stage_to}."])


def _show_judgements(found: tuple[Judgement, ...]) -> None:
    rows = [
        (i.configuration.id[:8], i.configuration.strategy_name, i.configuration.pair, i.stage_from,
         i.stage_to, i.trades, i.days, i.error or "")
        for i in found
    ]  # fmt: skip
    columns = ("id", "strategy", "pair", "stage", "stays or becomes", "trades", "days", "error")
    show_table(None if found else "Nothing ran on a live feed.", columns, rows)
    if len(found) == 1:
        show_evidence(found[0].evidence)
