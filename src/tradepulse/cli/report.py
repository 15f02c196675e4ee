"""`tradepulse report`: a configuration and everything known of it as one HTML page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, say, show_lines
from tradepulse.domain.errors import DataError, NotFoundError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.training.report.measured import Measurement


class Answer(StrEnum):
    YES = "yes"
    NO = "no"


IdArgument = Annotated[
    str, typer.Argument(metavar="CONFIG", help="A configuration's id, or how it begins.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", help="File to write (default: STRATEGY-ID.html here).", show_default=False
    ),
]
OpenOption = Annotated[Answer, typer.Option("--open", help="Show it in a browser at once.")]


def command(
    configuration: IdArgument,
    out: OutOption = None,
    open_it: OpenOption = Answer.NO,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what is known of a configuration as one HTML page.

    The page needs no network. The configuration is run again on the kept bars, for its trades.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.training.report import training_page

    app = open_home(home, config)
    with app.database.reading() as tx:
        found = tx.configurations.resolve(configuration)
        study = tx.studies.find(found.id)
    ready_kernels()
    measured, why_not = measure(app, found)
    page = training_page(found, study, measured, why_not)
    file = page.save(out or Path(f"{found.strategy_name}-{found.id[:8]}.html"))
    document = {
        "file": file.absolute(), "configuration_id": found.id, "stage": found.lifecycle_stage,
        "bytes": file.stat().st_size, "has_study": study is not None,
        "measured_again": measured is not None,
    }  # fmt: skip
    emit(document, as_json, lambda: show_lines([f"{file}, {file.stat().st_size:,} bytes"]))
    if open_it is Answer.YES:
        typer.launch(file.absolute().as_uri())


def measure(app: App, found: Configuration) -> tuple[Measurement | None, str]:
    """(the configuration's run done again, ""), or (None, why it could not be)."""
    from tradepulse.storage.measuring import measured_again
    from tradepulse.training.report.measured import Measurement

    try:
        again = measured_again(app.bars, found)
    except (NotFoundError, DataError) as error:
        # The page says it as well: its other parts stand without the bars.
        say(f"not run again: {error.message}")
        return None, error.message
    return Measurement(
        again.result, again.data.bars, again.same_data, len(again.differences)
    ), ""  # fmt: skip
