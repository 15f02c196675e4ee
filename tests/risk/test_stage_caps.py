"""How much of a wallet a stage is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradepulse.domain.lifecycle import Stage
from tradepulse.risk.stage_caps import WALLET_CAP, position_cap

CAPS = {
    Stage.DISCOVERY: "0.02", Stage.VALIDATION: "0.05", Stage.MATURE: "0.10", Stage.WATCH: "0.03",
    Stage.DECAYED: "0", Stage.RETIRED: "0",
}  # fmt: skip


@pytest.mark.parametrize("stage", Stage)
def test_cap_of_a_stage(stage: Stage) -> None:
    assert position_cap(stage) == Decimal(CAPS[stage])
    assert position_cap(stage) <= WALLET_CAP
