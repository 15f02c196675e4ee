"""A home with a configuration that a training run could have left, and live days to go with it.

The market is made: its drift follows the very averages that the strategy trades, so that the edge
is real in every stretch of it.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import numpy as np

from tradepulse.bootstrap import App, open_home
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration, Evidence, hash_configuration
from tradepulse.domain.event import NewEvent
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.job import Job, JobState
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Feed, Mode, Stage
from tradepulse.domain.study import Family, HoldOut, Study
from tradepulse.engine.replay import replay
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_activation
from tradepulse.storage.hold_outs import seal_hold_out
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.significance.market_beta import beta
from tradepulse.training.windows import Dataset, daily_returns, market_returns, run_window

HOUR = 3_600_000
# 2022-01-01: a quarter's first day.
START = 1_640_995_200_000
DEVELOPMENT, HELD, LIVE = 400, 150, 90
MARKET = ("kraken", "ETH/USD", "1h")
FAMILY = Family("ema_cross", "kraken", "ETH/USD")
STRATEGY = EmaCross(fast=5, slow=12)
RULES = Rules(taker_fee_bps=1.0, slippage_bps=1.0)
NOW = START + (DEVELOPMENT + HELD + LIVE + 1) * DAY_MS


def planted_bars(held: float = 1.0, live: float = 1.0, seed: int = 4) -> BarSeries:
    """Hours whose drift has the sign of the averages before them: in development as it is, in the
    hold-out and on live days times `held` and `live`."""
    rng = np.random.default_rng(seed)
    count = 24 * (DEVELOPMENT + HELD + LIVE)
    edge = np.repeat([1.0, held, live], [24 * DEVELOPMENT, 24 * HELD, 24 * LIVE])
    noise = rng.normal(0.0, 0.004, count)
    close = np.empty(count)
    log, quick, slow = 0.0, 0.0, 0.0
    for row in range(count):
        log += noise[row] + 0.0006 * edge[row] * np.sign(quick - slow)
        quick += (log - quick) * 2 / 6
        slow += (log - slow) * 2 / 13
        close[row] = 100.0 * np.exp(log)
    opened = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(opened, close) * 1.001
    low = np.minimum(opened, close) * 0.999
    times = START + HOUR * np.arange(count, dtype=np.int64)
    return BarSeries(times, opened, high, low, close, rng.uniform(1, 9, count), HOUR)


def day(number: int) -> int:
    """The first millisecond of a day of the market."""
    return START + number * DAY_MS


class TrainedHome:
    """The home, its app, and the one configuration in it."""

    def __init__(self, folder: Path, bars: BarSeries | None = None, *, study: bool = True) -> None:
        self.path = folder
        self.app: App = open_home(folder)
        self.bars = planted_bars() if bars is None else bars
        if not self.app.bars.series():
            self.app.bars.append(*MARKET, self.bars)
        with self.app.database.reading() as tx:
            known = tx.configurations.page().items
        self.configuration = known[0] if known else self.train(study=study)

    @property
    def id(self) -> str:
        return self.configuration.id

    def stored(self) -> Configuration:
        with self.app.database.reading() as tx:
            return tx.configurations.get(self.id)

    def train(
        self, stage: Stage = Stage.VALIDATION, p_value: float = 0.001, *, study: bool = True,
        broken: str | None = None, first_day: int = 0, strategy: Strategy = STRATEGY,
    ) -> Configuration:  # fmt: skip
        """A configuration on the development days, with evidence; `broken` is a rule that
        failed."""
        data = Dataset(self.bars.between(day(first_day), day(DEVELOPMENT)), RULES)
        window = data.window(day(first_day), day(DEVELOPMENT))
        result = run_window(strategy.graph, window)
        names = ("superiority", "deflated_sharpe", "walk_forward", "stress")
        made = Configuration(
            str(uuid4()), strategy.name, strategy.parameters, *MARKET, RULES.as_json(),
            strategy.graph.to_json(), stage, result.metrics,
            tuple(Evidence(name, 0.5, 0.7, name != broken, f"about {name}") for name in names),
            500, data.fingerprint, (day(first_day), day(DEVELOPMENT) - HOUR),
            hash_configuration(
                strategy.name, strategy.parameters, strategy.graph.hash, *MARKET, RULES.as_json()
            ),
            "test", START,
        )  # fmt: skip
        returns, market = daily_returns(result), market_returns(window)
        slope = beta(returns, market)
        document = {
            "beta": slope, "trials": {"effective": 3.4}, "statistics": {"spa": p_value},
            "in_sample": {"excess": (returns - slope * market).tolist()},
            "stress": [{"name": "all", "total_return": 0.3, "sharpe": 1.0}],
        }  # fmt: skip
        held = self.bars.between(day(DEVELOPMENT), day(DEVELOPMENT + HELD))
        sealed = HoldOut(
            str(uuid4()), FAMILY, day(DEVELOPMENT), day(DEVELOPMENT + HELD), held.fingerprint, START
        )
        with self.app.database.transaction() as tx:
            tx.configurations.insert(made)
            tx.events.append(NewEvent(START, "configuration.created", "configuration", made.id, {}))
            if study:
                job = Job(str(uuid4()), "train", JobState.DONE, {}, {}, START)
                tx.jobs.save(job)
                tx.studies.insert(Study(made.id, job.id, document))
                seal_hold_out(tx, sealed, START)
        return made

    def trade(self, days: int = LIVE, feed: Feed = Feed.LIVE) -> str:
        """An activation over the newest days, run by the real engine as if they came live."""
        bars = self.bars.between(day(DEVELOPMENT + HELD), day(DEVELOPMENT + HELD + days))
        made = self.trade_on(feed, int(bars.open_time[0]))
        replay(made, bars, self.app.journal, PaperExchange, clock=lambda: NOW)
        return made

    def trade_on(self, feed: Feed = Feed.LIVE, session_start: int | None = None) -> str:
        """An activation on a new wallet that waits for its first bar."""
        name, cash = str(uuid4()), Decimal(10_000)
        with self.app.database.transaction() as tx:
            tx.wallets.insert(Wallet(name, name, "USD", cash, Mode.PAPER, START))
            made = request_activation(
                tx, self.id, name, now_ms=START, feed=feed, session_start=session_start
            )
        return made.id
