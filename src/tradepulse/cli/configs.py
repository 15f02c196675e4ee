"""`tradepulse configs`: the stored configurations and their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli import config_files, config_lifecycle
from tradepulse.cli.evidence_table import show_evidence
from tradepulse.cli.options import (
    ActiveOption,
    ConfigOption,
    CursorOption,
    DryRunOption,
    ExchangeOption,
    HomeOption,
    IntervalOption,
    JsonOption,
    LimitOption,
    PairsOption,
    StrategyOption,
    only_pair,
)
from tradepulse.cli.output import emit, show_page, show_table, time_text, wall_clock_ms
from tradepulse.domain.lifecycle import Mode

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.domain.ledger import Wallet
    from tradepulse.storage.transaction import Transaction

app = typer.Typer(help="Find, compare, promote, activate and move configurations.")
app.command()(config_lifecycle.promote)
app.command()(config_lifecycle.judge)
app.command()(config_files.compare)
app.command()(config_files.export)
app.command("import")(config_files.import_)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")]
StageOption = Annotated[
    str | None, typer.Option("--stage", help="Lifecycle stage, such as DISCOVERY.")
]
SortOption = Annotated[str, typer.Option("--sort", help="A column; `-` before it: highest first.")]

WalletOption = Annotated[
    str | None, typer.Option("--wallet", help="A wallet: its name or id.", show_default=False)
]
AllotmentOption = Annotated[
    float | None,
    typer.Option(
        "--allotment",
        "--dry-run-wallet",
        help="Its own capital (default: its rules' initial cash).",
    ),
]
ModeOption = Annotated[Mode, typer.Option("--mode", help="Where its orders go.")]
ConfirmOption = Annotated[
    str | None,
    typer.Option(
        "--confirm", help="LIVE: your word for real money on what is not MATURE.",
        show_default=False,
    ),
]  # fmt: skip
FlattenOption = Annotated[bool, typer.Option("--flatten", help="Close the position at once.")]

_COLUMNS = (
    "id", "strategy", "exchange", "pair", "interval", "stage", "active", "return %", "sharpe",
    "drawdown %", "trades", "parameters",
)  # fmt: skip

# Parameters in a list; `configs show` has them whole.
_WIDTH = 40


@app.command("list")
def list_configurations(
    strategy: StrategyOption = None,
    exchange: ExchangeOption = None,
    pairs: PairsOption = None,
    interval: IntervalOption = None,
    stage: StageOption = None,
    active: ActiveOption = None,
    sort: SortOption = "-created_at",
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List configurations, newest first."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        page = tx.configurations.page(
            strategy_name=None if strategy is None else strategy.lower(),
            exchange=exchange,
            pair=only_pair(pairs),
            interval=interval,
            stage=None if stage is None else stage.upper(),
            is_active=active,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
    document = {"items": [as_document(c) for c in page.items], "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: show_configurations(page.items, page.next_cursor))


@app.command()
def show(
    configuration: IdArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show one configuration: parameters, rules, metrics, evidence."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        found = tx.configurations.resolve(configuration)
    emit({**as_document(found), "graph": found.graph}, as_json, lambda: _show(found))


@app.command()
def activate(
    configuration: IdArgument,
    wallet: WalletOption = None,
    allotment: AllotmentOption = None,
    mode: ModeOption = Mode.PAPER,
    dry_run: DryRunOption = False,
    confirm: ConfirmOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a configuration to work on a wallet; a running engine starts it at once.

    Without --wallet: the home's first wallet of that mode in the pair's quote currency; on paper it
    is made with the settings' cash if there is none.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.cli.activations import show_activations
    from tradepulse.storage.activating import request_activation
    from tradepulse.storage.venue_rules import Consent

    app = open_home(home, config)
    now, wanted = wall_clock_ms(), Mode.PAPER if dry_run else mode
    with app.database.transaction() as tx:
        found = tx.configurations.resolve(configuration)
        holder = tx.wallets.resolve(wallet) if wallet else _wallet(tx, app, found, wanted, now)
        made = request_activation(
            tx, found.id, holder.id, now_ms=now, mode=wanted,
            allotment=None if allotment is None else Decimal(str(allotment)),
            # Whoever may write to the home's files is its admin.
            consent=Consent(confirm, admin=True, by="cli"),
        )  # fmt: skip
    document = {"activation_id": made.id, "state": made.state, "wallet_id": holder.id}
    emit(document, as_json, lambda: show_activations((made,)))


def _wallet(
    tx: Transaction, app: App, configuration: Configuration, mode: Mode, now_ms: int
) -> Wallet:
    from tradepulse.storage.connecting import venue_wallet
    from tradepulse.storage.paper_wallet import paper_wallet, quote_of

    if mode is Mode.PAPER:
        return paper_wallet(tx, app.current.settings.paper, quote_of(configuration), now_ms)
    return venue_wallet(tx, configuration, mode)


@app.command()
def deactivate(
    configuration: IdArgument,
    flatten: FlattenOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let every activation of a configuration leave: no more entries, gone when flat."""
    from tradepulse.bootstrap import open_home
    from tradepulse.cli.activations import show_activations
    from tradepulse.storage.activating import request_deactivation

    with open_home(home, config).database.transaction() as tx:
        found = tx.configurations.resolve(configuration)
        left = request_deactivation(tx, found.id, now_ms=wall_clock_ms(), flatten=flatten)
    told = [{"activation_id": a.id, "state": a.state} for a in left]
    document = {"configuration_id": found.id, "activations": told}
    emit(document, as_json, lambda: show_activations(left))


def as_document(configuration: Configuration) -> dict[str, Any]:
    """The configuration as a JSON object, without its graph, which is long."""
    document = asdict(configuration)
    del document["graph"]
    return document


def parameters_text(parameters: Any) -> str:
    return " ".join(f"{name}={value}" for name, value in parameters.items())


def show_configurations(
    items: Sequence[Configuration], next_cursor: str | None = None
) -> None:  # fmt: skip
    """Prints configurations as a table, and how to see the next page."""
    show_page(_COLUMNS, [_row(c) for c in items], next_cursor, right=_COLUMNS[7:11])


def _row(c: Configuration) -> tuple[object, ...]:
    percent = {
        name: None if c.metrics.get(name) is None else f"{100 * c.metrics[name]:.1f}"
        for name in ("total_return", "max_drawdown")
    }
    sharpe = c.metrics.get("sharpe")
    return (
        c.id[:8], c.strategy_name, c.exchange, c.pair, c.interval, c.lifecycle_stage.value,
        c.is_active, percent["total_return"], None if sharpe is None else f"{sharpe:.2f}",
        percent["max_drawdown"], c.metrics.get("trade_count"),
        shorten(parameters_text(c.parameters), _WIDTH, placeholder=" …"),
    )  # fmt: skip


def _show(c: Configuration) -> None:
    facts = {
        "id": c.id,
        "strategy": c.strategy_name,
        "parameters": parameters_text(c.parameters),
        "market": f"{c.exchange} {c.pair} {c.interval}",
        "bars": f"{time_text(c.data_range[0])} to {time_text(c.data_range[1])} UTC",
        "stage": f"{c.lifecycle_stage.value}{', active' if c.is_active else ''}",
        "tried": f"{c.trials} parameter sets",
        "data fingerprint": c.data_fingerprint,
        "configuration hash": c.configuration_hash,
        "code version": c.code_version,
        "created": time_text(c.created_at),
    }
    show_table(None, ("", ""), facts.items())
    show_table("Metrics", ("metric", "value"), c.metrics.items(), right=("value",))
    if c.evidence:
        show_evidence(c.evidence)
