"""The real stack for the browser tests: trained configurations that trade on a sandbox exchange.

`python stack.py HOME PORT` serves until it is stopped. Small, but nothing of it is made up: bundled
bars, real searches with few trials, one replayed paper trade and a sandbox that runs on.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tradepulse.bootstrap import open_home, replay_configuration, training_runner
from tradepulse.cli.demo_sandbox import sandbox_trading
from tradepulse.cli.demo_training import replay_start
from tradepulse.cli.serving import serve
from tradepulse.domain.user import Role
from tradepulse.marketdata.importing import import_paths
from tradepulse.marketdata.samples import bundled_files
from tradepulse.storage.accounts import create_user, first_admin
from tradepulse.storage.paper_wallet import named_wallet, quote_of
from tradepulse.training.spec import TrainSpec

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration

EXCHANGE, INTERVAL = "binance", "15m"
# Strategies that trade often: a test sees a position open and close within seconds.
TRAINED = (
    ("ema_cross", "AVAX/USDT"),
    ("rsi_reversion", "LINK/USDT"),
    ("volume_breakout", "MATIC/USDT"),
    ("bollinger_reversion", "TRX/USDT"),
)
# Found and not set to work: what a test may retire.
SPARE = ("ema_cross", "LINK/USDT")
TRIALS, FOLDS = 12, 3
PASSWORD = "a horse a battery and a staple"  # noqa: S105  (of a home that lives for a test)
USERS = (("viewer", Role.VIEWER), ("operator", Role.OPERATOR))


def main(home: Path, port: int) -> None:
    app = open_home(home, None)
    app.home.create()
    _users(app)
    import_paths(app.bars, bundled_files(), progress=lambda _: None)
    found = [c for strategy, pair in TRAINED if (c := _trained(app, strategy, pair)) is not None]
    _trained(app, *SPARE)
    _paper_traded(app, found[0])
    with sandbox_trading(app, [found]):
        serve(app, None, port, {})


def _trained(app: App, strategy: str, pair: str) -> Configuration | None:
    runner = training_runner(app, _now)
    spec = TrainSpec(
        strategy=strategy, exchange=EXCHANGE, pair=pair, interval=INTERVAL, trials=TRIALS,
        folds=FOLDS, permutations=0, replications=100, decide_early=True,
        end_ms=replay_start(app, EXCHANGE, pair),
    )  # fmt: skip
    return runner.run(runner.submit(spec)).configuration


def _paper_traded(app: App, configuration: Configuration) -> None:
    with app.database.transaction() as tx:
        wallet = named_wallet(tx, "paper", app.settings.paper, quote_of(configuration), _now())
    start = replay_start(app, configuration.exchange, configuration.pair)
    replay_configuration(app, configuration, start, wallet_id=wallet.id, clock=_now)


def _users(app: App) -> None:
    first_admin(app.database, PASSWORD, _now())
    for name, role in USERS:
        create_user(app.database, name, PASSWORD, role, _now())


def _now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
