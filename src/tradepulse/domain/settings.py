"""Settings as values: every section and key, its default, and what it may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from tradepulse.domain.lifecycle import Stage

# A position's notional in percent of the wallet, by what the configuration has shown. Stages that
# are not named get nothing.
STAGE_CAPS_PCT = {
    Stage.DISCOVERY: 2.0, Stage.VALIDATION: 5.0, Stage.MATURE: 10.0, Stage.WATCH: 3.0,
}  # fmt: skip


class Section(BaseModel):
    """A section of the settings file. A key it does not declare is an error, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ApiSettings(Section):
    """Where the API and its page are served. Beyond this machine only under TLS (`tls_cert` and
    `tls_key`, PEM files), or with `allow_remote`: another guard stands before it.

    A user may make `requests_per_second` in the long run and `requests_burst` at once; who has not
    signed in a tenth of that (None: no limit). `cors_origins`: sites whose pages may call the API.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    allow_remote: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    requests_per_second: float | None = Field(default=250.0, gt=0)
    requests_burst: int = Field(default=500, ge=1)
    cors_origins: tuple[str, ...] = ()

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _listed(cls, origins: object) -> object:
        # An environment variable can only write `https://a,https://b`.
        return (
            [part.strip() for part in origins.split(",")] if isinstance(origins, str) else origins
        )

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"https?://[^/*\s]+", origin):
                raise ValueError(f"{origin!r} is no origin, such as https://desk.example")
        return origins

    @model_validator(mode="after")
    def _both_or_none(self) -> ApiSettings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together")
        return self

    @property
    def has_tls(self) -> bool:
        return self.tls_cert is not None


class AuthSettings(Section):
    """`admin_password` is the first admin's, else one is made and shown once. An access token
    lasts `access_minutes`; who does not come back for `refresh_days` signs in anew.
    `open_registration`: strangers may make themselves viewers."""

    admin_password: SecretStr | None = None
    access_minutes: int = Field(default=15, ge=1, le=1440)
    refresh_days: int = Field(default=14, ge=1, le=90)
    open_registration: bool = False


class DatabaseSettings(Section):
    """`url` None is the home's own SQLite file."""

    url: str | None = None


class BarsSettings(Section):
    """`url` None is the home's own data folder."""

    url: str | None = None


class PaperSettings(Section):
    """A new paper wallet: its cash, and the quote currency it is counted in."""

    cash: Decimal = Field(default=Decimal(10_000), gt=0)
    quote: str = "USDT"


class ExchangeSettings(Section):
    """`base_url` replaces the venue's own address, for a sandbox."""

    base_url: str | None = None


class CoolDown(Section):
    """An activation takes no entry for `minutes` after its trade has closed."""

    minutes: int = Field(gt=0)
    after_losses_only: bool = False


class StopLossGuard(Section):
    """The wallet (or with `per_pair` the pair) pauses after `trades` losing stop-outs within the
    look-back."""

    trades: int = Field(default=4, ge=1)
    lookback_minutes: int = Field(default=1440, gt=0)
    pause_minutes: int = Field(default=720, gt=0)
    per_pair: bool = False


class LowProfitPause(Section):
    """A pair pauses when its trades within the look-back, at least `trades`, made less than
    `required_pct` percent in sum."""

    trades: int = Field(default=4, ge=1)
    lookback_minutes: int = Field(default=10_080, gt=0)
    required_pct: float = 0.0
    pause_minutes: int = Field(default=1440, gt=0)


class DrawdownPause(Section):
    """The wallet pauses when the closed trades within the look-back, at least `trades`, fell by
    `most_pct` percent of its capital from their best."""

    trades: int = Field(default=4, ge=1)
    lookback_minutes: int = Field(default=1440, gt=0)
    most_pct: float = Field(default=5.0, gt=0)
    pause_minutes: int = Field(default=720, gt=0)


class ProtectionSettings(Section):
    """Pauses after bad trades, the same in backtest, paper and live. None: not used."""

    cool_down: CoolDown | None = None
    stop_loss_guard: StopLossGuard | None = None
    low_profit: LowProfitPause | None = None
    drawdown: DrawdownPause | None = None


