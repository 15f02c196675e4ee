"""Before anything of a request is read: who asks. What is presented and wrong is refused here."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tradepulse.api.access import API, not_signed_in
from tradepulse.api.identity import Identities, Identity
from tradepulse.api.problems import response_of
from tradepulse.domain.errors import SignInError, TradePulseError

_BEARER = "bearer "


class Gate:
    """Puts the `Identity` of who asks into the request's state.

    Within the API only `open_paths` answer whoever presents nothing: also an address that does not
    exist, so that strangers learn nothing by trying.
    """

    def __init__(
        self, app: ASGIApp, identities: Identities, open_paths: Callable[[], frozenset[str]]
    ) -> None:
        self._app = app
        self._identities = identities
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            scope.setdefault("state", {})["identity"] = await self._identity(scope)
        except TradePulseError as error:
            await response_of(scope, error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _identity(self, scope: Scope) -> Identity | None:
        presented, path = presented_in(Headers(scope=scope)), scope["path"]
        is_open = not path.startswith(API) or path in self._open_paths()
        if presented is None:
            if not is_open:
                raise not_signed_in()
            return None
        try:
            return await run_in_threadpool(self._identities.of, presented)
        except SignInError:
            # Who signs in anew may still carry the token of before.
            if is_open:
                return None
            raise


def presented_in(headers: Headers) -> str | None:
    """The token or key a request carries; None for one without any."""
    given = headers.get("authorization", "")
    if given.lower().startswith(_BEARER):
        return given[len(_BEARER) :].strip()
    return headers.get("x-api-key") or (given.strip() or None)
