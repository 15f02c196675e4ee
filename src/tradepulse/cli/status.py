"""`tradepulse status`: what a home holds and what runs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import as_text, emit, show_table

if TYPE_CHECKING:
    from tradepulse.bootstrap import App


def command(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """What this home holds and what runs in it."""
    from tradepulse.bootstrap import open_home

    app = open_home(home, config)
    document = {"home": app.home.path, **_bars(app), **_ledger(app)}
    emit(document, as_json, lambda: show_table(None, ("", ""), _rows(document)))


def _bars(app: App) -> dict[str, Any]:
    series = app.bars.series() if app.bars_folder.is_dir() else []
    return {"series": len(series), "bars": sum(one.bars for one in series)}


def _ledger(app: App) -> dict[str, Any]:
    """Counts from the database; `database` is null where none was made yet."""
    if app.settings.database.url is None and not app.home.database_file.exists():
        return {"database": None}
    with app.database as database, database.reading() as tx:
        summary, totals = tx.configurations.summary(), tx.trades.totals()
        states = [activation.state.value for activation in tx.activations.running()]
        return {
            "database": database.url,
            "configurations": {
                "total": summary.total,
                "active": summary.active,
                "by_stage": summary.by_stage,
                "by_strategy": summary.by_strategy,
            },
            "activations": {state: states.count(state) for state in sorted(set(states))},
            "trades": totals.trade_count,
            "total_pnl": totals.pnl,
            "last_event": tx.events.last_sequence(),
        }


def _rows(document: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name, value in document.items():
        parts = value if isinstance(value, dict) else {"": value}
        for key, part in parts.items():
            text = as_text(part)
            if isinstance(part, dict):
                text = ", ".join(f"{count} {word}" for word, count in part.items()) or "none"
            rows.append((f"{name} {key}".replace("_", " ").strip(), text))
    return rows
