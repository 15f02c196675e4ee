"""`tradepulse db`: the database's own upkeep."""

from __future__ import annotations

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines

app = typer.Typer(help="Look after the database.")


@app.command()
def upgrade(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Bring the tables to this version. Nothing happens where they are there already."""
    from tradepulse.bootstrap import open_home
    from tradepulse.storage import migrations

    with open_home(home, config).connect(upgrade=True) as database:
        document = {"database": database.url, "revision": migrations.HEAD}
    emit(document, as_json, lambda: show_lines([f"{document['database']} is at {migrations.HEAD}"]))
