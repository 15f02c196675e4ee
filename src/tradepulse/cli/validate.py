"""`tradepulse validate`: a stored configuration measured and judged again; nothing is changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.evidence_table import show_evidence
from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines, show_table, wall_clock_ms
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.lifecycle import Stage

if TYPE_CHECKING:
    from tradepulse.domain.configuration import Configuration, Evidence
    from tradepulse.storage.judging import Judgement
    from tradepulse.storage.measuring import Measured

IdArgument = Annotated[
    str, typer.Argument(metavar="CONFIGURATION", help="An id, or how it begins.")
]


def command(
    configuration: IdArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Measure a stored configuration again and judge it again: by its training, and by what it did
    on live feeds. Nothing is changed.

    Exit code 3 when its metrics or its bars are others by now, or when it no longer deserves its
    stage.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.judging import judge
    from tradepulse.storage.measuring import measured_again
    from tradepulse.storage.promoting import validate

    app = open_home(home, config)
    with app.database.reading() as tx:
        found = tx.configurations.resolve(configuration)
    ready_kernels()
    measured = measured_again(app.bars, found)
    evidence = validate(app.database, found, measured)
    live = judge(
        app.database, app.bars, found.id, now_ms=wall_clock_ms(), by="validate", dry_run=True
    )
    document = _document(found, measured, evidence, live)
    emit(document, as_json, lambda: _show(found, measured, evidence, live))
    return 0 if document["verdict"] == "holds" else RefusedError.exit_code


def _document(
    found: Configuration, measured: Measured, evidence: tuple[Evidence, ...], live: Judgement
) -> dict[str, Any]:
    # In DISCOVERY nothing is claimed yet but the metrics.
    claims = found.lifecycle_stage is not Stage.DISCOVERY
    deserved = all(e.passed for e in evidence if e.required) or not claims
    holds = measured.identical and deserved and not live.demoted
    return {
        "configuration_id": found.id,
        "stage": found.lifecycle_stage,
        "verdict": "holds" if holds else "fails",
        "same_data": measured.same_data,
        "differences": {
            name: {"stored": stored, "now": now}
            for name, (stored, now) in measured.differences.items()
        },
        "evidence": [asdict(item) for item in evidence],
        "live": {
            "trades": live.trades, "days": live.days, "proposed_stage": live.stage_to,
            "evidence": [asdict(item) for item in live.evidence],
        },
    }  # fmt: skip


def _show(
    found: Configuration, measured: Measured, evidence: tuple[Evidence, ...], live: Judgement
) -> None:
    bars = "the bars it was found on" if measured.same_data else "OTHER BARS than it was found on"
    show_lines([f"{found.id} {found.lifecycle_stage}: measured again on {bars}"])
    if measured.differences:
        rows = [(name, *pair) for name, pair in measured.differences.items()]
        show_table("Metrics that differ", ("metric", "stored", "now"), rows)
    else:
        show_lines(["Every metric is as stored."])
    show_evidence(evidence, "From DISCOVERY to VALIDATION")
    show_evidence(live.evidence, f"Live: {live.trades} trades on {live.days} days")
