"""What stands behind a configuration: folds, statistics, series."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.study import Study
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.repositories.rows import Rows
from tradepulse.storage.tables import training_studies as table


class Studies(Rows[Study]):
    """Rows of `training_studies`; the key is the configuration's id."""

    _codec = dataclass_codec(table, Study)

    def find(self, configuration_id: str) -> Study | None:
        """The study of a configuration; None for one that no training run has found."""
        return self._first(self._select(table.c.configuration_id == configuration_id))

    def get(self, configuration_id: str) -> Study:
        """The study of a configuration. Error `study_not_found`."""
        found = self.find(configuration_id)
        if found is None:
            raise NotFoundError(
                "study_not_found", "there is no study of that configuration",
                expected="a configuration that `train` has found", found=repr(configuration_id),
                hint="A plain sweep stores its trials and no statistics: train the strategy.",
            )  # fmt: skip
        return found

    def of_job(self, job_id: str) -> tuple[Study, ...]:
        """The studies a training job has made."""
        query = self._select(table.c.job_id == job_id)
        return self._fetch(query.order_by(table.c.configuration_id))

    def parts_of(self, ids: Collection[str], *parts: str) -> dict[str, dict[str, Any]]:
        """Of the configurations that have a study, these parts of its document alone: a document
        holds every try, and a board of hundreds shows a few numbers of each."""
        columns = [table.c.document[part].label(part) for part in parts]
        query = sa.select(table.c.configuration_id, *columns)
        found = self._connection.execute(query.where(table.c.configuration_id.in_(ids)))
        return {row[0]: dict(zip(parts, row[1:], strict=True)) for row in found}
