"""`tradepulse verify-parity`: the recorded run against the backtest kernel (law P2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_table, time_text
from tradepulse.domain.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.ledger import Activation
    from tradepulse.storage.transaction import Transaction

IdArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]", help="An activation or a configuration (default: every run recorded).",
        show_default=False,
    ),
]  # fmt: skip
_PAGE = 1000


def command(
    recorded: IdArgument = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare recorded paper runs with the kernel over the same bars; name the first divergence.

    Exit code 3 if a run diverged.
    """
    from tradepulse.bootstrap import open_home

    app = open_home(home, config)
    with app.database.reading() as tx:
        wanted = _wanted(tx, recorded)
    document = parity_document(app, wanted)
    emit(document, as_json, lambda: _show(document))
    return 0 if document["verdict"] == "identical" else RefusedError.exit_code


def parity_document(app: App, activations: list[Activation]) -> dict[str, Any]:
    """`verdict` over all runs, the `first_divergence` of any, and each run's own answer."""
    from tradepulse.engine.parity import verify_parity

    feed = app.feed()
    items = [
        {"activation_id": a.id, "configuration_id": a.configuration_id,
         **verify_parity(app.journal, feed, a.id).as_json()}
        for a in activations
    ]  # fmt: skip
    diverged = [item for item in items if item["verdict"] != "identical"]
    return {
        "verdict": "diverged" if diverged else "identical",
        "first_divergence": diverged[0]["first_divergence"] if diverged else None,
        "items": items,
    }


def _wanted(tx: Transaction, text: str | None) -> list[Activation]:
    """The runs meant: one activation, all of a configuration, or all that processed a bar."""
    if text is None:
        named = tx.activations.page(limit=_PAGE, sort="created_at").items
    else:
        try:
            return [tx.activations.resolve(text)]
        except NotFoundError:
            named = tx.activations.of_configuration(tx.configurations.resolve(text).id)
    started = [a for a in named if a.last_bar is not None]
    if not started:
        raise NotFoundError(
            "activation_not_found", "no run has been recorded",
            expected="an activation that has processed a bar", found="none",
            hint="Record one with: tradepulse replay CONFIGURATION",
        )  # fmt: skip
    return started


def _show(document: dict[str, Any]) -> None:
    rows = []
    for item in document["items"]:
        first = item["first_divergence"]
        told = "" if first is None else (
            f"{first['event']} {first['number']} at {time_text(first['time'])}: {first['field']} "
            f"expected {first['expected']}, found {first['found']}"
        )  # fmt: skip
        rows.append(
            (item["activation_id"][:8], item["configuration_id"][:8], item["bars"],
             item["trades"], item["verdict"], told)
        )  # fmt: skip
    columns = ("activation", "configuration", "bars", "trades", "verdict", "first divergence")
    show_table(f"Parity: {document['verdict']}", columns, rows, right=("bars", "trades"))
