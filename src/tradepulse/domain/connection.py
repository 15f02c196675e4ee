"""A user's keys at a venue, as everybody may see them: never the secret."""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode


@dataclass(frozen=True)
class Connection:
    """One account at one venue. `mode` is TESTNET or LIVE; `base_url` replaces the venue's address
    (a sandbox); `key_hint` is the end of the API key, for people to tell keys apart."""

    id: str
    name: str
    exchange: str
    market: Market
    mode: Mode
    key_hint: str
    created_at: int
    base_url: str | None = None
    checked_at: int | None = None
    fault: str | None = None
    user_id: str = "local"
    deleted_at: int | None = None


@dataclass(frozen=True)
class Credentials:
    """What opens the account. Never logged, never sent anywhere but to the venue."""

    api_key: str
    secret: str
    password: str | None = None

    def __repr__(self) -> str:
        return "Credentials(***)"
