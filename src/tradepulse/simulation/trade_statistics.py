"""What a list of closed trades says, from their sums alone.

The fill kernel keeps the sums while it runs, so a sweep needs no list of trades. A trade with a
profit of exactly zero counts as a trade, neither as a win nor as a loss. NaN means not defined.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tradepulse.domain.bars import Floats
from tradepulse.signals.jit import kernel

# As in `returns`: a spread of rounding errors is no spread.
_RELATIVE_ZERO = 1e-12


class TradeSums(NamedTuple):
    """Counts and sums over closed trades; money in quote units, R in initial stop distances.

    `gross_loss` is at most 0; `with_r` counts the trades that had a stop and therefore an R.
    """

    trades: int
    wins: int
    losses: int
    gross_profit: float
    gross_loss: float
    with_r: int
    sum_r: float
    sum_r_squared: float


@kernel
def trade_sums(pnl: Floats, r: Floats) -> TradeSums:
    """The sums of net profits `pnl` and R multiples `r` (NaN: the trade had no stop)."""
    wins = losses = with_r = 0
    gross_profit = gross_loss = sum_r = sum_r_squared = 0.0
    for i in range(len(pnl)):
        if pnl[i] > 0.0:
            wins += 1
            gross_profit += pnl[i]
        elif pnl[i] < 0.0:
            losses += 1
            gross_loss += pnl[i]
        if not math.isnan(r[i]):
            with_r += 1
            sum_r += r[i]
            sum_r_squared += r[i] * r[i]
    return TradeSums(len(pnl), wins, losses, gross_profit, gross_loss, with_r, sum_r, sum_r_squared)


@kernel
def profit_factor(gross_profit: float, gross_loss: float) -> float:
    """Gross profit over the size of gross loss; NaN without a loss (shown as n/a, not infinity)."""
    return gross_profit / abs(gross_loss) if gross_loss < 0.0 else math.nan


@kernel
def win_rate(wins: int, losses: int) -> float:
    """Wins over wins and losses, trades of zero profit left out; NaN of neither."""
    return wins / (wins + losses) if wins + losses > 0 else math.nan


@kernel
def expectancy(total: float, count: int) -> float:
    """Mean of `count` values that sum to `total`: of profits in quote units, or of R multiples."""
    return total / count if count > 0 else math.nan


@kernel
def sqn(count: int, sum_r: float, sum_r_squared: float) -> float:
    """System quality number: √n × mean R / standard deviation of R (ddof 1).

    NaN below two trades with an R and where all R are equal. The root is not capped at 10:
    the count stands beside it.
    """
    if count < 2:
        return math.nan
    centre = sum_r / count
    variance = (sum_r_squared - count * centre * centre) / (count - 1)
    if not variance > _RELATIVE_ZERO * sum_r_squared / count:
        return math.nan
    return math.sqrt(count) * centre / math.sqrt(variance)


@kernel
def kelly(sums: TradeSums) -> float:
    """Kelly's fraction w - (1 - w) / payoff, payoff = mean win / mean loss; NaN without both."""
    if sums.wins == 0 or sums.losses == 0:
        return math.nan
    chance = sums.wins / (sums.wins + sums.losses)
    payoff = (sums.gross_profit / sums.wins) / (-sums.gross_loss / sums.losses)
    return chance - (1.0 - chance) / payoff
