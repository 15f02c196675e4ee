"""Commands by hand: asked for once, answered once."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.manual_command import CommandState, ManualAnswer, ManualCommand
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import manual_commands as table

_WAITS = table.c.state == str(CommandState.WAITING)


class ManualCommands(NamedRows[ManualCommand]):
    """Rows of `manual_commands`: never deleted, so what a person asked for can be looked up."""

    _codec = dataclass_codec(table, ManualCommand)
    _noun = "command"
    _sorting = Sorting({"asked_at": table.c.asked_at}, tie=table.c.id)

    def waiting(self, activation_id: str | None = None) -> tuple[ManualCommand, ...]:
        """Those nobody has answered, of an activation or of all, oldest first."""
        query = self._select(_WAITS, same(table.c.activation_id, activation_id))
        return self._fetch(query.order_by(table.c.asked_at, table.c.id))

    def answer(self, answers: Iterable[ManualAnswer]) -> None:
        """Notes what came of them. Error `already_exists` (RefusedError) for one that is answered:
        it was done twice."""
        for answer in answers:
            statement = sa.update(table).where(table.c.id == answer.command_id, _WAITS)
            done = self._connection.execute(
                statement.values(
                    state=str(answer.state), code=answer.code, answer=dict(answer.answer),
                    answered_at=answer.answered_at,
                )
            )  # fmt: skip
            if done.rowcount != 1:
                raise RefusedError(
                    "already_exists", "the command has been answered already",
                    expected="a command that waits", found=answer.command_id,
                )  # fmt: skip

    def page(
        self,
        *,
        activation_id: str | None = None,
        wallet_id: str | None = None,
        state: CommandState | str | None = None,
        user_id: str | None = None,
        sort: str = "-asked_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[ManualCommand]:
        """Commands, newest first unless sorted otherwise."""
        query = self._select(
            same(table.c.activation_id, activation_id),
            same(table.c.wallet_id, wallet_id),
            same(table.c.state, None if state is None else str(state)),
            same(table.c.user_id, user_id),
        )
        return self._page(query, sort, cursor, limit)
