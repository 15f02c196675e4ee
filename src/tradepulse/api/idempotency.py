"""Commands that may be sent twice: the first answer is kept and given again.

The key and its answer are an event, written in the transaction of the change itself: they are
durable exactly when the change is, and the log shows who asked for what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Header
from pydantic import BaseModel

from tradepulse.domain.configuration import content_hash
from tradepulse.domain.errors import UsageError
from tradepulse.domain.event import NewEvent
from tradepulse.storage.transaction import Transaction

A = TypeVar("A", bound=BaseModel)
EVENT_TYPE = "command.accepted"

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1, max_length=200,
        description="The same key gives the same answer, and the command is done once.",
    ),
]  # fmt: skip


def answered(
    tx: Transaction,
    key: str | None,
    request: Mapping[str, Any],
    now_ms: int,
    answer_type: type[A],
    act: Callable[[], A],
) -> tuple[A, bool]:
    """The answer to a command, and whether it was done now (False: it was done before).

    `request` is what was asked for; the same key for another request is refused
    (`idempotency_key_reused`). Call within a writing transaction.
    """
    if key is None:
        return act(), True
    entity_id, digest = content_hash([tx.user_id, key]), content_hash(request)
    # The same command sent twice at once: the second waits here, then finds the first's answer.
    tx.hold(entity_id)
    before = tx.events.since(entity_id=entity_id, types=[EVENT_TYPE], limit=1)
    if before:
        payload = before[0].payload
        if payload["request_hash"] != digest:
            raise UsageError(
                "idempotency_key_reused", "the key was used for another command",
                expected="a new key for a new command", found=repr(key[:80]),
            )  # fmt: skip
        return answer_type.model_validate(payload["answer"]), False
    answer = act()
    payload = {
        "request": dict(request), "request_hash": digest, "answer": answer.model_dump(mode="json")
    }  # fmt: skip
    tx.events.append(NewEvent(now_ms, EVENT_TYPE, "command", entity_id, payload))
    return answer, True
