"""Trained configurations: stored with their evidence, found again by strategy, pair, stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.lifecycle import Stage
from tradepulse.storage.codec import Codec, DriverRow
from tradepulse.storage.column_types import json_text
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import trained_configurations as table

_LOWEST = -1.7e308


def _metric(name: str) -> sa.ColumnElement[Any]:
    # A metric that is not defined is null; it sorts below every number.
    return sa.func.coalesce(sa.cast(table.c.metrics[name].as_float(), sa.Float), _LOWEST)


def evidence_list(evidence: Sequence[Evidence]) -> list[dict[str, object]]:
    """Evidence as JSON shows it: `[{rule, threshold, value, passed, note, required}]`.

    Rows written before notes were kept have the first four; they come back with the defaults.
    """
    return [asdict(item) for item in evidence]


def _encode(c: Configuration) -> DriverRow:
    return (
        c.id, c.strategy_name, c.exchange, c.pair, c.interval,
        json_text(c.parameters), json_text(c.rules), json_text(c.graph),
        str(c.lifecycle_stage), c.is_active, json_text(c.metrics),
        json_text(evidence_list(c.evidence)), c.trials, c.data_fingerprint,
        c.data_range[0], c.data_range[1], c.configuration_hash, c.code_version, c.created_at,
    )  # fmt: skip


def _decode(row: tuple[Any, ...]) -> Configuration:
    (
        id_, strategy, exchange, pair, interval, parameters, rules, graph, stage, active, metrics,
        evidence, trials, fingerprint, start, end, hash_, code, created,
    ) = row  # fmt: skip
    return Configuration(
        id=id_, strategy_name=strategy, parameters=parameters, exchange=exchange, pair=pair,
        interval=interval, rules=rules, graph=graph, lifecycle_stage=Stage(stage),
        metrics=metrics, evidence=tuple(Evidence(**e) for e in evidence), trials=trials,
        data_fingerprint=fingerprint, data_range=(start, end), configuration_hash=hash_,
        code_version=code, created_at=created, is_active=active,
    )  # fmt: skip


@dataclass(frozen=True)
class ConfigurationSummary:
    """What `configurations/stats/summary` answers. `best` has the highest Sharpe ratio; one of a
    made market is only shown where there is no other."""

    total: int
    active: int
    by_stage: dict[str, int]
    by_strategy: dict[str, int]
    by_exchange: dict[str, int]
    by_pair: dict[str, int]
    best: Configuration | None


class Configurations(NamedRows[Configuration]):
    """Rows of `trained_configurations`."""

    _codec = Codec(table, tuple(table.columns), tuple(table.c.keys()), _encode, _decode)
    _noun = "configuration"
    _sorting = Sorting(
        {
            "created_at": table.c.created_at,
            "strategy_name": table.c.strategy_name,
            "pair": table.c.pair,
            "lifecycle_stage": table.c.lifecycle_stage,
            "sharpe": _metric("sharpe"),
            "total_return": _metric("total_return"),
            "max_drawdown": _metric("max_drawdown"),
            "win_rate": _metric("win_rate"),
            "profit_factor": _metric("profit_factor"),
            "trade_count": _metric("trade_count"),
        },
        tie=table.c.id,
    )

    def same_as(self, configuration_hash: str, data_fingerprint: str) -> Configuration | None:
        """The newest configuration found before with that hash on that data, or None."""
        query = self._select(
            table.c.configuration_hash == configuration_hash,
            table.c.data_fingerprint == data_fingerprint,
        )
        return self._first(query.order_by(table.c.created_at.desc(), table.c.id))

    def set_stage(
        self, configuration_id: str, stage: Stage, evidence: Sequence[Evidence] | None = None
    ) -> Configuration:
        """The configuration in its new stage. `evidence` None keeps what was there."""
        values: dict[str, object] = {"lifecycle_stage": str(stage)}
        if evidence is not None:
            values["evidence"] = evidence_list(evidence)
        self._connection.execute(
            sa.update(table).where(table.c.id == configuration_id).values(values)
        )
        return self.get(configuration_id)

    def page(
        self,
        *,
        strategy_name: str | None = None,
        exchange: str | None = None,
        pair: str | None = None,
        interval: str | None = None,
        stage: Stage | str | None = None,
        is_active: bool | None = None,
        sort: str = "-created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Configuration]:
        """Configurations that match everything asked for. Sort by `created_at, strategy_name,
        pair, lifecycle_stage, sharpe, total_return, max_drawdown, win_rate, profit_factor` or
        `trade_count`, with `-` for the highest first."""
        query = self._select(
            same(table.c.strategy_name, strategy_name),
            same(table.c.exchange, exchange),
            same(table.c.pair, pair),
            same(table.c.interval, interval),
            same(table.c.lifecycle_stage, None if stage is None else str(stage)),
            same(table.c.is_active, is_active),
        )
        return self._page(query, sort, cursor, limit)

    def active(self) -> tuple[Configuration, ...]:
        """Configurations with an activation that is neither STOPPED nor FAULTED, oldest first."""
        query = self._select(table.c.is_active.is_(True))
        return self._fetch(query.order_by(table.c.created_at, table.c.id))

    def summary(self) -> ConfigurationSummary:
        """Counts over all configurations, and the best."""
        by_stage = self._counts(table.c.lifecycle_stage)
        return ConfigurationSummary(
            total=sum(by_stage.values()),
            active=self._counts(table.c.is_active).get(True, 0),
            by_stage=by_stage,
            by_strategy=self._counts(table.c.strategy_name),
            by_exchange=self._counts(table.c.exchange),
            by_pair=self._counts(table.c.pair),
            best=self._first(
                self._select().order_by(
                    table.c.exchange == "synthetic",
                    _metric("sharpe").desc(),
                    table.c.created_at,
                    table.c.id,
                )
            ),
        )

    def _counts(self, column: sa.Column[Any]) -> dict[Any, int]:
        query = sa.select(column, sa.func.count()).group_by(column).order_by(column)
        return {row[0]: row[1] for row in self._connection.execute(query)}
