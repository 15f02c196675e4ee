"""Asking the venue while somebody waits: with a time limit, and errors that people can read."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from tradepulse.domain.errors import FailedError, TradePulseError
from tradepulse.exchanges.dialect import Malformed
from tradepulse.exchanges.errors import ErrorFacts, as_error, translate
from tradepulse.exchanges.loop import IoLoop

T = TypeVar("T")


def wait_for(
    loop: IoLoop,
    work: Coroutine[Any, Any, T],
    timeout_s: float,
    *,
    doing: str,
    facts: ErrorFacts,
) -> T:
    """The result of `work` on the loop. Errors: ours as they are; the client's as
    `exchange_unavailable`, `rate_limited` (FailedError), `symbol_not_found`, or the venue's
    refusal."""
    try:
        return loop.run(work, timeout_s)
    except TradePulseError:
        raise
    except (TimeoutError, Malformed) as error:
        raise FailedError(
            "exchange_unavailable", f"{doing}: the venue did not answer",
            expected=f"an answer within {timeout_s:g} s", found=str(error) or "silence",
        ) from error  # fmt: skip
    except (Exception, asyncio.CancelledError) as error:
        raise as_error(translate(error, places=False, facts=facts), doing=doing) from error
