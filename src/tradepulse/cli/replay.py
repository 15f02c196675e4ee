"""`tradepulse replay`: history through the real engine, into the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    TimeRange,
    TimerangeOption,
    read_timerange,
)
from tradepulse.cli.output import emit, progress, show_table, wall_clock_ms

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.engine.replay import ReplayReport

ConfigurationArgument = Annotated[
    str, typer.Argument(metavar="CONFIGURATION", help="An id, or how it begins.")
]


def command(
    configuration: ConfigurationArgument,
    timerange: TimerangeOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a configuration over history through the real engine, every order and fill recorded.

    Without --timerange: the bars its metrics were measured on. The run has a wallet of its own,
    with the initial cash of the configuration's rules.
    """
    from tradepulse.bootstrap import open_home

    app = open_home(home, config)
    with app.database.reading() as tx:
        found = tx.configurations.resolve(configuration)
    first, last = found.data_range
    span = TimeRange(first, last + 1) if timerange is None else read_timerange(timerange)
    report = replayed(app, found, span)
    document = {
        **asdict(report),
        "configuration_id": found.id,
        "bars_per_second": round(report.bars_per_second),
    }
    emit(document, as_json, lambda: show_table(None, ("", ""), document.items()))


def replayed(app: App, configuration: Configuration, span: TimeRange) -> ReplayReport:
    """What a replay over the bars in `span` did, with its progress on stderr."""
    from tradepulse.bootstrap import replay_configuration

    ready_kernels()
    c = configuration
    with progress(f"replaying {c.strategy_name} on {c.exchange} {c.pair}", None) as step:
        return replay_configuration(
            app, c, span.start, span.end, clock=wall_clock_ms,
            progress=lambda done, _: step(done),
        )  # fmt: skip
