"""What a person wants done by hand with an activation: written first, done by whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tradepulse.domain.configuration import Json

# What orders, exits and trades that a person made bear as their reason or tag.
MANUAL = "manual"


class ManualAction(StrEnum):
    """`close`: leave the position, and go on. `stop`: move its stop. `enter`: an order of its own.
    `cancel`: an entry under way is not wanted any more."""

    CLOSE = "close"
    STOP = "stop"
    ENTER = "enter"
    CANCEL = "cancel"


class CommandState(StrEnum):
    """WAITING until an engine has answered: DONE, or REFUSED with a code."""

    WAITING = "WAITING"
    DONE = "DONE"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class ManualCommand:
    """One command. `wish`: what is wanted (`position_id`, `order_id`, `side`, `quantity`,
    `risk_pct`, `stop`, `target`, numbers as decimal text). `answer`: what came of it; `code`: why
    it was refused. Times in UTC ms, wall clock."""

    id: str
    activation_id: str
    wallet_id: str
    action: ManualAction
    state: CommandState
    wish: Json
    asked_by: str
    asked_at: int
    answered_at: int | None = None
    code: str | None = None
    answer: Json | None = None
    user_id: str = "local"


@dataclass(frozen=True)
class ManualAnswer:
    """An engine's answer to the command of that id, given once."""

    command_id: str
    activation_id: str
    state: CommandState
    code: str | None
    answer: Json
    answered_at: int
