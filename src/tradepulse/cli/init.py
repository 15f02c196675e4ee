"""`tradepulse init`: create a home."""

from __future__ import annotations

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines


def command(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Create a home: settings, folders, database. What exists is left as it is."""
    from tradepulse.bootstrap import open_home

    app = open_home(home, config)
    made = app.home.create()
    with app.connect(upgrade=True) as database:
        document = {"home": app.home.path, "created": made, "database": database.url}
    lines = [f"created {path}" for path in made] or [f"{app.home.path} was complete"]
    emit(document, as_json, lambda: show_lines([*lines, f"database {document['database']}"]))
