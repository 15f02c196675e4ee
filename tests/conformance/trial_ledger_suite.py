"""What every trial ledger must do alike: keep trials as they were tried, seal one hold-out."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable

from conformance import storage_records as make
from tradepulse.domain.configuration import Trial
from tradepulse.domain.study import Family, HoldOut
from tradepulse.training.ledger import BATCH_TRIALS, TrainProgress, TrialLedger

FAMILY = Family("ema_cross", "binance", "BTC/USDT")
TOLD = TrainProgress("searching", 3, 10, 1.25)
# Idle days are zeros, and one zero is negative: what comes back must be the same bits.
IDLE = struct.pack("<6d", 0.0, 0.0, 0.0, 0.0125, -0.0, 0.0)
BUSY = struct.pack("<3d", 0.01, -0.02, 0.03)

# A ledger for the training run of the job of that id, over one and the same memory.
Ledgers = Callable[[str], TrialLedger]


def tried(number: int, segment: str = "development", **changes: object) -> Trial:
    window = {"segment": segment, "window_start": make.T0, "window_end": make.T0 + 10**9}
    return make.trial(number, **{"daily_returns": IDLE, **window, **changes})


def hold_out(id_: str = "h1", family: Family = FAMILY) -> HoldOut:
    return HoldOut(id_, family, make.T0, make.T0 + 10**9, "f" * 64, make.T0)


class TrialLedgerSuite:
    """Needs a fixture `ledgers`; the jobs j1, j2 and j3 are there."""

    def test_trials_come_back_by_number(self, ledgers: Ledgers) -> None:
        ledger = ledgers("j1")
        late, early = tried(1_000_002), tried(1_000_001, daily_returns=BUSY)
        fold = tried(2_000_000, "fold-1", metrics={"sharpe": 1.5, "calmar": None})
        ledger.record([late, fold], TOLD)
        ledger.record([early], TOLD)
        assert ledger.stored("j1", range(1_000_000, 1_000_010)) == (early, late)
        assert ledger.stored("j1", range(1_000_002, 1_000_003)) == (late,)
        assert ledger.stored("j1", range(2_000_000, 2_000_001)) == (fold,)
        assert ledger.stored("j1", range(3_000_000, 3_000_010)) == ()
        assert ledger.stored("j2", range(1_000_000, 1_000_010)) == ()

    def test_trials_are_there_for_who_takes_the_job_up_again(self, ledgers: Ledgers) -> None:
        ledgers("j1").record([tried(0)], TOLD)
        assert ledgers("j1").stored("j1", range(10)) == (tried(0),)

    def test_a_batch_may_be_empty(self, ledgers: Ledgers) -> None:
        ledger = ledgers("j1")
        ledger.record([], TOLD)
        ledger.advance(dataclasses.replace(TOLD, phase="significance", message="5 of 9"))
        assert ledger.stored("j1", range(10)) == ()

    def test_the_family_is_read_in_order_without_folds_and_without_the_job(
        self, ledgers: Ledgers
    ) -> None:
        segments = ("development", "pool-0", "plateau", "pool-1", "drawn", "sweep")
        wanted = [tried(n, segment, job_id="j2") for n, segment in enumerate(segments)]
        others = [
            tried(9, "fold-1", job_id="j2"), tried(10, job_id="j2", pair="ETH/USDT"),
            tried(11, job_id="j2", exchange="kraken"),
        ]  # fmt: skip
        ledgers("j2").record([*reversed(wanted), *others], TOLD)
        ledgers("j3").record([tried(0, job_id="j3")], TOLD)
        ledgers("j1").record([tried(0)], TOLD)
        found = [t for batch in ledgers("j1").family_returns(FAMILY, "j1") for t in batch]
        assert found == [*wanted, tried(0, job_id="j3")]
        assert [*ledgers("j1").family_returns(Family("rsi", "binance", "BTC/USDT"), "j1")] == []

    def test_a_long_family_comes_in_batches(self, ledgers: Ledgers) -> None:
        count = 2 * BATCH_TRIALS + 3
        ledgers("j2").record([tried(n, job_id="j2") for n in range(count)], TOLD)
        batches = [*ledgers("j1").family_returns(FAMILY, "j1")]
        assert [len(batch) for batch in batches] == [BATCH_TRIALS, BATCH_TRIALS, 3]
        assert [t.number for batch in batches for t in batch] == [*range(count)]

    def test_a_hold_out_moves_forward_and_never_back(self, ledgers: Ledgers) -> None:
        first, other = hold_out(), Family("ema_cross", "kraken", "BTC/USDT")
        assert ledgers("j1").seal(first) == first
        same = dataclasses.replace(first, id="h2", sealed_at=make.T0 + 1)
        earlier = dataclasses.replace(same, start_ms=first.start_ms - 5)
        later = dataclasses.replace(same, start_ms=first.start_ms + 5, end_ms=first.end_ms + 5)
        assert ledgers("j2").seal(same) == first
        assert ledgers("j2").seal(earlier) == first
        assert ledgers("j2").seal(hold_out("h3", other)) == hold_out("h3", other)
        assert ledgers("j2").seal(later) == later
        assert ledgers("j1").seal(dataclasses.replace(first, id="h4")) == later
