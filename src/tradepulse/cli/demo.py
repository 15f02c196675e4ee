"""`tradepulse demo`: the whole way on real bars, from import to honest verdicts and a proven paper
trade."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.demo_sandbox import EXCHANGE, WALLETS, sandbox_trading
from tradepulse.cli.demo_training import (
    PLANTED,
    replay_start,
    train_planted_edge,
    train_real_markets,
)  # fmt: skip
from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import (
    ConfigOption,
    HomeOption,
    HostOption,
    JsonOption,
    PortOption,
)
from tradepulse.cli.output import emit, progress, say, show_table, wall_clock_ms
from tradepulse.domain.errors import RefusedError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.domain.ledger import Activation, Wallet

OnceOption = Annotated[
    bool, typer.Option("--once", help="End with a summary instead of serving the page.")
]

# Paper traded are the best of these on markets of their own.
SHOWN_STRATEGIES = ("ema_cross", "volume_breakout", "htf_sweep")
ENOUGH_TRADES = 20
DEMO_WALLET = "demo"


@dataclass(frozen=True)
class DemoSummary:
    """What a demo did. `sweeps` counts training runs, `trials` sets tried on real bars; `stages`
    the real configurations by stage, `synthetic` is the stage of the one with a planted edge;
    `parity` is `identical` or `diverged`."""

    bars: int
    sweeps: int
    trials: int
    configurations: int
    stages: dict[str, int]
    synthetic: str
    activations: int
    trades: int
    parity: str
    seconds: float


def command(
    once: OnceOption = False,
    host: HostOption = None,
    port: PortOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Import the bundled bars, train every strategy on them, paper trade the best, check parity;
    serve.

    Beside the real verdicts one market with a planted edge, SYNTHETIC, shows what VALIDATION takes.
    Exit code 3 if paper trading and backtest disagreed.
    """
    from tradepulse.bootstrap import open_home

    return demonstrate(open_home(home, config), once=once, host=host, port=port, as_json=as_json)


def demonstrate(
    app: App, *, once: bool, host: str | None, port: int | None, as_json: bool
) -> int:  # fmt: skip
    """Exit code of a demo: 3 when parity failed, else 0 once it has ended or was stopped."""
    from tradepulse.cli.serving import serve

    summary, shown = run_demo(app)
    if once or not as_json:
        emit(summary, as_json, lambda: _show(summary))
    if summary.parity != "identical":
        return RefusedError.exit_code
    if not once:
        told = asdict(summary) if as_json else None
        with sandbox_trading(app, shown):
            serve(app, host, port, told)
    return 0


def run_demo(app: App) -> tuple[DemoSummary, list[list[Configuration]]]:
    """(what was done, the configurations to trade on with by wallet), said step by step on stderr.

    On a home that had its demo little is left to do.
    """
    started = time.perf_counter()
    app.home.create()
    bars = _import_bundled(app)
    ready_kernels()
    found = train_real_markets(app)
    planted = train_planted_edge(app)
    activations = _paper_trade(app, _best_of_each(found))
    say("comparing paper trades with the backtest")
    from tradepulse.cli.verify_parity import parity_document

    parity = parity_document(app, activations)
    with app.database.reading() as tx:
        trades = sum(tx.trades.totals(activation_id=a.id).trade_count for a in activations)
        stored = tx.configurations.summary().total
    stages = Counter(str(c.lifecycle_stage) for c in found)
    summary = DemoSummary(
        bars, len(found) + 1, sum(c.trials for c in found), stored, dict(sorted(stages.items())),
        str(planted.lifecycle_stage), len(activations), trades, parity["verdict"],
        round(time.perf_counter() - started, 2),
    )  # fmt: skip
    return summary, _best_on_each(found)


def _import_bundled(app: App) -> int:
    """Real bars kept after the bundled ones were imported."""
    from tradepulse.marketdata.importing import import_paths
    from tradepulse.marketdata.samples import bundled_files

    files = bundled_files()
    with progress("importing the bundled bars", len(files)) as step:
        import_paths(app.bars, files, progress=step)
    return sum(info.bars for info in app.bars.series() if info.exchange != PLANTED[0])


def _best_of_each(found: list[Configuration]) -> list[Configuration]:
    """For each strategy its best configuration, on a market of its own."""
    chosen: list[Configuration] = []
    for name in SHOWN_STRATEGIES:
        taken = {c.pair for c in chosen}
        free = [c for c in found if c.strategy_name == name and c.pair not in taken]
        chosen.append(max(free, key=_worth_showing))
    return chosen


def _best_on_each(found: list[Configuration]) -> list[list[Configuration]]:
    """Round by round the next best configuration of each of the sandbox's pairs: a wallet holds one
    of a pair."""
    on_pair: dict[str, list[Configuration]] = {}
    for c in sorted(found, key=_worth_showing, reverse=True):
        if c.exchange == EXCHANGE:
            on_pair.setdefault(c.pair, []).append(c)
    rounds = zip_longest(*(chosen[:WALLETS] for chosen in on_pair.values()))
    return [[c for c in each if c is not None] for each in rounds]


def _worth_showing(configuration: Configuration) -> tuple[bool, float]:
    """Enough trades to see some in the last bars too, then the Sharpe ratio."""
    trades, sharpe = (configuration.metrics.get(name) for name in ("trade_count", "sharpe"))
    return (trades or 0) >= ENOUGH_TRADES, float("-inf") if sharpe is None else float(sharpe)


def _paper_trade(app: App, chosen: list[Configuration]) -> list[Activation]:
    """The activations that paper traded the last bars, run now or by an earlier demo."""
    from tradepulse.bootstrap import replay_configuration
    from tradepulse.storage.paper_wallet import named_wallet, quote_of

    with app.database.transaction() as tx:
        wallets = {
            c.id: named_wallet(tx, DEMO_WALLET, app.settings.paper, quote_of(c), wall_clock_ms())
            for c in chosen
        }
        earlier = {c.id: tx.activations.of_configuration(c.id) for c in chosen}
    done = []
    for c in chosen:
        wallet = wallets[c.id]
        finished = [
            a for a in earlier[c.id]
            if a.wallet_id == wallet.id and a.last_bar is not None and a.stopped_at is not None
        ]  # fmt: skip
        if not finished:
            start = replay_start(app, c.exchange, c.pair)
            report = replay_configuration(
                app,
                c,
                start,
                wallet_id=wallet.id,
                allotment=_share(wallet, len(chosen)),
                clock=wall_clock_ms,
            )
            say(f"paper traded {c.strategy_name} on {c.exchange} {c.pair}: {report.bars:,} bars, "
                f"{report.trades} trades, {report.bars_per_second:,.0f} bars/s")  # fmt: skip
            with app.database.reading() as tx:
                finished = [tx.activations.get(report.activation_id)]
        done.append(finished[-1])
    return done


def _share(wallet: Wallet, count: int) -> Decimal:
    return (wallet.balance / count).quantize(Decimal("0.01"), ROUND_DOWN)


def _show(summary: DemoSummary) -> None:
    rows = [
        ("bars in the home", f"{summary.bars:,}"),
        ("training runs", f"{summary.sweeps}, {summary.trials:,} sets tried, every one stored"),
        ("real configurations", ", ".join(f"{n} {stage}" for stage, n in summary.stages.items())),
        ("SYNTHETIC, a planted edge", summary.synthetic),
        ("paper traded", f"{summary.activations} of them, {summary.trades} trades"),
        ("paper trades and backtest", summary.parity),
        ("seconds", summary.seconds),
    ]
    show_table("What was done", ("", ""), rows)
