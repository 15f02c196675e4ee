"""Limits that people change while engines run: obeyed by the next look, at a venue and on paper."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from ledger_home import NOW, Feeds, Home, walk

from tradepulse.domain.settings import CoolDown, ProtectionSettings, RiskSettings
from tradepulse.engine.risk_desk import RiskDesk
from tradepulse.engine.trading import TradingEngine
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.execution.oversight import Standing


class Ledger:
    """A wallet about which nothing is known."""

    def load(self, _: str) -> None:
        return None

    def save(self, record: Any, _: Any) -> Any:
        return record

    def realised(self, *_: Any) -> Decimal:
        return Decimal(0)

    def standing(self, _: str) -> Standing:
        return Standing()

    def locks(self, *_: Any) -> tuple[()]:
        return ()

    def keep_locks(self, *_: Any) -> None:
        return None

    def closed_trades(self, *_: Any) -> tuple[()]:
        return ()


def test_a_desk_at_a_venue_obeys_within_a_second_of_its_own() -> None:
    wall, wanted = [1_000_000], [RiskSettings()]
    desk = RiskDesk("w", 1_000.0, wanted[0], Ledger(), lambda: wall[0], current=lambda: wanted[0])  # type: ignore[arg-type]
    desk.turn([], wall[0], connected=True, reached=None)
    assert desk.limits.max_open_trades == 10
    wanted[0] = RiskSettings(
        max_open_trades=2, max_leverage=None, breakers={"rejections": 2},  # type: ignore[arg-type]
        protections=ProtectionSettings(cool_down=CoolDown(minutes=5)),
    )  # fmt: skip
    wall[0] += 1_000
    desk.turn([], wall[0], connected=True, reached=None)
    assert (desk.limits.max_open_trades, desk.limits.max_leverage) == (2, None)
    assert desk.settings.breakers.rejections == 2
    assert desk.oversight.panel.settings.rejections == 2
    assert desk.manager.history.horizon_ms > 0


def test_a_paper_engine_obeys_too_and_its_refusals_are_recorded(tmp_path: Path) -> None:
    home, feed = Home(tmp_path), Feeds({"BTC/USDT": walk(400, 1)})
    wanted, wall = [RiskSettings()], [NOW]
    name = home.activate()
    engine = TradingEngine(
        home.journal, feed, PaperExchange, clock=lambda: wall[0], code_version="test",
        capital=10_000.0, batch_bars=50, settings=lambda: wanted[0],
    )  # fmt: skip
    engine.join(name)
    for _ in range(3):
        assert engine.advance()
    before = len(home.journal.trades(name))
    wanted[0] = RiskSettings(apply_to_paper=True, max_exposure=0.0001)
    wall[0] += 1_000
    while engine.advance():
        pass
    assert len(home.journal.trades(name)) <= before + 1
    refused = [row for row in home.journal.signals(name) if row.reason == "exposure"]
    assert refused
    assert {found.reason for found in home.journal.interventions(name)} == {"exposure"}
