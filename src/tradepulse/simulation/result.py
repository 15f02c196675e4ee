"""What a run leaves: trades, equity, metrics, the open position, counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import equity_at
from tradepulse.simulation.metrics import as_dict, periods_per_year, summarise
from tradepulse.simulation.picture import Picture, picture_of
from tradepulse.simulation.rules import Rules

if TYPE_CHECKING:
    import polars

# Over this share of exits decided by assumption a run is marked LOW_FIDELITY (F6).
AMBIGUOUS_SHARE = 0.02


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """A finished run. The numbers are the kernel's; frames and dicts are built on first use.

    `trade_rows` has layout.T_COLUMNS columns; `equity_values` a value per bar (length 0: not
    recorded); `period_equity` the equity at the end of each completed UTC day. `tags` names the tag
    codes; `tag` stands for a trade without one. `bars` and `about` (strategy, parameters, market)
    are for whoever looks at the run: nothing is computed from them.
    """

    rules: Rules
    interval_ms: int
    state: Floats
    trade_rows: Floats
    open_time: Times
    equity_values: Floats
    period_equity: Floats
    tags: tuple[str, ...] = ()
    tag: str | None = None
    has_detail: bool = False
    bars: BarSeries | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def trades(self) -> polars.DataFrame:
        """Closed trades, a row each, in order of exit; columns as in the documentation."""
        import polars

        rows = self.trade_rows
        return polars.DataFrame(
            {
                "side": ["long" if side > 0 else "short" for side in rows[:, at.T_SIDE]],
                "entry_time": rows[:, at.T_ENTRY_TIME].astype(np.int64),
                "entry_price": rows[:, at.T_ENTRY_PRICE],
                "quantity": rows[:, at.T_QUANTITY],
                "exit_time": rows[:, at.T_EXIT_TIME].astype(np.int64),
                "exit_price": rows[:, at.T_EXIT_PRICE],
                "exit_reason": [
                    at.EXIT_REASONS[int(code)].value for code in rows[:, at.T_REASON]
                ],
                "fees": rows[:, at.T_FEES],
                "funding": rows[:, at.T_FUNDING],
                "pnl": rows[:, at.T_PNL],
                "pnl_pct": rows[:, at.T_PNL_PCT],
                "mae_pct": rows[:, at.T_MAE_PCT],
                "mfe_pct": rows[:, at.T_MFE_PCT],
                "bars_held": rows[:, at.T_BARS_HELD].astype(np.int64),
                "tag": [self.tag_of(code) for code in rows[:, at.T_TAG]],
            },
            schema_overrides={
                "side": polars.String, "exit_reason": polars.String, "tag": polars.String,
            },
        )  # fmt: skip

    @cached_property
    def equity(self) -> polars.DataFrame:
        """`open_time`, `equity` at the bar's close, `drawdown` from the peak (<= 0); no rows when
        the run did not record it."""
        import polars

        values = self.equity_values
        start = [self.rules.initial_cash]
        peak = np.maximum.accumulate(np.concatenate((start, values)))[1:]
        return polars.DataFrame(
            {
                "open_time": self.open_time[: len(values)],
                "equity": values,
                "drawdown": values / peak - 1.0,
            }
        )

    @cached_property
    def metrics_vector(self) -> Floats:
        """The metrics in the order of `metrics.METRICS`; NaN means not defined."""
        return summarise(
            self.state, self.period_equity, self.rules.initial_cash,
            periods_per_year(self.interval_ms),
        )  # fmt: skip

    @cached_property
    def metrics(self) -> dict[str, float | int | None]:
        """The metrics by name; None means not defined."""
        return as_dict(self.metrics_vector)

    @cached_property
    def open_position(self) -> dict[str, Any] | None:
        """The position still open after the last bar, marked at its close (F14), or None."""
        return describe_position(self.state, self.tag_of(self.state[at.S_TAG]))

    @cached_property
    def refusals(self) -> dict[str, int]:
        """How many entries were refused, by reason; reasons that never happened are left out."""
        counts = {name: int(self.state[at.S_REFUSED + code]) for code, name in at.REFUSALS.items()}
        return {name: count for name, count in counts.items() if count}

    def plot(self, path: str | Path | None = None) -> Picture:
        """Equity and drawdown as a picture; `.save("x.html")` writes the whole report, as does
        `path`. Errors `no_equity` when the run did not record them, `unknown_format`."""
        picture = picture_of(self)
        if path is not None:
            picture.save(path)
        return picture

    @property
    def low_fidelity(self) -> bool:
        """Whether over 2 % of the exits were decided by assumption, without finer bars (F6)."""
        exits = self.state[at.S_TRADES]
        return not self.has_detail and bool(self.state[at.S_AMBIGUOUS] > AMBIGUOUS_SHARE * exits)

    def tag_of(self, code: float) -> str | None:
        """The tag behind a code."""
        return self.tags[int(code)] if code >= 0 else self.tag


def describe_position(state: Floats, tag: str | None = None) -> dict[str, Any] | None:
    """The open position of an account as a dict; None when flat. Absent levels are None."""
    if state[at.S_SIDE] == 0.0:
        return None
    slots: Mapping[str, int] = {
        "quantity": at.S_QUANTITY, "entry_price": at.S_ENTRY_PRICE, "stop": at.S_STOP,
        "target": at.S_TARGET, "liquidation_price": at.S_LIQUIDATION, "fees": at.S_TRADE_FEES,
        "funding": at.S_TRADE_FUNDING,
    }  # fmt: skip
    numbers = {name: float(state[slot]) for name, slot in slots.items()}
    return {
        "side": "long" if state[at.S_SIDE] > 0 else "short",
        "entry_time": int(state[at.S_ENTRY_TIME]),
        **{name: None if np.isnan(value) else value for name, value in numbers.items()},
        "mark_price": float(state[at.S_LAST_CLOSE]),
        "unrealised_pnl": float(equity_at(state, state[at.S_LAST_CLOSE]) - state[at.S_WALLET]),
        "bars_held": int(state[at.S_INDEX] - 1 - state[at.S_ENTRY_INDEX]),
        "tag": tag,
    }
