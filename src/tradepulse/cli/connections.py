"""`tradepulse connections`: keys at exchanges, tried, sealed, and never shown again."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines, show_table, time_text, wall_clock_ms
from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode

if TYPE_CHECKING:
    from tradepulse.domain.connection import Connection, Credentials
    from tradepulse.storage.transaction import Transaction

app = typer.Typer(help="Add, list, test and remove connections to exchanges.")

VARIABLES = ("TRADEPULSE_API_KEY", "TRADEPULSE_API_SECRET", "TRADEPULSE_API_PASSWORD")

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The connection's name, or how its id begins.")
]
NewNameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A name to tell it by.")]
ExchangeOption = Annotated[
    str, typer.Option("--exchange", help="The exchange.", callback=lambda name: name.lower())
]
MarketOption = Annotated[Market, typer.Option("--market", help="Coins, or perpetual contracts.")]
ModeOption = Annotated[
    Mode, typer.Option("--mode", help="testnet: the exchange's test network. live: real money.")
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url", help="Another address than the exchange's own, such as a sandbox's "
        "(default: that of the settings, if any).", show_default=False,
    ),
]  # fmt: skip
_COLUMNS = ("id", "name", "exchange", "market", "mode", "key", "address", "tested", "fault")


@app.command()
def add(
    name: NewNameArgument,
    exchange: ExchangeOption = "binance",
    market: MarketOption = Market.SPOT,
    mode: ModeOption = Mode.TESTNET,
    base_url: BaseUrlOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a connection. Keys are asked for, or read from the environment or from a pipe.

    They are never options: other users of a machine see each other's command lines. From the
    environment: TRADEPULSE_API_KEY and TRADEPULSE_API_SECRET. From a pipe: a line each. Keys that
    may withdraw are refused.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.connecting import NewConnection, add_connection

    opened = open_home(home, config)
    address = base_url or opened.base_url_of(exchange)
    made = add_connection(
        opened.database, opened.safe, NewConnection(name, exchange, market, mode, address),
        read_credentials(), opened.check_keys, now_ms=wall_clock_ms(),
    )  # fmt: skip
    emit(made, as_json, lambda: _show((made,)))


@app.command("list")
def list_connections(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """List connections, oldest first; of a key its last characters."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        page = tx.connections.page(limit=1000)
    emit({"items": page.items}, as_json, lambda: _show(page.items))


@app.command("test")
def check(
    connection: NameArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Ask the exchange whether the keys still work, may trade and may not withdraw."""
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.connecting import check_connection

    opened = open_home(home, config)
    with opened.database.reading() as tx:
        found = find_connection(tx, connection)
    tested, seen = check_connection(
        opened.database, opened.safe, found.id, opened.check_keys, now_ms=wall_clock_ms()
    )
    document = {
        "connection_id": tested.id, "name": tested.name, "can_trade": seen.can_trade,
        "can_withdraw": seen.can_withdraw, "permissions": seen.permissions,
    }  # fmt: skip
    told = f"{tested.name}: the keys work, may trade and may not withdraw"
    emit(document, as_json, lambda: show_lines([told]))


@app.command()
def remove(
    connection: NameArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Remove a connection and destroy its keys here. Nothing may run on it."""
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.connecting import remove_connection

    database = open_home(home, config).database
    with database.reading() as tx:
        found = find_connection(tx, connection)
    gone = remove_connection(database, found.id, now_ms=wall_clock_ms())
    told = f"{gone.name} is removed. Delete its keys at {gone.exchange} too."
    emit(gone, as_json, lambda: show_lines([told]))


@app.command("rotate-key")
def rotate_key(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Seal all keys anew under a new key file; the old key file opens nothing any more."""
    from tradepulse.bootstrap import open_home

    opened = open_home(home, config)
    count = opened.safe.rotate(opened.database)
    document = {"file": opened.safe.file, "connections": count}
    told = f"{count} connections are sealed under the new key in {opened.safe.file}"
    emit(document, as_json, lambda: show_lines([told]))


def find_connection(tx: Transaction, text: str) -> Connection:
    """The connection of that name, or whose id begins so. Errors: `connection_not_found`,
    `ambiguous_id`."""
    return tx.connections.named(text) or tx.connections.resolve(text)


def read_credentials() -> Credentials:
    """The keys from the environment, else from a pipe, else asked for at the terminal. Error
    `bad_keys`."""
    from tradepulse.domain.connection import Credentials

    if VARIABLES[0] in os.environ:
        key, secret, password = (os.environ.get(name, "") for name in VARIABLES)
        return Credentials(key, secret, password or None)
    if sys.stdin.isatty():
        words = [getpass("API key: "), getpass("Secret: "), getpass("Password (if any): ")]
    else:
        words = [line.strip() for line in sys.stdin.read().splitlines()]
    if len(words) not in (2, 3):
        raise UsageError(
            "bad_keys", "the keys could not be read",
            expected="the API key, its secret and perhaps a password, a line each",
            found=f"{len(words)} lines",
            hint=f"Or set {VARIABLES[0]} and {VARIABLES[1]}.",
        )  # fmt: skip
    return Credentials(words[0], words[1], words[2] if len(words) > 2 and words[2] else None)


def _show(items: tuple[Connection, ...]) -> None:
    rows = [
        (
            c.id[:8], c.name, c.exchange, c.market.value, c.mode.value, f"…{c.key_hint}",
            c.base_url, time_text(c.checked_at), c.fault,
        )
        for c in items
    ]  # fmt: skip
    show_table(None, _COLUMNS, rows)
