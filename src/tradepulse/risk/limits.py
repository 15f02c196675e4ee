"""The limits of a wallet, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from tradepulse.domain.errors import UsageError
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.settings import RiskSettings

_WHOLE = frozenset(
    {"max_open_trades", "max_orders_per_minute", "max_correlated_entries", "live_cap_trades"}
)


@dataclass(frozen=True)
class Limits:
    """Limits of a wallet; None means no limit. `_pct` is percent of the wallet's equity.

    `max_open_trades` counts positions and entries under way over all activations; `max_exposure` is
    their notional as a multiple of the wallet's capital, `max_instrument_exposure` that of one
    pair. `risk_per_trade_pct`: what a stop-out may lose. `max_daily_loss_pct` is against the equity
    at midnight UTC, `max_drawdown_pct` against its peak. `max_correlated_entries`: trades open at
    once in one cluster of correlated pairs. `stage_cap_pct`: a position's notional by the
    configuration's stage, nothing for a stage it does not name; `total_cap_pct` that of all
    positions. `live_cap_pct` and `live_cap_quote`: a position with real money of a configuration
    that is not MATURE, until it has closed `live_cap_trades` of them. `disaster_stop_pct`: where
    the stop of a strategy without one is, off its entry. `cluster_threshold` and `live_cap_trades`
    say how, not how much: they are never None. Error `bad_limits`.
    """

    max_open_trades: int | None = None
    max_exposure: float | None = None
    risk_per_trade_pct: float | None = None
    max_instrument_exposure: float | None = None
    max_daily_loss_pct: float | None = None
    max_drawdown_pct: float | None = None
    max_leverage: float | None = None
    max_orders_per_minute: int | None = None
    max_correlated_entries: int | None = None
    min_equity: float | None = None
    stage_cap_pct: Mapping[Stage, float] | None = field(default=None, hash=False)
    total_cap_pct: float | None = None
    live_cap_pct: float | None = None
    live_cap_quote: float | None = None
    disaster_stop_pct: float | None = None
    cluster_threshold: float = 0.8
    live_cap_trades: int = 30

    def __post_init__(self) -> None:
        for name in _WHOLE:
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or int(value) != value or value < 1):
                raise _bad(name, "a whole number of at least 1, or none", value)
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name in _WHOLE or value is None or isinstance(value, Mapping):
                continue
            if not value > 0:
                raise _bad(entry.name, "a number above 0, or none", value)
        if not self.cluster_threshold < 1.0:
            raise _bad("cluster_threshold", "a correlation between 0 and 1", self.cluster_threshold)
        for stage, cap in (self.stage_cap_pct or {}).items():
            if stage not in set(Stage) or not cap >= 0:
                raise _bad("stage_cap_pct", "a percentage of at least 0 by stage", (stage, cap))

    @classmethod
    def from_settings(cls, section: RiskSettings) -> Limits:
        """The limits that orders at a venue are held to."""
        names = {entry.name for entry in fields(cls)}
        return cls(**{name: value for name, value in dict(section).items() if name in names})

    @classmethod
    def for_paper(cls, section: RiskSettings) -> Limits:
        """The limits of a paper wallet: none, or with `apply_to_paper` those that ask for nothing
        but the wallet's own positions. Paper trading measures a configuration, and is compared with
        its backtest; caps by stage would measure the cap."""
        if not section.apply_to_paper:
            return cls()
        return cls(section.max_open_trades, section.max_exposure)


def _bad(name: str, expected: str, found: object) -> UsageError:
    return UsageError(
        "bad_limits", f"limit {name!r} is wrong", expected=expected, found=repr(found)
    )