class BreakerSettings(Section):
    """When trading pauses because the world is not as usual.

    Abnormal volatility: a one-minute return beyond `volatility_factor` times the median absolute
    one-minute return of 24 hours, and beyond `volatility_floor_bps`; it ends when none was seen for
    `volatility_calm_minutes`. The others end `calm_s` after their cause.
    """

    volatility_factor: float = Field(default=8.0, gt=0)
    volatility_floor_bps: float = Field(default=200.0, ge=0)
    volatility_calm_minutes: int = Field(default=360, gt=0)
    stale_feed_s: float = Field(default=60.0, gt=0)
    disconnected_s: float = Field(default=15.0, ge=0)
    rejections: int = Field(default=5, ge=1)
    rejections_within_s: float = Field(default=600.0, gt=0)
    rejections_pause_s: float = Field(default=900.0, gt=0)
    clock_skew_ms: float = Field(default=1000.0, gt=0)
    outage_s: float = Field(default=30.0, ge=0)
    calm_s: float = Field(default=10.0, ge=0)


class StagingSettings(Section):
    """How much of its allotment a live activation may use: a step up only after `trades` closed
    trades and `days` days inside its drawdown band at the step, a step down at once."""

    steps_pct: tuple[float, ...] = (5.0, 10.0, 25.0, 50.0, 100.0)
    trades: int = Field(default=30, ge=1)
    days: int = Field(default=30, ge=1)

    @field_validator("steps_pct", mode="before")
    @classmethod
    def _listed(cls, steps: object) -> object:
        # An environment variable can only write `5,10,25`.
        return steps.split(",") if isinstance(steps, str) else steps

    @field_validator("steps_pct")
    @classmethod
    def _rises(cls, steps: tuple[float, ...]) -> tuple[float, ...]:
        known = bool(steps) and steps[0] > 0.0 and steps[-1] <= 100.0
        if not known or any(low >= high for low, high in pairwise(steps)):
            raise ValueError("steps rise from above 0 to at most 100 percent")
        return steps


class FallbackSettings(Section):
    """When real money ends by itself: `faults` within `within_hours`, the drawdown band, parity.

    `to_paper`: a paper activation of the same goes on; without it the live one is only held to its
    exits. What a person lifts is not held again for the same reason within those hours.
    """

    faults: int = Field(default=2, ge=1)
    within_hours: float = Field(default=24.0, gt=0)
    to_paper: bool = True


class RiskSettings(Section):
    """Limits of every wallet that sends orders to a venue; docs/guides/risk.md says what each is
    for. None: no such limit. Paper wallets have the first two only, and only with
    `apply_to_paper`."""

    apply_to_paper: bool = False
    max_open_trades: int | None = Field(default=10, ge=1)
    max_exposure: float | None = Field(default=1.0, gt=0)
    risk_per_trade_pct: float | None = Field(default=1.0, gt=0)
    max_instrument_exposure: float | None = Field(default=0.25, gt=0)
    max_daily_loss_pct: float | None = Field(default=5.0, gt=0)
    max_drawdown_pct: float | None = Field(default=20.0, gt=0)
    max_leverage: float | None = Field(default=3.0, gt=0)
    max_orders_per_minute: int | None = Field(default=60, ge=1)
    max_correlated_entries: int | None = Field(default=2, ge=1)
    cluster_threshold: float = Field(default=0.8, gt=0, lt=1)
    min_equity: float | None = Field(default=None, gt=0)
    stage_cap_pct: dict[Stage, Annotated[float, Field(ge=0)]] | None = Field(
        default_factory=lambda: dict(STAGE_CAPS_PCT)
    )
    total_cap_pct: float | None = Field(default=50.0, gt=0)
    live_cap_pct: float | None = Field(default=2.0, gt=0)
    live_cap_quote: float | None = Field(default=100.0, gt=0)
    live_cap_trades: int = Field(default=30, ge=1)
    disaster_stop_pct: float = Field(default=10.0, gt=0, lt=100)
    protections: ProtectionSettings = ProtectionSettings()
    breakers: BreakerSettings = BreakerSettings()
    staging: StagingSettings = StagingSettings()
    fallback: FallbackSettings = FallbackSettings()

    @field_validator("stage_cap_pct", mode="before")
    @classmethod
    def _by_stage(cls, caps: object) -> object:
        """Stages in any case, for environment variables; one that is left out keeps its default."""
        if not isinstance(caps, Mapping):
            return caps
        merged: dict[str, object] = {str(stage): cap for stage, cap in STAGE_CAPS_PCT.items()}
        return merged | {str(stage).upper(): cap for stage, cap in caps.items()}


class Settings(Section):
    """All settings of one home."""

    api: ApiSettings = ApiSettings()
    auth: AuthSettings = AuthSettings()
    database: DatabaseSettings = DatabaseSettings()
    bars: BarsSettings = BarsSettings()
    paper: PaperSettings = PaperSettings()
    risk: RiskSettings = RiskSettings()
    exchanges: dict[str, ExchangeSettings] = Field(default_factory=dict)
