"""A manual order tried on the wallet as it is, without asking for it: what each limit would say."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tradepulse.domain.configuration import Json
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.manual_command import ManualAction
from tradepulse.domain.settings import RiskSettings
from tradepulse.engine.commands_by_hand import wish_of
from tradepulse.engine.member import rules_of
from tradepulse.execution.desk import Desk
from tradepulse.execution.effects import PlaceOrder, SignalSaved
from tradepulse.execution.events import ByHand
from tradepulse.execution.exposure import exposure_of
from tradepulse.execution.manual_entry import entry_by_hand, planned_by_hand
from tradepulse.execution.manual_stop import last_price
from tradepulse.execution.shaping import liquidation_level
from tradepulse.marketdata.store import BarStore
from tradepulse.risk import Refused
from tradepulse.risk.verdicts import Verdict, verdicts
from tradepulse.simulation import layout as at
from tradepulse.storage.database import Database
from tradepulse.storage.manual_wishes import WishedOrder
from tradepulse.storage.standing_desks import WalletPicture, picture_of, terms_of_rules


@dataclass(frozen=True)
class Preview:
    """`ok`: the order would be sent now, with `quantity` base units; else `refused` says why not,
    and the figures are of what was asked for. Amounts in quote units, None where nothing can be
    said. `liquidation` None: nowhere."""

    ok: bool
    refused: Refused | None
    limits: tuple[Verdict, ...]
    price: float | None
    asked_quantity: float | None
    quantity: float | None
    notional: float | None
    risk: float | None
    risk_pct: float | None
    liquidation: float | None
    equity: float


def preview_order(
    database: Database, bars: BarStore, wished: WishedOrder, settings: RiskSettings, wall_ms: int
) -> Preview:
    """What would become of a manual order now. Reads only; what breakers and other processes see
    meanwhile may change it. Errors: `activation_not_found`; `not_active` (RefusedError)."""
    with database.reading() as tx:
        activation = tx.activations.get(wished.activation_id)
        if activation.state.is_over:
            raise RefusedError(
                "not_active", "nothing trades there any more",
                expected="an activation that is neither STOPPED nor FAULTED",
                found=str(activation.state),
            )  # fmt: skip
        wallet = tx.wallets.get(activation.wallet_id)
        picture = picture_of(tx, bars, wallet, settings, wall_ms)
    return _tried(picture, wished)


def _tried(picture: WalletPicture, wished: WishedOrder) -> Preview:
    desk = picture.books.desks[wished.activation_id]
    event = _event(picture, desk, wished.as_json())
    price, equity = last_price(desk, event), desk.account.equity
    known = None if math.isnan(price) else price
    planned = planned_by_hand(desk, event)
    if isinstance(planned, Refused):
        none = (None, None, None, None, None, None)
        return Preview(False, planned, (), known, *none, equity)
    intent = planned.intent
    exposure = picture.books.risk.with_locks(intent, exposure_of(picture.books, desk, planned))
    found = verdicts(intent, exposure, picture.limits)
    done = entry_by_hand(picture.books, desk, event, _record(event, price))
    quantity, refused = intent.quantity, None
    if isinstance(done, Refused):
        refused = done
    else:
        quantity = next(
            effect.approved.order.quantity for effect in done if isinstance(effect, PlaceOrder)
        )
    risk = quantity * abs(price - float(wished.stop))
    level = _liquidation(picture, desk, intent.side, price, quantity)
    return Preview(
        refused is None, refused, found, known, intent.quantity, quantity, quantity * price, risk,
        100.0 * risk / equity if equity > 0.0 else None, None if math.isnan(level) else level,
        equity,
    )  # fmt: skip


def _event(picture: WalletPicture, desk: Desk, wish: Json) -> ByHand:
    account = desk.account
    price = math.nan if desk.venue is None else desk.venue.last_price
    time = account.last_close_time if desk.venue is None else picture.now_ms
    return ByHand(
        account.activation_id, "preview", ManualAction.ENTER, wish_of(wish), account.bar_time,
        max(time, 0), price,
    )  # fmt: skip


def _record(event: ByHand, price: float) -> SignalSaved:
    return SignalSaved(
        "preview", event.activation_id, event.bar_time, "preview", price, "traded", None, {}
    )


def _liquidation(
    picture: WalletPicture, desk: Desk, side: int, price: float, quantity: float
) -> float:
    account = desk.account
    if not account.is_perpetual:
        return math.nan
    run = picture.runs[account.activation_id]
    exchange, pair, _ = run.source
    terms = terms_of_rules(exchange, pair, rules_of(run))
    if desk.venue is not None:
        terms = desk.venue.terms
    rules = account.rules
    return liquidation_level(
        side, price, quantity, rules[at.R_LEVERAGE], terms, rules[at.R_MAINTENANCE]
    )
