"""How patient a venue adapter is, and how it shapes its stops."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VenueSettings:
    """`wait_s`: how long `prepare`, `terms` and `snapshot` wait. `patience_ms`: for how long a
    request may go unanswered before the next of its pair leaves. `echo_ms`: how soon the account
    stream must speak of an order the venue has taken. `stop_limit_offset_bps`: how far beyond its
    trigger a spot stop's limit lies. `working_type`: the price that triggers a contract's stop;
    `CONTRACT_PRICE` as in the backtest, whose bars are made of trades, or `MARK_PRICE`.
    """

    wait_s: float = 15.0
    sign_in_s: float = 12.0
    patience_ms: int = 2_000
    echo_ms: int = 4_000
    # A fill that the venue has counted but not told: asked for after these pauses, then left to the
    # engine's reconciliation.
    chase_ms: tuple[int, ...] = (1_000, 2_000, 4_000, 8_000)
    orphan_ms: int = 1_500
    stop_limit_offset_bps: int = 100
    working_type: str = "CONTRACT_PRICE"
    # Binance lets a listen key run out after 60 minutes, and ends every socket after 24 hours.
    renew_s: float = 1_200.0
    recycle_s: float = 23 * 3_600.0
    clock_s: float = 600.0
    replay_clock_s: float = 5.0
    quiet_prices_s: float = 60.0
    price_news_ms: int = 50
    retry_s: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
    terms_age_ms: int = 3_600_000
