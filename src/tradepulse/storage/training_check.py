"""A look at a training run before it is queued: what it would be refused for, it is refused now."""

from __future__ import annotations

from tradepulse.domain.study import HoldOut
from tradepulse.storage.database import Database
from tradepulse.storage.hold_outs import hold_out_for
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.ledger import MemoryLedger
from tradepulse.training.optimisers import SearchSpace
from tradepulse.training.spec import TrainSpec
from tradepulse.training.splitting import plan_split
from tradepulse.training.train import PlugIns, check_names
from tradepulse.training.windows import Dataset


def check_spec(
    database: Database, spec: TrainSpec, strategy: type[Strategy], data: Dataset, plug_ins: PlugIns
) -> None:
    """Nothing, if the run can begin. Nothing is stored, and no hold-out sealed.

    Errors: `empty_space`, `space_too_large`, `unknown_parameter`, `bad_parameter`,
    `optimiser_not_found`, `too_many_objectives`, `objective_not_found`, `bad_constraint`, `empty`,
    `constant_series`, `too_little_data`.
    """
    check_names(spec, SearchSpace(strategy, spec.fixed, spec.grid), plug_ins)
    plan_split(spec, strategy, data, _Look(database), now_ms=0)


class _Look(MemoryLedger):
    """Says which hold-out a run would get, and seals none."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def seal(self, proposed: HoldOut) -> HoldOut:
        with self._database.reading() as tx:
            return hold_out_for(tx, proposed)
