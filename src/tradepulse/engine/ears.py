"""What a live engine hears from its venue, brought to the activations it concerns."""

from __future__ import annotations

import logging

from tradepulse.engine.account_check import AccountCheck
from tradepulse.engine.hearing import about_an_order, order_event, owner_of, pair_event, pair_of
from tradepulse.engine.risk_desk import RiskDesk
from tradepulse.engine.venue_drive import VenueDrive
from tradepulse.execution.desk import Desk
from tradepulse.execution.effects import Noted
from tradepulse.execution.identity import is_ours
from tradepulse.execution.orders import Order
from tradepulse.execution.venue import (
    Accepted,
    Disconnected,
    Filled,
    PriceSeen,
    Reconnected,
    Refused,
    VenueReport,
)

log = logging.getLogger(__name__)


class Ears:
    """Takes the venue's reports. `connected`: account updates flow."""

    def __init__(self, drive: VenueDrive, check: AccountCheck, risk: RiskDesk | None) -> None:
        self.connected = True
        self._drive = drive
        self._check = check
        self._risk = risk

    def hear(self, desks: list[Desk]) -> int:
        """How many reports there were."""
        reports = self._drive.venue.reports()
        for report in reports:
            self._take(report, desks)
        return len(reports)

    def _take(self, report: VenueReport, desks: list[Desk]) -> None:
        if about_an_order(report) is not None:
            self._take_order(report, desks)
        elif isinstance(report, Disconnected):
            self.connected = False
            told = f"the account's updates stopped: {report.reason}"
            self._tell(desks, report.time, "warning", "feed.disconnected", told)
        elif isinstance(report, Reconnected):
            self.connected = True
            self._check.soon()
            self._tell(desks, report.time, "info", "feed.reconnected", "updates flow again")
        else:
            self._take_pair(report, desks)

    def _take_order(self, report: VenueReport, desks: list[Desk]) -> None:
        order = owner_of(desks, *(about_an_order(report) or (None, None)))
        if order is None:
            # Of an earlier trade, of a neighbour, or a person's: the next comparison tells.
            if isinstance(report, Filled):
                # Wallets of one account hear each other's: only a stranger's is worth a warning.
                known = is_ours(report.fill.client_order_id)
                level = logging.INFO if known else logging.WARNING
                log.log(level, "a fill of an order that is not under way here: %s", report.fill)
                self._check.soon()
            return
        event = order_event(order, report)
        if event is None:
            return
        self._drive.touched.add(order.activation_id)
        self._drive.send(event)
        if isinstance(report, Refused):
            self._tell_refusal(order, report)
        if self._risk is not None and isinstance(report, Refused | Accepted):
            self._risk.answered(report.time, rejected=isinstance(report, Refused))

    def _take_pair(self, report: VenueReport, desks: list[Desk]) -> None:
        if self._risk is not None and isinstance(report, PriceSeen):
            self._risk.price(report.pair, report.price, report.time)
        pair = pair_of(report)
        for desk in desks:
            idle = isinstance(report, PriceSeen) and desk.account.position is None
            if desk.account.pair != pair or idle:
                continue
            event = pair_event(desk.account.activation_id, report)
            if event is not None:
                self._drive.send(event)

    def _tell_refusal(self, order: Order, report: Refused) -> None:
        """The venue's own words, which no row of the ledger has room for."""
        told = f"{order.role} order of {order.pair} was refused: {report.message} ({report.code})"
        details = {"code": report.code, "order_id": order.id}
        self._drive.note(
            Noted(order.activation_id, report.time, "warning", "order.refused", told, details)
        )

    def _tell(self, desks: list[Desk], time: int, level: str, event: str, message: str) -> None:
        for desk in desks:
            self._drive.note(Noted(desk.account.activation_id, time, level, event, message, {}))
