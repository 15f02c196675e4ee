"""`tradepulse forward-test`: bars newer than the training data, through the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import (
    emit,
    progress,
    show_lines,
    show_table,
    time_text,
    wall_clock_ms,
)
from tradepulse.domain.errors import RefusedError

if TYPE_CHECKING:
    from tradepulse.domain.configuration import Configuration

IdArgument = Annotated[
    str, typer.Argument(metavar="CONFIGURATION", help="An id, or how it begins.")
]
DaysOption = Annotated[
    int | None,
    typer.Option("--days", min=1, help="The newest days only (default: all).", show_default=False),
]

# What is told of the forward run beside the same of the training data.
_METRICS = ("total_return", "sharpe", "max_drawdown", "win_rate", "profit_factor", "trade_count")


def command(
    configuration: IdArgument,
    days: DaysOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Run a configuration over kept bars newer than its training data, through the real engine on
    a paper wallet of its own, and match its trades one to one with the backtest's.

    A sealed hold-out is passed over. Exit code 3 when they differ.
    """
    from tradepulse.bootstrap import forward_test, open_home

    app = open_home(home, config)
    with app.database.reading() as tx:
        found = tx.configurations.resolve(configuration)
    ready_kernels()
    with progress(f"forward-testing {found.strategy_name} on {found.pair}", None) as step:
        test = forward_test(
            app, found, days, clock=wall_clock_ms, progress=lambda done, _: step(done)
        )
    document = {"configuration_id": found.id, **test.as_json()}
    emit(document, as_json, lambda: _show(found, document))
    return 0 if test.verdict == "identical" else RefusedError.exit_code


def _show(found: Configuration, document: dict[str, Any]) -> None:
    after = "training data" if document["starts_after"] == "training" else "family's hold-out"
    show_lines(
        [
            f"{found.strategy_name} on {found.exchange} {found.pair} {found.interval}: "
            f"{document['bars']:,} bars, {time_text(document['start'])} to "
            f"{time_text(document['end'])} UTC, all after its {after}",
            f"engine against backtest: {document['verdict']}, {document['matched_trades']} of "
            f"{document['expected_trades']} trades matched",
        ]
    )
    rows = [(name, found.metrics.get(name), document["metrics"][name]) for name in _METRICS]
    show_table("Backtests", ("metric", "training", "newer bars"), rows, right=("training",))
    gap = document["gap"]
    causes = [(c["cause"], c["amount"], _percent(c["share"]), c["trades"]) for c in gap["causes"]]
    causes.append(("total", gap["total"], None, None))
    columns = ("cause", "quote currency", "% of profit", "trades")
    show_table("Gap, engine less backtest", columns, causes, right=columns[1:])


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.4f}"
