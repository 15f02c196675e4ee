"""Whether the process answers, and whether work can be done."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Response

from tradepulse.api.access import OPEN
from tradepulse.api.context import Here
from tradepulse.api.shapes.journal import FeedHealth, Live, Ready
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import Interval
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Feed
from tradepulse.domain.version import VERSION
from tradepulse.storage.transaction import Transaction

router = APIRouter(prefix="/health", tags=["health"], dependencies=[OPEN])
FEED_LIMIT_S = 60.0


@router.get("/live")
def live() -> Live:
    """The process answers."""
    return Live(status="live", version=VERSION)


@router.get("/ready", responses={503: {"description": "Work cannot be done; `problems` says why."}})
def ready(here: Here, response: Response) -> Ready:
    """Work can be done: the database answers, and not every running feed is over 60 s late. Feeds
    are named to whom they belong."""
    now_ms = here.now_ms()
    problems: list[str] = []
    database = "ok"
    running: Sequence[Activation] = ()
    feeds: list[FeedHealth] = []
    try:
        with here.app.database.reading() as tx:
            running = tx.activations.running()
            feeds = _feeds(tx, running, now_ms)
    except TradePulseError as error:
        database = "unavailable"
        problems.append(str(error))
    own = {a.id for a in running if a.user_id == here.user.id}
    if feeds and all(feed.late_s > FEED_LIMIT_S for feed in feeds):
        problems.append(f"every feed of a running activation is over {FEED_LIMIT_S:g} s old")
    if problems:
        response.status_code = 503
    return Ready(
        status="unavailable" if problems else "ready",
        version=VERSION,
        time=now_ms,
        database=database,
        engine="none" if here.engine is None else "here",
        activations=len(running),
        feeds=[feed for feed in feeds if feed.activation_id in own],
        problems=problems,
    )


def _feeds(tx: Transaction, running: Sequence[Activation], now_ms: int) -> list[FeedHealth]:
    # A replay has no now to be late for, a sandbox a now of its own; one that has seen no bar yet
    # is warming up.
    return [
        FeedHealth(
            activation_id=a.id,
            late_s=late_s(a.last_bar, tx.configurations.get(a.configuration_id).interval, now_ms),
        )
        for a in running
        if a.feed is Feed.LIVE
        and a.state in (ActivationState.RUNNING, ActivationState.DRAINING)
        and a.last_bar is not None
    ]


def late_s(last_bar: int, interval: str, now_ms: int) -> float:
    """Seconds since the bar after `last_bar` (an open time) should have closed; 0 before that."""
    return max(0, now_ms - last_bar - 2 * Interval.parse(interval).ms) / 1000
