"""A seed as a scenario: every choice of a run is drawn here, so that the seed alone repeats it.

Each run has only some of the faults, each at a rate of its own: where every fault is always on,
they hide each other (swarm testing, Groce et al. 2012). Each kind rolls its own dice: switching one
off leaves the others as they were, which is what makes a failing seed shrinkable.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

from tradepulse.domain.instrument import Market

# Kind of fault, and the greatest probability it is rolled with at each chance.
FAULTS: dict[str, float] = {
    "lost_request": 0.15,  # never reaches the venue; the answer would have told nothing
    "lost_answer": 0.15,  # done, but nobody hears so
    "slow_request": 0.15,  # arrives seconds later, perhaps after it was given up
    "late_report": 0.2,  # a stream's message overtaken by others
    "twice": 0.2,  # a stream's message delivered again
    "no_connection": 0.08,  # refused before it left
    "rate_limit": 0.05,
    "refused": 0.04,  # the venue says no for a reason of its own
    "unseen": 0.3,  # an order that look-ups and snapshots do not show yet
    "mute": 0.2,  # a look-up nobody answers
    "disconnect": 0.03,  # a roll a trade: the streams are down for a while
    "outage": 0.015,  # a roll a trade: nothing can be reached for a while
    "snapshot_down": 0.1,
    "snapshot_slow": 0.2,  # the account is read, and the answer takes seconds
    "thin_book": 0.25,  # market orders fill in parts, limits a little at a time
    "expires": 0.15,  # the rest of a market order that found nobody
    "late_bar": 0.1,
    "jump": 0.04,  # a bar that opens far from the last close
    "halt": 0.003,  # a roll a trade: the instrument takes no orders for minutes
    "nameless": 0.3,  # an execution told under the venue's own order id alone
    "meddle": 0.005,  # a roll a trade: a person cancels our stop at the venue
    "journal_down": 0.01,  # a commit that the database refuses, with nothing written
    "journal_lost": 0.005,  # one that it wrote, and lost the connection before saying so
    "crash_commit": 0.01,
    "crash_call": 0.02,
    "crash_idle": 0.01,  # a roll a trade
    "zombie": 0.5,  # of idle deaths: the process was only asleep, and goes on beside the next one
    "leave": 0.005,  # a roll a trade: a person drains or flattens
}
# No fault, but drawn as one: a roll a trade, a person closes, moves a stop, enters or cancels.
BY_HAND = "by_hand"
QUIET_BARS = 12


@dataclass(frozen=True)
class Scenario:
    """Everything a run is made from. `rates`: fault to probability; `without`: faults switched off
    by whoever shrinks the run; `bars` of storm are followed by QUIET_BARS without any fault."""

    seed: int
    market: Market
    pairs: tuple[str, ...]
    bars: int
    rates: dict[str, float] = field(hash=False)
    fee_in: str = "base"
    own_coins: bool = False
    latency_ms: tuple[int, int] = (20, 200)
    timeout_ms: int = 3_000
    in_flight_ms: int = 6_000
    max_open_trades: int | None = None
    leverage: int = 1
    funding: bool = False
    without: frozenset[str] = frozenset()

    @classmethod
    def of(cls, seed: int, bars: int = 60) -> Scenario:
        """The scenario of a seed."""
        roll = random.Random(f"scenario:{seed}")
        market = roll.choice([Market.SPOT, Market.PERPETUAL])
        count = roll.choice([1, 1, 2, 3])
        suffix = "" if market is Market.SPOT else ":USDT"
        pairs = tuple(f"{base}/USDT{suffix}" for base in ("BTC", "ETH", "SOL")[:count])
        share = roll.choice([0.0, 0.2, 0.5, 0.8])
        rates = {
            kind: most * roll.choice([0.1, 0.5, 1.0])
            for kind, most in FAULTS.items()
            if roll.random() < share
        }
        # Drawn beside the others: seeds are the worlds they were before people had hands.
        rates[BY_HAND] = random.Random(f"by hand:{seed}").choice([0.0, 0.0, 0.02, 0.1])
        slow = roll.random() < 0.3
        return cls(
            seed, market, pairs, bars, rates,
            fee_in=roll.choice(["base", "base", "quote", "third"]),
            own_coins=roll.random() < 0.3,
            latency_ms=(100, 1500) if slow else (20, 200),
            max_open_trades=roll.choice([None, None, max(count - 1, 1)]),
            leverage=1 if market is Market.SPOT else roll.choice([1, 3, 10]),
            funding=roll.random() < 0.5,
        )  # fmt: skip

    def dropping(self, *kinds: str) -> Scenario:
        """The same without some faults."""
        return replace(self, without=self.without | set(kinds))

    @property
    def active(self) -> list[str]:
        """The faults that may happen."""
        return [kind for kind in self.rates if kind not in self.without]

    def __str__(self) -> str:
        told = ", ".join(f"{kind} {self.rates[kind]:.4g}" for kind in self.active)
        return (
            f"seed {self.seed}: {self.market} {' '.join(self.pairs)}, {self.bars} bars of storm, "
            f"fee in {self.fee_in}, own coins {self.own_coins}, leverage {self.leverage}, "
            f"latency {self.latency_ms[0]}-{self.latency_ms[1]} ms, at most "
            f"{self.max_open_trades} trades; faults: {told or 'none'}"
        )


class Dice:
    """Chance, one stream of it a kind; after `calm` no fault happens. `struck` counts them."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._streams: dict[str, random.Random] = {}
        self._stormy = True
        self.struck: Counter[str] = Counter()

    def stream(self, kind: str) -> random.Random:
        """The stream of a kind, for what is no fault too (prices, latencies)."""
        found = self._streams.get(kind)
        if found is None:
            found = self._streams[kind] = random.Random(f"{kind}:{self._scenario.seed}")
        return found

    def strikes(self, kind: str) -> bool:
        """Whether a fault happens now."""
        rate = self._scenario.rates.get(kind)
        if rate is None or not self._stormy:
            return False
        if self.stream(kind).random() >= rate or kind in self._scenario.without:
            return False
        self.struck[kind] += 1
        return True

    def between(self, kind: str, least: int, most: int) -> int:
        """A whole number in [least, most]."""
        return self.stream(kind + ":size").randint(least, most)

    def calm(self) -> None:
        """The storm is over."""
        self._stormy = False
