"""Pauses after bad trades: the same entries refused in a portfolio backtest and by the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ledger_home import Feeds, Home, Restless, engine_on, run_to_end, walk

import tradepulse as tp
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.settings import ProtectionSettings
from tradepulse.engine.parity import verify_parity
from tradepulse.engine.portfolio_backtest import PortfolioItem, backtest_portfolio
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.risk.protections import PROTECTION_CODES
from tradepulse.simulation.rules import Rules

PAIRS = {"c1": "BTC/USDT", "c2": "ETH/USDT", "c3": "SOL/USDT"}
BARS = {pair: walk(900, seed) for seed, pair in enumerate(PAIRS.values())}
RULES = Rules(tick=0.01, lot=0.0001)
MINUTE = 60_000
EACH: dict[str, dict[str, Any]] = {
    "cool_down": {"cool_down": {"minutes": 7}},
    "stop_loss_guard": {
        "stop_loss_guard": {"trades": 3, "lookback_minutes": 90, "pause_minutes": 45}
    },
    "low_profit": {"low_profit": {"trades": 3, "lookback_minutes": 120, "pause_minutes": 60}},
    "drawdown_pause": {
        "drawdown": {"trades": 3, "lookback_minutes": 120, "most_pct": 0.4, "pause_minutes": 60}
    },
}  # fmt: skip
ALL = {name: rule for rules in EACH.values() for name, rule in rules.items()}


def backtest(protections: Any, *more: Any) -> Any:
    items = [
        PortfolioItem(Restless().graph, bars, RULES, pair, allotment=3_000.0)
        for pair, bars in BARS.items()
    ]
    return backtest_portfolio(
        items, 10_000.0, *more, protections=protections, exchange=PaperExchange
    )


def paper(folder: Path, protections: dict[str, Any], **about: Any) -> tuple[Home, dict[str, str]]:
    """The same three on one paper wallet, run to their end by the engine."""
    home = Home(folder)
    names = {pair: home.activate(c, pair=pair, allotment=3_000) for c, pair in PAIRS.items()}
    settings = ProtectionSettings.model_validate(protections)
    engine = engine_on(home, Feeds(BARS), protections=settings, **about)
    run_to_end(engine, *names.values())
    return home, names


def traded(frame: pl.DataFrame) -> list[tuple[int, str]]:
    return sorted(frame.select("entry_time", "exit_reason").iter_rows())


@pytest.mark.parametrize("name", EACH)
def test_each_protection_refuses_entries_and_the_kernel_knows(name: str) -> None:
    free, held = backtest(None), backtest(EACH[name])
    assert sum(counts.get(name, 0) for counts in held.refused) > 3
    assert set().union(*held.refused) == {name}
    assert held.trades.height < free.trades.height


def test_a_cool_down_is_kept_by_every_trade() -> None:
    # Restless leaves a bar by its open or inside it: either way it is known at the bar's close.
    for result in backtest(EACH["cool_down"]).results:
        trades = result.trades.sort("entry_time")
        pauses = trades["entry_time"][1:] - (trades["exit_time"][:-1] + MINUTE)
        assert trades.height > 10
        assert (pauses >= 7 * MINUTE).all()


@pytest.mark.parametrize("name", [*EACH, "all"])
def test_the_paper_engine_refuses_the_same(tmp_path: Path, name: str) -> None:
    rules = ALL if name == "all" else EACH[name]
    together = backtest(rules)
    home, names = paper(tmp_path, rules)
    for pair, result, refused in zip(BARS, together.results, together.refused, strict=True):
        trades = home.journal.trades(names[pair])
        assert [(t.entry_time, str(t.exit_reason)) for t in trades] == traded(result.trades)
        said = [s.reason for s in home.journal.signals(names[pair]) if s.verdict == "refused"]
        counted = {code: said.count(code) for code in set(said) & PROTECTION_CODES}
        # The engine records every signal that was refused, the kernel asks where it was decided.
        assert counted.keys() == refused.keys()
        assert verify_parity(home.journal, Feeds(BARS), names[pair]).verdict == "identical"


def test_a_restart_finds_the_pauses_again(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole, names = paper(tmp_path / "whole", ALL)
    (tmp_path / "torn").mkdir()
    home = Home(tmp_path / "torn")
    settings = ProtectionSettings.model_validate(ALL)
    torn = {pair: home.activate(c, pair=pair, allotment=3_000) for c, pair in PAIRS.items()}
    moved = True
    while moved:
        engine = engine_on(home, Feeds(BARS), protections=settings, batch_bars=97)
        for name in torn.values():
            engine.join(name)
        moved = bool(engine.advance())
    for pair in BARS:
        one, other = whole.journal.trades(names[pair]), home.journal.trades(torn[pair])
        assert [(t.entry_time, t.pnl) for t in one] == [(t.entry_time, t.pnl) for t in other]


def test_from_a_notebook() -> None:
    bars = walk(900)
    items = [(Restless(), bars, RULES)]
    free = tp.backtest_portfolio(items, 1_000.0)
    held = tp.backtest_portfolio(items, 1_000.0, protections=EACH["cool_down"])
    assert held.trades.height < free.trades.height


@pytest.mark.parametrize(
    ("protections", "limits", "code"),
    [({"cool_down": {"hours": 1}}, None, "bad_protections"),
     ({"nap": {}}, None, "bad_protections"),
     ({"drawdown": {"most_pct": -1}}, None, "bad_protections"),
     (None, {"max_daily_loss_pct": 5.0}, "bad_limits")],
)  # fmt: skip
def test_what_a_backtest_cannot_apply_is_refused(protections: Any, limits: Any, code: str) -> None:
    with pytest.raises(TradePulseError) as caught:
        backtest(protections, None, limits)
    assert caught.value.code == code
