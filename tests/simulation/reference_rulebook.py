"""The rulebook of fills once more, slowly: plain Python, one bar at a time, exact decimal rounding.

Written from docs/FILL_RULES.md alone and sharing no code with the package, so that the kernel has
something to disagree with. Quantities of one run live in one object; nothing here is fast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

NONE = math.nan


def given(value: float) -> bool:
    return not math.isnan(value)


def to_step(value: float, step: float, up: bool) -> float:
    """Rounded to a step; within 1e-9 of one counts as on it. Exact decimals of the step."""
    if not step or not given(value):
        return value
    size = Decimal(repr(step))
    ratio = Decimal(repr(value)) / size
    whole = ratio.to_integral_value()
    if abs(ratio - whole) > Decimal("1e-9") + abs(ratio) * Decimal("4e-16"):
        whole = ratio.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    return float(whole * size)


def against(price: float, buys: bool, tick: float) -> float:
    return to_step(price, tick, up=buys)


def steps_between(a: float, b: float, tick: float) -> Decimal:
    """(a - b) in ticks; without a tick in price. Numbers within 1e-9 of a tick are on it."""
    if not tick:
        return Decimal(repr(a)) - Decimal(repr(b))
    size = Decimal(repr(tick))

    def in_ticks(value: float) -> Decimal:
        ratio = Decimal(repr(value)) / size
        whole = ratio.to_integral_value()
        near = abs(ratio - whole) <= Decimal("1e-9") + abs(ratio) * Decimal("4e-16")
        return whole if near else ratio

    return in_ticks(a) - in_ticks(b)


@dataclass
class Order:
    side: int
    quantity: float
    stop: float
    target: float
    trail: float
    stop_price: float
    target_price: float
    max_bars: float


@dataclass
class Position:
    side: int
    quantity: float
    entry: float
    time: int
    index: int
    margin: float
    stop: float
    target: float
    trail: float
    trailing: bool
    max_bars: float
    risk: float
    fees: float
    funding: float = 0.0
    total: float = 0.0
    sold: list[tuple[float, float]] = field(default_factory=list)
    high: float = 0.0
    low: float = 0.0
    liquidation: float = NONE


class Book:
    """One account over one run of bars. `bars` are dicts; `rules` a dict of plain numbers."""

    def __init__(self, rules: dict[str, Any], interval: int) -> None:
        self.r = rules
        self.interval = interval
        self.wallet = float(rules["cash"])
        self.position: Position | None = None
        self.order: Order | None = None
        self.leaving: str | None = None
        self.trades: list[dict[str, Any]] = []
        self.equity: list[float] = []
        self.refused: dict[str, int] = {}
        self.ambiguous = 0
        self.bankrupt = False
        self.index = 0
        self.stamps: list[tuple[int, float]] = []
        self.detail: list[dict[str, float]] = []

    # -- one bar -------------------------------------------------------------------------------
    def bar(self, bar: dict[str, Any], signal: dict[str, Any]) -> None:
        self.pay(bar, before=bar["time"] + 1)
        if bar["volume"] > 0:
            if self.position and self.leaving:
                self.market_exit(bar, bar["open"], self.leaving, bar["time"])
            if not self.position and self.order:
                self.enter(bar)
        self.pay(bar, before=bar["time"] + self.interval)
        if bar["volume"] > 0 and self.position and self.position.index != self.index:
            self.gap(bar)
        if bar["volume"] > 0 and self.position:
            self.inside(bar)
        self.close(bar, signal)
        self.index += 1

    def pay(self, bar: dict[str, Any], before: int) -> None:
        while self.stamps and self.stamps[0][0] < before:
            _, rate = self.stamps.pop(0)
            position = self.position
            if position:
                cash = -position.side * position.quantity * bar["mark_open"] * rate
                self.wallet += cash
                position.margin += cash
                position.funding += cash
                self.relevel(position)

    def tier(self, notional: float) -> tuple[float, float, float]:
        rate, amount, most = self.r["mmr"], 0.0, math.inf
        for floor, tier_rate, tier_amount, leverage in self.r["tiers"]:
            if notional >= floor:
                rate, amount, most = tier_rate, tier_amount, leverage
        return rate, amount, most

    def relevel(self, p: Position) -> None:
        if not self.r["perpetual"]:
            return
        rate, amount, _ = self.tier(p.quantity * p.entry)
        level = (p.margin + amount - p.side * p.quantity * p.entry) / (
            p.quantity * rate - p.side * p.quantity
        )
        p.liquidation = level if level > 0 else NONE

    # -- fills -----------------------------------------------------------------------------------
    def fillable(self, quantity: float, volume: float) -> float:
        cap = self.r["cap"]
        if cap is None or quantity <= cap * volume:
            return quantity
        return to_step(cap * volume, self.r["lot"], up=False)

    def worse(self, price: float, buys: bool, quantity: float, volume: float) -> float:
        part = self.r["slip"] + self.r["impact"] * math.sqrt(quantity / volume)
        return against(price * (1 + part if buys else 1 - part), buys, self.r["tick"])

    def refuse(self, why: str) -> None:
        self.refused[why] = self.refused.get(why, 0) + 1

    def enter(self, bar: dict[str, Any]) -> None:  # noqa: PLR0911
        order, self.order = self.order, None
        assert order is not None
        side, tick = order.side, self.r["tick"]
        wanted = self.fillable(order.quantity, bar["volume"])
        price = self.worse(bar["open"], side > 0, wanted, bar["volume"])
        each = price / self.r["leverage"] + price * self.r["taker"]
        quantity = to_step(min(wanted, max(self.wallet, 0.0) / each), self.r["lot"], up=False)

        def level(distance: float, absolute: float, way: int) -> float:
            raw = absolute if given(absolute) else price + way * side * distance
            return to_step(raw, tick, up=way * side > 0)

        stop = level(order.stop, order.stop_price, -1)
        target = level(order.target, order.target_price, 1)
        trail = level(order.trail, NONE, -1)
        in_force = stop
        trailing = given(trail) and (not given(stop) or side * (trail - stop) > 0)
        if trailing:
            in_force = trail
        fresh = Position(
            side, quantity, price, bar["time"], self.index, quantity * price / self.r["leverage"],
            in_force, target, order.trail, trailing, order.max_bars, abs(price - in_force), 0.0,
            total=quantity, high=price, low=price,
        )  # fmt: skip
        if (given(stop) and side * (price - stop) <= 0) or (
            given(target) and side * (target - price) <= 0
        ):
            return self.refuse("level_passed")
        if given(stop) and stop <= 0:
            return self.refuse("bad_level")
        if quantity <= 0:
            return self.refuse("no_quantity")
        if quantity * price < self.r["min_notional"] * (1 - 1e-12):
            return self.refuse("min_notional")
        if self.r["perpetual"]:
            if self.r["leverage"] > self.tier(quantity * price)[2]:
                return self.refuse("leverage_tier")
            self.relevel(fresh)
            if given(fresh.liquidation) and side * (in_force - fresh.liquidation) <= 0:
                return self.refuse("stop_beyond_liquidation")
            if given(in_force) and in_force <= 0:
                return self.refuse("bad_level")
        fresh.fees = quantity * price * self.r["taker"]
        self.wallet -= fresh.fees
        self.position = fresh
        return None

    def sell(
        self, bar: dict[str, Any], quantity: float, price: float, fee: float, why: str, time: int
    ) -> None:
        p = self.position
        assert p is not None
        self.wallet += p.side * quantity * (price - p.entry) - fee
        p.fees += fee
        p.sold.append((quantity, price))
        if quantity < p.quantity:
            p.margin *= (p.quantity - quantity) / p.quantity
            p.quantity -= quantity
            self.relevel(p)
            return
        value = sum(q * at for q, at in p.sold)
        exit_price = value / p.total
        pnl = p.side * (value - p.total * p.entry) - p.fees + p.funding
        high, low = max(p.high, bar["open"], price), min(p.low, bar["open"], price)
        worst, best = (low, high) if p.side > 0 else (high, low)
        self.trades.append(
            {
                "side": p.side, "entry_time": p.time, "entry_price": p.entry, "quantity": p.total,
                "exit_time": time, "exit_price": exit_price, "exit_reason": why, "fees": p.fees,
                "funding": p.funding, "pnl": pnl, "pnl_pct": 100 * pnl / (p.total * p.entry),
                "mae_pct": 100 * p.side * (worst / p.entry - 1),
                "mfe_pct": 100 * p.side * (best / p.entry - 1),
                "bars_held": self.index - p.index, "r": pnl / (p.total * p.risk),
            }
        )  # fmt: skip
        self.position, self.leaving = None, None

    def market_exit(self, bar: dict[str, Any], reference: float, why: str, time: int) -> None:
        p = self.position
        assert p is not None
        self.leaving = why
        quantity = self.fillable(p.quantity, bar["volume"])
        if quantity > 0:
            price = self.worse(reference, p.side < 0, quantity, bar["volume"])
            self.sell(bar, quantity, price, quantity * price * self.r["taker"], why, time)

    def liquidate(self, bar: dict[str, Any], time: int) -> None:
        p = self.position
        assert p is not None
        rest = p.margin + p.side * p.quantity * (p.liquidation - p.entry)
        free = max(self.wallet - p.margin, 0.0)
        fee = rest + min(p.quantity * p.liquidation * self.r["taker"], free)
        self.sell(bar, p.quantity, p.liquidation, fee, "liquidation", time)

    # -- exits -----------------------------------------------------------------------------------
    def stop_reason(self) -> str:
        assert self.position is not None
        return "trail" if self.position.trailing else "stop"

    def gap(self, bar: dict[str, Any]) -> None:
        p = self.position
        assert p is not None
        if given(p.liquidation) and p.side * (bar["mark_open"] - p.liquidation) <= 0:
            self.liquidate(bar, bar["time"])
        elif (
            not self.leaving
            and given(p.stop)
            and p.side * steps_between(bar["open"], p.stop, self.r["tick"]) <= 0
        ):
            self.market_exit(bar, bar["open"], self.stop_reason(), bar["time"])

    def reached(
        self, bar: dict[str, Any], low: float, high: float, marks: bool
    ) -> tuple[str, bool]:
        """(the adverse level reached: stop, liquidation or '', whether the target was)."""
        p = self.position
        assert p is not None
        adverse, favourable = (low, high) if p.side > 0 else (high, low)
        mark = (bar["mark_low"] if p.side > 0 else bar["mark_high"]) if marks else adverse
        dead = given(p.liquidation) and p.side * (mark - p.liquidation) <= 0
        if marks is False and self.r["has_mark"]:
            dead = False
        free = not self.leaving
        tick = self.r["tick"]
        hit = free and given(p.stop) and p.side * steps_between(adverse, p.stop, tick) <= 0
        through = False
        if free and given(p.target):
            beyond = p.side * steps_between(favourable, p.target, tick)
            through = beyond >= 1 if tick else beyond > 0
        if hit and dead:
            return ("stop" if p.side * (p.stop - p.liquidation) >= 0 else "liquidation"), through
        return ("stop" if hit else "liquidation" if dead else ""), through

    def inside(self, bar: dict[str, Any]) -> None:
        adverse, through = self.reached(bar, bar["low"], bar["high"], marks=True)
        if not (adverse or through):
            return None
        if not (adverse == "liquidation" and self.r["has_mark"]):
            for fine in self.detail:
                if not bar["time"] <= fine["time"] < bar["time"] + self.interval:
                    continue
                if fine["volume"] <= 0:
                    continue
                worse, better = self.reached(bar, fine["low"], fine["high"], marks=False)
                if worse or better:
                    self.ambiguous += bool(worse and better)
                    return self.leave(bar, worse, fine["open"], int(fine["time"]))
        self.ambiguous += bool(adverse and through)
        return self.leave(bar, adverse, bar["open"], bar["time"])

    def leave(self, bar: dict[str, Any], adverse: str, open_: float, time: int) -> None:
        p = self.position
        assert p is not None
        if adverse == "stop":
            level = min(p.stop, open_) if p.side > 0 else max(p.stop, open_)
            self.market_exit(bar, level, self.stop_reason(), time)
            mark = bar["mark_low"] if p.side > 0 else bar["mark_high"]
            if self.position and given(p.liquidation) and p.side * (mark - p.liquidation) <= 0:
                self.liquidate(bar, time)
        elif adverse == "liquidation":
            self.liquidate(bar, time)
        else:
            quantity = self.fillable(p.quantity, bar["volume"])
            if quantity > 0:
                fee = quantity * p.target * self.r["maker"]
                self.sell(bar, quantity, p.target, fee, "target", time)

    # -- the close -------------------------------------------------------------------------------
    def close(self, bar: dict[str, Any], s: dict[str, Any]) -> None:
        p, close = self.position, bar["close"]
        equity = self.wallet
        if p:
            equity += p.side * p.quantity * (close - p.entry)
            p.high, p.low = max(p.high, bar["high"]), min(p.low, bar["low"])
        self.equity.append(equity)
        self.bankrupt = self.bankrupt or equity <= 0
        if p and given(p.trail):
            extreme = p.high if p.side > 0 else p.low
            level = to_step(extreme - p.side * p.trail, self.r["tick"], up=p.side < 0)
            if not given(p.stop) or p.side * (level - p.stop) > 0:
                p.stop, p.trailing = level, True
        self.decide(s, close, equity)

    def decide(self, s: dict[str, Any], close: float, equity: float) -> None:
        p = self.position
        shorts = self.r["shorts"]
        wants = {
            1: s["enter_long"] and not s["exit_long"],
            -1: s["enter_short"] and shorts and not s["exit_short"],
        }
        if wants[1] and wants[-1]:
            wants = {1: False, -1: False}
        exits = {1: s["exit_long"], -1: s["exit_short"]}
        held = self.order.side if self.order else (p.side if p else 0)
        entry, reason = 0, None
        if held:
            if wants[-held]:
                entry, reason = -held, "reversal"
            elif exits[held]:
                reason = "signal"
            elif p and not self.order and self.index - p.index + 1 >= p.max_bars:
                reason = "time"
        else:
            entry = 1 if wants[1] else -1 if wants[-1] else 0
        if self.order and reason:
            self.order = None
        elif p and reason and not self.leaving:
            self.leaving = reason
        if entry and not (p and entry == p.side):
            self.ask(entry, s, close, equity)

    def ask(self, side: int, s: dict[str, Any], close: float, equity: float) -> None:
        names = ("stop", "target", "trail", "stop_price", "target_price", "max_bars")
        if self.bankrupt:
            return self.refuse("bankrupt")
        if any(s[name] <= 0 for name in names):
            return self.refuse("bad_level")
        kind, x = self.r["sizing"]
        strength = 1.0 if not given(s["strength"]) else min(max(s["strength"], 0.0), 1.0)
        unit = close * (1 + self.r["taker"])
        if kind == "risk":
            distance = abs(close - s["stop_price"])
            if not given(distance):
                distance = s["stop"] if given(s["stop"]) else s["trail"]
            if not distance > 0:
                return self.refuse("no_stop")
            quantity = x * equity * strength / distance
        elif kind == "quote":
            quantity = x * strength / unit
        else:
            quantity = x * equity * strength * self.r["leverage"] / unit
        quantity = to_step(quantity, self.r["lot"], up=False)
        if quantity <= 0:
            return self.refuse("no_quantity")
        self.order = Order(side, quantity, *(s[name] for name in names))
        return None
