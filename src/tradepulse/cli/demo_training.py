"""What the demo trains: every strategy on every bundled spot market, and one planted edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradepulse.cli.output import progress, say, wall_clock_ms

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.training.jobs.runner import JobRunner, Ran
    from tradepulse.training.spec import TrainSpec

# Spot series of the bundled bars: six pairs, two venues. The intervals are those at which a
# strategy has a chance against its costs.
MARKETS = (
    ("binance", "AVAX/USDT", "15m"),
    ("binance", "LINK/USDT", "15m"),
    ("binance", "MATIC/USDT", "15m"),
    ("binance", "TRX/USDT", "15m"),
    ("kraken", "BTC/USD", "1h"),
    ("kraken", "ETH/USD", "1h"),
)
TRIALS, FOLDS, PERMUTATIONS = 60, 4, 200
# The last part of each series is not trained on: paper trading it is out of sample.
REPLAY_DAYS = 30
# Needs a column that the bundled spot bars do not have.
WITHOUT_SPOT = ("funding_carry",)

PLANTED = ("synthetic", "EDGE/USDT:USDT", "4h")
PLANTED_SHARPE, PLANTED_YEARS, PLANTED_SEED = 3.0, 4.0, 7
PLANTED_GRID = {"fast": (5, 8, 12, 18, 26), "slow": (30, 40, 50, 70, 100, 140)}


def train_real_markets(app: App) -> list[Configuration]:
    """The configuration of every strategy on every market, trained now or by an earlier demo."""
    specs = [spec for market in MARKETS for spec in _specs(app, *market)]
    known = _trained_before(app)
    found: list[Configuration] = []
    with progress("training every strategy on every market", len(specs)) as step:
        runner = _runner(app)
        for done, spec in enumerate(specs, 1):
            configuration = known.get(_key(spec)) or _train(runner, spec)
            if configuration is not None:
                found.append(configuration)
            step(done)
    return found


def train_planted_edge(app: App) -> Configuration:
    """The configuration of a made market whose edge is known to be there."""
    from tradepulse.simulation.rules import Rules
    from tradepulse.training.spec import TrainSpec
    from tradepulse.training.synthetic import Truth, make_market, no_funding_paid

    exchange, pair, interval = PLANTED
    if not any(info.exchange == exchange and info.pair == pair for info in app.bars.series()):
        bars = make_market(Truth(PLANTED_YEARS, edge_sharpe=PLANTED_SHARPE), PLANTED_SEED)
        app.bars.append(exchange, pair, interval, bars)
        app.bars.append_funding(exchange, pair, no_funding_paid(bars))
    spec = TrainSpec(
        strategy="ema_cross", exchange=exchange, pair=pair, interval=interval,
        rules=Rules(market="perpetual", allow_short=True, taker_fee_bps=5, maker_fee_bps=2),
        search="grid", grid=PLANTED_GRID, fold_train_days=180, fold_test_days=60,
        permutations=PERMUTATIONS,
    )  # fmt: skip
    say("training on a SYNTHETIC market with a planted edge")
    found = _trained_before(app).get(_key(spec)) or _train(_runner(app), spec)
    assert found is not None  # noqa: S101  (this market always trades)
    return found


def replay_start(app: App, exchange: str, pair: str) -> int:
    """The first moment that the demo does not train on."""
    from tradepulse.domain.interval import DAY_MS

    last = max(
        info.last for info in app.bars.series() if (info.exchange, info.pair) == (exchange, pair)
    )
    return int((last // DAY_MS - REPLAY_DAYS) * DAY_MS)


def _specs(app: App, exchange: str, pair: str, interval: str) -> list[TrainSpec]:
    from tradepulse.training.spec import TrainSpec

    end_ms = replay_start(app, exchange, pair)
    return [
        TrainSpec(
            strategy=entry.name, exchange=exchange, pair=pair, interval=interval, trials=TRIALS,
            folds=FOLDS, permutations=PERMUTATIONS, decide_early=True, end_ms=end_ms,
        )
        for entry in app.registry
        if entry.source == "shipped" and entry.name not in WITHOUT_SPOT
    ]  # fmt: skip


def _runner(app: App) -> JobRunner:
    from tradepulse.bootstrap import training_runner

    return training_runner(app, wall_clock_ms)


def _train(runner: JobRunner, spec: TrainSpec) -> Configuration | None:
    """The configuration found, or None where the strategy had nothing to say on this market."""
    ran: Ran = runner.run(runner.submit(spec))
    if ran.configuration is None and ran.error is not None:
        if ran.error.code != "no_trades":
            raise ran.error
        say(f"{spec.strategy} on {spec.exchange} {spec.pair}: {ran.error}")
    return ran.configuration


def _trained_before(app: App) -> dict[str, Configuration]:
    """Configurations of jobs that ended well, by what they were asked."""
    from tradepulse.domain.configuration import canonical_json
    from tradepulse.domain.job import JobState

    found: dict[str, Configuration] = {}
    with app.database.reading() as tx:
        cursor: str | None = None
        while True:
            page = tx.jobs.page(state=JobState.DONE, kind="train", cursor=cursor, limit=200)
            for job in page.items:
                for configuration_id in job.progress.get("configuration_ids", ()):
                    found[canonical_json(dict(job.spec))] = tx.configurations.get(configuration_id)
            cursor = page.next_cursor
            if cursor is None:
                return found


def _key(spec: TrainSpec) -> str:
    from tradepulse.domain.configuration import canonical_json

    return canonical_json(spec.as_json())
