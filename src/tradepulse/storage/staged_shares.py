"""How much of their allotment live activations may use, for people to see."""

from __future__ import annotations

from collections.abc import Iterable

from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.settings import StagingSettings
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.staging import StagedCapital
from tradepulse.storage.transaction import Transaction

_FIRST = StagedCapital(0, 0)


def staged_shares(
    tx: Transaction, activations: Iterable[Activation], plan: StagingSettings
) -> dict[str, float]:
    """Shares in (0, 1] by activation, of those with real money; others have no steps to earn."""
    live = [a for a in activations if a.mode is Mode.LIVE]
    books: dict[str, RiskBook] = {}
    for wallet_id in {a.wallet_id for a in live}:
        state = tx.risk_states.find(wallet_id)
        books[wallet_id] = RiskBook() if state is None else RiskBook.from_json(state.latches)
    return {a.id: books[a.wallet_id].staged.get(a.id, _FIRST).share(plan) for a in live}
