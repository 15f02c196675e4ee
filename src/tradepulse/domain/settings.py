"""Settings as values: every section and key, its default, and what it may be."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    """A section of the settings file. A key it does not declare is an error, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ApiSettings(Section):
    """Where the API and its page are served. `allow_remote`: not on this machine alone."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    allow_remote: bool = False


class AuthSettings(Section):
    """`admin_password` makes the first admin without a prompt."""

    admin_password: SecretStr | None = None


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


class Settings(Section):
    """All settings of one home."""

    api: ApiSettings = ApiSettings()
    auth: AuthSettings = AuthSettings()
    database: DatabaseSettings = DatabaseSettings()
    bars: BarsSettings = BarsSettings()
    paper: PaperSettings = PaperSettings()
    exchanges: dict[str, ExchangeSettings] = Field(default_factory=dict)
