"""`tradepulse configs compare`, `export` and `import`: side by side, and from home to home."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, plain, print_json, show_lines, show_table, wall_clock_ms
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

IdsArgument = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Ids, or how they begin.")
]  # fmt: skip
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")]
FileOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File to write (default: stdout).", show_default=False),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="What `configs export` wrote.")]

_FACTS = ("strategy_name", "exchange", "pair", "interval", "lifecycle_stage", "trials")


def compare(
    configurations: IdsArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare configurations side by side: facts, parameters, metrics, verdicts."""
    from tradepulse.bootstrap import open_home

    if len(configurations) < 2:
        raise UsageError("bad_value", "there is nothing to compare with",
                         expected="two ids or more", found="one")  # fmt: skip
    with open_home(home, config).database.reading() as tx:
        found = [tx.configurations.resolve(text) for text in configurations]
    rows = comparison(found)
    document = {
        "configuration_ids": [c.id for c in found],
        "rows": [{"part": part, "name": name, "values": values} for part, name, values in rows],
    }
    emit(document, as_json, lambda: _show(found, rows))


def export(
    configuration: IdArgument,
    output: FileOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a configuration with its graph, rules and evidence as one JSON document."""
    import orjson

    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        document = asdict(tx.configurations.resolve(configuration))
    if output is None:
        print_json(document)
        return
    text = orjson.dumps(document, default=plain, option=orjson.OPT_INDENT_2)
    output.write_bytes(text + b"\n")
    told = {"configuration_id": document["id"], "file": str(output)}
    emit(told, as_json, lambda: show_lines([f"written to {output}"]))


def import_(
    file: FileArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over a configuration that `configs export` wrote.

    It begins in DISCOVERY, without evidence: what another home has seen cannot be proved here.
    Train it again to earn a stage.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.cli.configs import as_document, show_configurations
    from tradepulse.storage.importing_configurations import import_configuration

    app = open_home(home, config)
    stored = import_configuration(app.database, file.read_bytes(), wall_clock_ms())
    emit(as_document(stored), as_json, lambda: show_configurations([stored]))


def comparison(found: Sequence[Configuration]) -> list[tuple[str, str, list[Any]]]:
    """(part, name, a value for each configuration), in the order a reader asks."""
    rows: list[tuple[str, str, list[Any]]] = [
        ("facts", name, [getattr(c, name) for c in found]) for name in _FACTS
    ]
    rows.append(("facts", "bars", [list(c.data_range) for c in found]))
    rows += _by_name("parameters", [c.parameters for c in found])
    rows += _by_name("metrics", [c.metrics for c in found])
    rows += _by_name("evidence", [{e.rule: e.passed for e in c.evidence} for c in found])
    return rows


def _by_name(part: str, several: Sequence[Any]) -> list[tuple[str, str, list[Any]]]:
    names = dict.fromkeys(name for one in several for name in one)
    return [(part, name, [one.get(name) for one in several]) for name in names]


def _show(found: Sequence[Configuration], rows: list[tuple[str, str, list[Any]]]) -> None:
    for part in ("facts", "parameters", "metrics", "evidence"):
        cells = [(name, *values) for kind, name, values in rows if kind == part]
        show_table(part.capitalize(), ("", *(c.id[:8] for c in found)), cells)
