"""What only a person can decide now: latches, faults, lost stages, orders without an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tradepulse.domain.alert import Alert
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.ledger import Activation, Wallet
from tradepulse.domain.lifecycle import ActivationState, Mode, OrderState, Stage
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.trading_state import KILL_SWITCH
from tradepulse.storage.alerting import CRITICAL, WARNING
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.risk_commands import state_of
from tradepulse.storage.stages import STAGE_EVENT
from tradepulse.storage.transaction import Transaction


class Action(StrEnum):
    """What a person can do about it; the page knows where."""

    REVIEW_EVIDENCE = "review_evidence"
    DRAIN = "drain"
    FLATTEN = "flatten"
    RESUME = "resume"
    ACTIVATE = "activate"
    RESET_LATCH = "reset_latch"
    RESET_KILL_SWITCH = "reset_kill_switch"
    CHECK_CONNECTION = "check_connection"
    RECONCILE = "reconcile"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True)
class Decision:
    """One thing to decide. `code` is stable, `message` for people; `entity` and `entity_id` say
    what it is about, the others where it belongs, None where it is everybody's."""

    code: str
    level: str
    message: str
    since: int
    entity: str
    entity_id: str
    actions: tuple[Action, ...]
    mode: Mode | None = None
    wallet_id: str | None = None
    configuration_id: str | None = None


class Scene(NamedTuple):
    """What is looked at: the wallets asked about, what runs on them, and what it is."""

    wallets: tuple[Wallet, ...]
    running: tuple[Activation, ...]
    configurations: Mapping[str, Configuration]
    now_ms: int

    def name_of(self, activation: Activation) -> str:
        """How people call an activation: strategy and pair."""
        c = self.configurations[activation.configuration_id]
        return f"{c.strategy_name} on {c.pair}"


def decisions(tx: Transaction, scene: Scene) -> tuple[Decision, ...]:
    """All of them, critical ones first, then the oldest."""
    found = [
        *_latches(tx, scene), *_lost_stages(tx, scene), *_blocked(tx, scene), *_faulted(tx, scene),
        *_unknown_orders(tx, scene), *_connections(tx), *_alerts(tx, scene),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda d: (d.level != CRITICAL, d.since, d.entity_id)))


def _latches(tx: Transaction, scene: Scene) -> Iterator[Decision]:
    """Those without an end: they hold until a person resets them."""
    for wallet in scene.wallets:
        for latch in RiskBook.from_json(state_of(tx, wallet).latches).state.latches:
            if latch.until_ms is not None:
                continue
            action = Action.RESET_KILL_SWITCH if latch.code == KILL_SWITCH else Action.RESET_LATCH
            told = f"{wallet.name} is {latch.state}: {latch.reason}"
            yield Decision(
                f"latched_{latch.code}", CRITICAL, told, latch.since_ms, "wallet", wallet.id,
                (action,), wallet.mode, wallet.id,
            )  # fmt: skip


def _lost_stages(tx: Transaction, scene: Scene) -> Iterator[Decision]:
    """What runs although live results took its stage away; DECAYED already leaves by itself."""
    for activation in scene.running:
        c = scene.configurations[activation.configuration_id]
        leaving = activation.state is ActivationState.DRAINING
        if c.lifecycle_stage not in (Stage.WATCH, Stage.DECAYED) or leaving:
            continue
        told = tx.events.newest(c.id, STAGE_EVENT, 1)
        yield Decision(
            f"stage_{c.lifecycle_stage.lower()}", WARNING,
            f"{scene.name_of(activation)} moved to {c.lifecycle_stage} and still trades",
            told[0].time if told else activation.created_at, "activation", activation.id,
            (Action.REVIEW_EVIDENCE, Action.DRAIN), activation.mode, activation.wallet_id, c.id,
        )  # fmt: skip


def _blocked(tx: Transaction, scene: Scene) -> Iterator[Decision]:
    for activation in scene.running:
        if activation.blocked is None or activation.state is ActivationState.DRAINING:
            continue
        told = tx.events.newest(activation.id, "activation.state", 20)
        since = next((e.time for e in told if e.payload.get("blocked")), activation.created_at)
        yield Decision(
            f"blocked_{activation.blocked}", WARNING,
            f"{scene.name_of(activation)} takes no entries: {activation.blocked}", since,
            "activation", activation.id, (Action.RESUME, Action.DRAIN), activation.mode,
            activation.wallet_id, activation.configuration_id,
        )  # fmt: skip


def _faulted(tx: Transaction, scene: Scene) -> Iterator[Decision]:
    """The newest activation of its configuration on its wallet, if it is one that faulted."""
    for wallet in scene.wallets:
        page = tx.activations.page(
            wallet_id=wallet.id, state=ActivationState.FAULTED, limit=MAX_LIMIT
        )
        seen: set[str] = set()
        for activation in page.items:
            if activation.configuration_id in seen:
                continue
            seen.add(activation.configuration_id)
            latest = tx.activations.page(
                wallet_id=wallet.id, configuration_id=activation.configuration_id, limit=1
            ).items[0]
            if latest.id != activation.id:
                continue
            c = tx.configurations.get(activation.configuration_id)
            yield Decision(
                "activation_faulted", CRITICAL if wallet.mode is Mode.LIVE else WARNING,
                f"{c.strategy_name} on {c.pair} stopped: {activation.fault}",
                activation.stopped_at or activation.created_at, "activation", activation.id,
                (Action.ACTIVATE,), activation.mode, wallet.id, c.id,
            )  # fmt: skip


def _unknown_orders(tx: Transaction, scene: Scene) -> Iterator[Decision]:
    for wallet in scene.wallets:
        page = tx.orders.page(wallet_id=wallet.id, state=OrderState.UNKNOWN, limit=MAX_LIMIT)
        for order in page.items:
            yield Decision(
                "order_unknown", CRITICAL,
                f"the outcome of {order.side} {order.pair} is not known; it is not sent twice",
                order.updated_at, "order", order.id, (Action.RECONCILE,), order.mode, wallet.id,
                order.configuration_id,
            )  # fmt: skip


def _connections(tx: Transaction) -> Iterator[Decision]:
    for connection in tx.connections.page(limit=MAX_LIMIT).items:
        if connection.fault is not None:
            yield Decision(
                "connection_fault", WARNING, f"{connection.name}: {connection.fault}",
                connection.checked_at or connection.created_at, "connection", connection.id,
                (Action.CHECK_CONNECTION,), connection.mode,
            )  # fmt: skip


def _alerts(tx: Transaction, scene: Scene) -> Iterator[Decision]:
    """Critical alerts that nobody has read."""
    found: Iterable[Alert] = tx.alerts.page(level=CRITICAL, unread=True, limit=MAX_LIMIT).items
    modes = {wallet.id: wallet.mode for wallet in scene.wallets}
    for alert in found:
        wallet_id = alert.entity_id if alert.entity == "wallet" else None
        yield Decision(
            f"alert_{alert.code}", CRITICAL, alert.message, alert.time, "alert", alert.id,
            (Action.ACKNOWLEDGE,), modes.get(wallet_id or ""), wallet_id,
        )  # fmt: skip
