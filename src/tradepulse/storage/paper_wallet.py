"""Paper wallets that nobody has to make by hand: the home's first, and one for each replay."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.event import NewEvent
from tradepulse.domain.instrument import Pair
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.money import money, to_text
from tradepulse.domain.settings import PaperSettings
from tradepulse.storage.transaction import Transaction

# How the wallet of a replay is called. Nobody else trades on it: two runs never mix.
_REPLAY = "replay of "


def paper_wallet(tx: Transaction, paper: PaperSettings, quote: str, now_ms: int) -> Wallet:
    """The oldest paper wallet in that quote currency that is not a replay's; one is made where
    there is none."""
    known = [
        w for w in tx.wallets.page(mode=Mode.PAPER, sort="created_at", limit=1000).items
        if w.quote == quote and not w.name.startswith(_REPLAY)
    ]  # fmt: skip
    return known[0] if known else named_wallet(tx, "paper", paper, quote, now_ms)


def named_wallet(
    tx: Transaction, name: str, paper: PaperSettings, quote: str, now_ms: int
) -> Wallet:
    """The paper wallet of that name and quote currency; one with the settings' cash is made where
    there is none. A wallet in another currency than the settings' carries it in its name."""
    full = name if quote == paper.quote else f"{name} {quote}"
    known = [w for w in tx.wallets.page(mode=Mode.PAPER, limit=1000).items if w.name == full]
    return known[0] if known else _made(tx, full, quote, paper.cash, now_ms)


def quote_of(configuration: Configuration) -> str:
    """The currency a wallet must hold to trade the configuration's pair."""
    pair = Pair.parse(configuration.pair)
    return pair.settle or pair.quote


def replay_wallet(tx: Transaction, configuration: Configuration, now_ms: int) -> Wallet:
    """A new wallet with the initial cash of the configuration's rules."""
    cash = money(float(configuration.rules["initial_cash"]))
    quote = quote_of(configuration)
    return _made(tx, f"{_REPLAY}{configuration.id[:8]}", quote, cash, now_ms)


def _made(tx: Transaction, name: str, quote: str, balance: Decimal, now_ms: int) -> Wallet:
    wallet = Wallet(str(uuid4()), name, quote, balance, Mode.PAPER, now_ms)
    payload = {"name": name, "balance": to_text(balance), "quote": quote}
    tx.wallets.insert(wallet)
    tx.events.append(NewEvent(now_ms, "wallet.created", "wallet", wallet.id, payload))
    return wallet
