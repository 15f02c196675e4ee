"""Sealing the bars that prove, and opening them once."""

from __future__ import annotations

from datetime import UTC, datetime

from tradepulse.domain.errors import NotFoundError, RefusedError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.study import Family, HoldOut
from tradepulse.storage.transaction import Transaction
from tradepulse.training.ledger import hold_out_after


def seal_hold_out(tx: Transaction, proposed: HoldOut, now_ms: int) -> HoldOut:
    """The family's hold-out as `hold_out_for` says, stored with its event if it is new.

    Two that propose at once get the same answer.
    """
    tx.hold(f"hold-out of {proposed.family}")
    held = hold_out_for(tx, proposed)
    if held is proposed:
        tx.hold_outs.insert(proposed)
        tx.events.append(_event("configuration.holdout_sealed", proposed, now_ms))
    return held


def hold_out_for(tx: Transaction, proposed: HoldOut) -> HoldOut:
    """The family's newest hold-out, or `proposed` as `hold_out_after` says. Nothing is stored."""
    return hold_out_after(tx.hold_outs.of_family(proposed.family), proposed)


def open_hold_out(
    tx: Transaction, family: Family, *, by: str, now_ms: int, configuration_id: str | None = None
) -> HoldOut:
    """The family's hold-out, opened now by `by` (a user, or a command on whose behalf).

    The opening and its event are one with the transaction: who looks at the bars before it has
    committed could look twice. Errors: `hold_out_not_found`; `holdout_opened` (RefusedError) says
    when it was opened before, and by whom.
    """
    known = tx.hold_outs.of_family(family)
    if known is None:
        raise NotFoundError(
            "hold_out_not_found", f"no hold-out of {_name(family)} was ever sealed",
            expected="a family that was trained", found=_name(family),
        )  # fmt: skip
    if not tx.hold_outs.mark_opened(known.id, by, now_ms):
        raise _opened_before(tx.hold_outs.get(known.id))
    opened = tx.hold_outs.get(known.id)
    event = _event("configuration.holdout_opened", opened, now_ms, configuration_id)
    tx.events.append(event)
    return opened


def _opened_before(held: HoldOut) -> RefusedError:
    when = datetime.fromtimestamp((held.opened_at or 0) / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return RefusedError(
        "holdout_opened", f"the hold-out of {_name(held.family)} has been opened before",
        expected="a hold-out that nobody has looked at", found=f"opened {when} by {held.opened_by}",
        hint="Bars that were looked at prove nothing twice: only newer bars can, by trading them.",
    )  # fmt: skip


def _name(family: Family) -> str:
    return f"{family.strategy_name} on {family.exchange} {family.pair}"


def _event(
    type_: str, held: HoldOut, now_ms: int, configuration_id: str | None = None
) -> NewEvent:  # fmt: skip
    payload = {
        "strategy_name": held.family.strategy_name,
        "exchange": held.family.exchange,
        "pair": held.family.pair,
        "start_ms": held.start_ms,
        "end_ms": held.end_ms,
        "fingerprint": held.fingerprint,
        "opened_by": held.opened_by,
        "configuration_id": configuration_id,
    }
    return NewEvent(now_ms, type_, "hold_out", held.id, payload)
