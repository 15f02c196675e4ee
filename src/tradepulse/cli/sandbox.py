"""`tradepulse sandbox`: a local exchange that speaks Binance's protocol over real bars."""

from __future__ import annotations

import asyncio
import secrets
import signal
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.options import JsonOption, read_timerange
from tradepulse.cli.output import print_json, show_lines, time_text
from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.domain.instrument import Market

if TYPE_CHECKING:
    from tradepulse.sandbox.server import SandboxServer

_PORT = 8731
_BUNDLED = "bundled"

DataOption = Annotated[
    str, typer.Option("--data", help="Folder with bars to replay, or `bundled`.")
]
_BUNDLED_SYMBOLS = "BTCUSDT,ETHUSDT"
SymbolsOption = Annotated[
    str | None,
    typer.Option(
        "--symbols", help="Symbols to list, by commas: LINKUSDT,AVAXUSDT. Left out: of the bundled "
        "bars BTCUSDT and ETHUSDT, of a folder all.",
        show_default=False,
    ),
]  # fmt: skip
MarketOption = Annotated[str, typer.Option("--market", help="spot, perpetual, or both by a comma.")]
StartOption = Annotated[
    str | None,
    typer.Option(
        "--start", help="Market time to begin at: 20240805 or milliseconds. Without it: the first "
        "moment that all symbols have bars for.", show_default=False,
    ),
]  # fmt: skip
SpeedOption = Annotated[
    float,
    typer.Option("--speed", min=0, help="Market seconds a second; 0 stands still to be stepped."),
]
BalanceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--balance", help="Money of the account, repeated: USDT=10000. On perpetuals the USDT is "
        "the margin wallet's too.", show_default=False,
    ),
]  # fmt: skip
FaultsOption = Annotated[
    Path | None,
    typer.Option(
        "--faults", help="JSON list of faults to arm at the start, as POST /control/fault takes "
        "them.", show_default=False,
    ),
]  # fmt: skip


def command(
    data: DataOption = _BUNDLED,
    symbols: SymbolsOption = None,
    market: MarketOption = "spot,perpetual",
    start: StartOption = None,
    speed: SpeedOption = 60.0,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one.")] = _PORT,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    key: Annotated[str | None, typer.Option("--key", help="API key.", show_default=False)] = None,
    secret: Annotated[
        str | None, typer.Option("--secret", help="Its secret.", show_default=False)
    ] = None,
    balance: BalanceOption = None,
    can_withdraw: Annotated[
        bool, typer.Option("--can-withdraw", help="Make it a key that may withdraw.")
    ] = False,
    faults: FaultsOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the synthetic book.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Serve a local exchange until stopped: Binance's REST and WebSocket protocol, spot and USD-M,
    over replayed real bars, with real balances and faults on command.

    Point any Binance client at the address it prints. `GET /control/state` tells the truth,
    `POST /control/fault`, `/control/clock` and `/control/account` make it misbehave, run faster or
    slower, and open more accounts. Key and secret are made up when they are not given.
    """
    markets = _read_markets(market)
    # The bundled series were recorded in different years: not all of them can be one market.
    chosen = symbols or (_BUNDLED_SYMBOLS if data == _BUNDLED else "")
    names = [name.strip().upper() for name in chosen.split(",") if name.strip()]
    begin = None if start is None else read_timerange(f"{start}-").start
    balances = _read_balances(balance or ["USDT=10000"])
    account = (key or secrets.token_hex(16), secret or secrets.token_hex(32))
    wanted = _read_faults(faults)
    server = _server(data, names, markets, begin, speed, port, host, seed)

    def ready(address: str) -> None:
        told = _told(server, address, account)
        if as_json:
            print_json(told)
        else:
            show_lines(_lines(told, speed))

    def prepare() -> None:
        from tradepulse.sandbox.server.control import arm_fault

        futures = balances.get("USDT", Decimal(0)) if Market.PERPETUAL in markets else Decimal(0)
        server.exchange.open_account(*account, balances, futures, can_withdraw=can_withdraw)
        for fault in wanted:
            arm_fault(server.exchange, fault)

    asyncio.run(_serve(server, prepare, ready))


def _server(
    data: str, names: list[str], markets: list[Market], begin: int | None, speed: float, port: int,
    host: str, seed: int,
) -> SandboxServer:  # fmt: skip
    from tradepulse.sandbox.loading import load_series
    from tradepulse.sandbox.market import SandboxMarket
    from tradepulse.sandbox.server import SandboxServer

    folder = Path(data)
    if data != _BUNDLED and not folder.is_dir():
        raise NotFoundError(
            "data_not_found", f"there is no folder {data}", expected="a folder, or bundled",
            found=data,
        )  # fmt: skip
    series = load_series("bundled" if data == _BUNDLED else folder, names, markets)
    market = SandboxMarket(series, begin, seed=seed)
    return SandboxServer(market, speed=speed, port=port, host=host)


async def _serve(server: SandboxServer, prepare: Any, ready: Any) -> None:
    """Serves until SIGINT or SIGTERM."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await server.start()
    try:
        prepare()
        ready(server.base_url)
        await stopping.wait()
    finally:
        await server.stop()


def _told(server: SandboxServer, address: str, account: tuple[str, str]) -> dict[str, Any]:
    market = server.exchange.market
    return {
        "address": address,
        "key": account[0],
        "secret": account[1],
        "symbols": {m.value: [s.symbol for s in market.specs(m)] for m in Market},
        "start": market.start,
        "end": market.end,
        "speed": server.exchange.pacer.speed,
    }


def _lines(told: dict[str, Any], speed: float) -> list[str]:
    listed = [f"{m}: {', '.join(names)}" for m, names in told["symbols"].items() if names]
    return [
        f"sandbox exchange on {told['address']}, Ctrl-C to stop",
        f"  key     {told['key']}",
        f"  secret  {told['secret']}",
        *(f"  {line}" for line in listed),
        f"  market time {time_text(told['start'])} to {time_text(told['end'])} UTC at {speed:g}x",
        f"  truth   {told['address']}/control/state",
    ]


def _read_markets(text: str) -> list[Market]:
    known = {"spot": Market.SPOT, "perpetual": Market.PERPETUAL, "futures": Market.PERPETUAL}
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        raise UsageError(
            "unknown_market", "there is no such market", expected="spot, perpetual or both",
            found=", ".join(unknown) or "nothing",
        )  # fmt: skip
    return list(dict.fromkeys(known[word] for word in words))


def _read_balances(texts: list[str]) -> dict[str, Decimal]:
    balances: dict[str, Decimal] = {}
    for text in (part for each in texts for part in each.split(",")):
        asset, equals, amount = text.partition("=")
        try:
            balances[asset.strip().upper()] = Decimal(amount)
        except InvalidOperation:
            equals = ""
        if not (asset.strip() and equals):
            raise UsageError(
                "bad_balance", f"{text!r} is no balance", expected="USDT=10000", found=repr(text)
            )
    return balances


def _read_faults(file: Path | None) -> list[dict[str, Any]]:
    if file is None:
        return []
    import orjson

    try:
        rows = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise UsageError("bad_faults", f"{file} is no JSON", found=str(error)) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError("bad_faults", f"{file} holds no list of faults", expected="[{kind, …}]")
    return rows
