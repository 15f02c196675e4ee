"""How much of its allotment each live activation of a wallet may use, turn by turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from tradepulse.domain.settings import StagingSettings
from tradepulse.engine.band_book import BandBook
from tradepulse.execution.account import Account
from tradepulse.execution.oversight import Oversight, Standing
from tradepulse.risk.drawdown_band import DrawdownBand
from tradepulse.risk.equity_track import fall_pct
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.staging import Move, StagedCapital


class Step(NamedTuple):
    """A step of its capital that an activation took."""

    activation_id: str
    move: Move


def allowed(standing: Standing, at: StagedCapital | None, plan: StagingSettings) -> Standing:
    """The standing with its share: with real money what it has earned (None: the first step),
    without any all of it."""
    if standing.live_trades is None:
        return standing
    return replace(standing, staged_share=(at or StagedCapital(0, 0)).share(plan))


def judge_shares(
    oversight: Oversight, accounts: Iterable[Account], bands: BandBook | None, market_ms: int,
    plan: StagingSettings,
) -> tuple[RiskBook, tuple[Step, ...]]:  # fmt: skip
    """(the wallet's book with where each live activation stands now, the steps they took).

    Tells `bands` how far each is below its peak. One whose band is not known stays where it is: not
    known is neither inside nor out.
    """
    book, steps = oversight.book, list[Step]()
    for account in accounts:
        name = account.activation_id
        standing = oversight.standing(name)
        if standing.live_trades is None:
            continue
        fall = fall_pct(account.equity, account.peak)
        band = None
        if bands is not None:
            bands.fell(name, fall)
            band = bands.band(name)
        before = book.staged.get(name)
        at, move = _judged(before, standing.own_trades, fall, band, market_ms, plan)
        if at != before:
            book = book.stands(name, at)
        if move is not None:
            steps.append(Step(name, move))
    return book, tuple(steps)


def _judged(
    before: StagedCapital | None, trades: int, fall: float, band: DrawdownBand | None,
    market_ms: int, plan: StagingSettings,
) -> tuple[StagedCapital, Move | None]:  # fmt: skip
    if before is None:
        return StagedCapital(0, market_ms, trades), None
    if band is None:
        return before, None
    return before.judged(market_ms, trades, plan, inside=fall <= band.inner_pct)
