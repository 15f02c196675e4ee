"""Paper wallets that nobody has to make by hand: the home's first, and one for each replay."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.event import NewEvent
from tradepulse.domain.instrument import Pair
from tradepulse.domain.ledger import Activation, Wallet
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.money import money, to_text
from tradepulse.domain.settings import PaperSettings
from tradepulse.storage.transaction import Transaction

# How the wallets of a replay and of a fall-back are called. Nobody else trades on them: two runs
# never mix.
_REPLAY, _FALLBACK = "replay of ", "fallback of "


def paper_wallet(tx: Transaction, paper: PaperSettings, quote: str, now_ms: int) -> Wallet:
    """The oldest paper wallet in that quote currency that is nobody's own; one is made where
    there is none."""
    known = [
        w for w in tx.wallets.page(mode=Mode.PAPER, user_id=tx.user_id, limit=1000).items
        if w.quote == quote and not w.name.startswith((_REPLAY, _FALLBACK))
    ]  # fmt: skip
    return known[0] if known else named_wallet(tx, "paper", paper, quote, now_ms)


def named_wallet(
    tx: Transaction, name: str, paper: PaperSettings, quote: str, now_ms: int
) -> Wallet:
    """The paper wallet of that name and quote currency; one with the settings' cash is made where
    there is none. A wallet in another currency than the settings' carries it in its name."""
    full = name if quote == paper.quote else f"{name} {quote}"
    mine = tx.wallets.page(mode=Mode.PAPER, user_id=tx.user_id, limit=1000).items
    known = [w for w in mine if w.name == full]
    return known[0] if known else own_wallet(tx, full, quote, paper.cash, now_ms)


def quote_of(configuration: Configuration) -> str:
    """The currency a wallet must hold to trade the configuration's pair."""
    pair = Pair.parse(configuration.pair)
    return pair.settle or pair.quote


def replay_wallet(tx: Transaction, configuration: Configuration, now_ms: int) -> Wallet:
    """A new wallet with the initial cash of the configuration's rules."""
    cash = money(float(configuration.rules["initial_cash"]))
    quote = quote_of(configuration)
    return own_wallet(tx, f"{_REPLAY}{configuration.id[:8]}", quote, cash, now_ms)


def fallback_wallet(tx: Transaction, left: Activation, quote: str, now_ms: int) -> Wallet:
    """A new wallet with the capital of the activation that left its venue."""
    name = f"{_FALLBACK}{left.id[:8]}"
    return own_wallet(tx, name, quote, left.allotment, now_ms, user_id=left.user_id)


def own_wallet(
    tx: Transaction, name: str, quote: str, balance: Decimal, now_ms: int, *,
    user_id: str | None = None,
) -> Wallet:  # fmt: skip
    """A new paper wallet with that balance, of that user (None: whoever the transaction is of)."""
    owner = user_id or tx.user_id
    wallet = Wallet(str(uuid4()), name, quote, balance, Mode.PAPER, now_ms, owner)
    payload = {"name": name, "balance": to_text(balance), "quote": quote}
    tx.wallets.insert(wallet)
    tx.events.append(NewEvent(now_ms, "wallet.created", "wallet", wallet.id, payload, owner))
    return wallet
