"""The study behind a configuration."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.training import StudyShape

router = APIRouter(
    prefix="/training/configurations", tags=["configurations"], route_class=ConditionalRoute
)


@router.get("/{configuration_id}/study")
def show_study(here: Here, configuration_id: str) -> StudyShape:
    """Folds, statistics, series, and the sets that were tried, of the training that found it."""
    with here.database.reading() as tx:
        tx.configurations.get(configuration_id)
        return StudyShape.model_validate(tx.studies.get(configuration_id))
