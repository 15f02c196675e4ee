"""What somebody should look at: kept until it was read."""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.configuration import Json


@dataclass(frozen=True)
class Alert:
    """`level` is info, warning or critical; `code` is stable, `message` for people; `entity` and
    `entity_id` say what it is about. Times are UTC milliseconds; `read_at` None: not read yet."""

    id: str
    time: int
    level: str
    code: str
    message: str
    entity: str
    entity_id: str
    payload: Json
    read_at: int | None = None
    user_id: str = "local"
