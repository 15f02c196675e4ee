"""How much of a wallet one position may be, by how much its configuration's evidence is worth."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from tradepulse.domain.lifecycle import Stage

# Shares of a wallet. A stage that is not here may hold nothing.
_CAPS = MappingProxyType(
    {
        Stage.DISCOVERY: Decimal("0.02"),
        Stage.VALIDATION: Decimal("0.05"),
        Stage.MATURE: Decimal("0.10"),
        Stage.WATCH: Decimal("0.03"),
    }
)
# All positions of a wallet together.
WALLET_CAP = Decimal("0.50")


def position_cap(stage: Stage) -> Decimal:
    """The largest share of a wallet that one position may be worth at its entry; 0 from DECAYED
    on: such a configuration trades no more."""
    return _CAPS.get(stage, Decimal(0))
