"""Every command is written down, whatever came of it, before its answer leaves."""

from __future__ import annotations

import logging
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradepulse.api.access import READING, RouteTable
from tradepulse.api.context import Context
from tradepulse.api.identity import Identity
from tradepulse.domain.audit import AuditEntry
from tradepulse.domain.errors import TradePulseError
from tradepulse.storage.auditing import record

_log = logging.getLogger(__name__)
_LONGEST = 200


class Auditor:
    """Notes who commanded what. It stands behind the gate: who showed nothing, or something wrong,
    did not come this far, and could fill the table at will."""

    def __init__(self, app: ASGIApp, context: Context, routes: RouteTable) -> None:
        self._app = app
        self._context = context
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READING:
            await self._app(scope, receive, send)
            return
        noted = False

        async def send_noted(message: Message) -> None:
            nonlocal noted
            if message["type"] == "http.response.start" and not noted:
                noted = True
                await self._note(scope, message["status"], Headers(raw=message["headers"]))
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            if not noted:
                scope["state"]["problem_code"] = "internal"
                await self._note(scope, 500, Headers())
            raise

    async def _note(self, scope: Scope, status: int, headers: Headers) -> None:
        if "route" not in scope:
            # There is no such command.
            return
        entry = self._entry(scope, status, headers)
        try:
            await run_in_threadpool(record, self._context.app.database, entry)
        except TradePulseError as error:
            # The command is done; its answer must say so, and the kill switch works without a
            # database.
            _log.error("a command could not be audited (%s): %s", error.code, _told(entry))

    def _entry(self, scope: Scope, status: int, headers: Headers) -> AuditEntry:
        state: dict[str, Any] = scope["state"]
        identity: Identity | None = state.get("identity")
        client = scope.get("client")
        user_id, username, credential = ("", "", "")
        if identity is not None:
            user_id, username = identity.user.id, identity.user.username
            credential = identity.credential
        told: tuple[str, str, str] | None = state.get("audit_user")
        if told is not None:
            user_id, username, credential = told
        return AuditEntry(
            0, self._context.now_ms(), user_id, username[:_LONGEST], credential,
            "" if client is None else str(client[0]), scope["method"],
            self._routes.of(scope["route"]).template, _object(scope, headers),
            status, state.get("problem_code", "") if status >= 400 else "",
            state.get("request_id", ""),
        )  # fmt: skip


def _object(scope: Scope, headers: Headers) -> str:
    """What the command was about: the ids of its address, or of what it made."""
    ids = [str(value) for value in scope.get("path_params", {}).values()]
    made = headers.get("location", "").rpartition("/")[2]
    return "/".join(ids)[:_LONGEST] or made


def _told(entry: AuditEntry) -> str:
    return f"{entry.username} {entry.method} {entry.route} {entry.object} -> {entry.outcome}"
