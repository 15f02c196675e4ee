"""What the ledger knows of one venue account, and the rows that a comparison with it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import uuid4

from tradepulse.domain.connection import Connection
from tradepulse.domain.event import NewEvent
from tradepulse.domain.instrument import Pair
from tradepulse.domain.ledger import Activation, FillRecord, OrderRecord, Wallet
from tradepulse.domain.money import to_text
from tradepulse.domain.reconciliation import Reconciliation, Transfer
from tradepulse.engine.account_differences import AccountDifference, LedgerView
from tradepulse.engine.cash_flows import FUNDING, Flow, fill_flows, transfer_flows
from tradepulse.execution.venue import AccountSnapshot
from tradepulse.storage.alerting import WARNING, raise_alert
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.transaction import Transaction

# The kind of a row that holds the balances a later comparison starts from.
BALANCE = "balance"
REPORTED = "reported"


@dataclass(frozen=True)
class Account:
    """A connection with the wallets that share its account, oldest first, all that ever ran on
    them, and the pairs of it."""

    connection: Connection
    wallets: tuple[Wallet, ...]
    activations: tuple[Activation, ...]
    pairs: tuple[str, ...]

    @property
    def first_wallet(self) -> str:
        """The wallet that rows of the whole account are written under."""
        return self.wallets[0].id


class Baseline(NamedTuple):
    """Balances and ledger flows of one moment, by currency; `time` is the venue's."""

    time: int
    balances: dict[str, Decimal]
    flows: dict[str, Decimal]


class LedgerOfAccount(NamedTuple):
    """`flows` since the account's beginning, made of `fill_count` fills and what else moved it."""

    view: LedgerView
    flows: tuple[Flow, ...]
    fill_count: int
    booked: frozenset[tuple[str, str | None]]


def accounts_of(tx: Transaction, wallet_id: str | None = None) -> tuple[Account, ...]:
    """The accounts behind all wallets that trade at a venue, or behind one of them."""
    wallets = tx.wallets.page(limit=MAX_LIMIT).items
    chosen = [w for w in wallets if wallet_id in (None, w.id) and w.connection_id is not None]
    names = dict.fromkeys(w.connection_id for w in chosen if w.connection_id is not None)
    found = []
    for name in names:
        connection = tx.connections.get(name)
        if connection.deleted_at is None:
            sharing = tuple(w for w in wallets if w.connection_id == name)
            found.append(_account(tx, connection, sharing))
    return tuple(found)


def first_time(tx: Transaction, account: Account) -> int | None:
    """The venue time of the account's first order of ours, None before it."""
    times = [
        page.items[0].created_at for wallet in account.wallets
        if (page := tx.orders.page(wallet_id=wallet.id, sort="created_at", limit=1)).items
    ]  # fmt: skip
    return min(times, default=None)


def ledger_of(
    tx: Transaction, account: Account, since_ms: int, snapshot: AccountSnapshot | None = None
) -> LedgerOfAccount:
    """The account's ledger of one moment; with `snapshot` the orders too that the venue named."""
    fills = [fill for wallet in account.wallets for fill in _all_fills(tx, wallet.id)]
    booked = frozenset((fill.pair, fill.venue_trade_id) for fill in fills)
    orders = {o.id: o for o in _unfinished(tx, account)}
    if snapshot is not None:
        orders |= {o.id: o for o in _named(tx, account, snapshot, booked)}
    positions = tuple(p for w in account.wallets for p in tx.positions.open(wallet_id=w.id))
    flows = [*fill_flows(fills), *_funding(tx, account), *transfer_flows(_transfers(tx, account))]
    recent = tuple(fill for fill in fills if fill.time >= since_ms)
    view = LedgerView(tuple(orders.values()), recent, positions)
    return LedgerOfAccount(view, tuple(flows), len(fills), booked)


def baseline_of(tx: Transaction, account: Account) -> Baseline | None:
    """The balances that were last stored as agreed on, None before the first."""
    found = tx.reconciliations.page(
        wallet_id=account.first_wallet, kind=BALANCE, entity_id=account.connection.id, limit=1
    ).items
    if not found:
        return None
    kept = found[0].payload
    return Baseline(
        kept["market_time"],
        {name: Decimal(text) for name, text in kept["balances"].items()},
        {name: Decimal(text) for name, text in kept["flows"].items()},
    )


def save_baseline(
    tx: Transaction, account: Account, baseline: Baseline, now_ms: int, how: str
) -> None:
    """Stores the balances that the next comparison starts from; `how` they came to be that."""
    balances = _as_text(baseline.balances)
    told = ", ".join(f"{amount} {name}" for name, amount in balances.items()) or "nothing"
    payload = {
        "market_time": baseline.time, "balances": balances, "flows": _as_text(baseline.flows)
    }  # fmt: skip
    row = Reconciliation(
        str(uuid4()), account.first_wallet, now_ms, BALANCE, account.connection.id, told, told,
        how, payload,
    )  # fmt: skip
    tx.reconciliations.insert(row)


def save_differences(
    tx: Transaction, account: Account, found: Sequence[AccountDifference], now_ms: int
) -> tuple[Reconciliation, ...]:
    """A row and an event for each difference, and one alert for all of them."""
    if not found:
        return ()
    connection = account.connection
    rows = tuple(_row(account, difference, now_ms) for difference in found)
    tx.reconciliations.insert_many(rows)
    for row in rows:
        payload = {
            "kind": row.kind, **row.payload, "expected": row.expected, "found": row.found
        }  # fmt: skip
        tx.events.append(
            NewEvent(
                now_ms,
                "reconcile.difference",
                "reconciliation",
                row.id,
                payload,
                connection.user_id,
            )
        )
    raise_alert(
        tx, WARNING, "reconcile_difference",
        f"{len(rows)} differences between the ledger and {connection.name!r}",
        entity="connection", entity_id=connection.id, now_ms=now_ms, user_id=connection.user_id,
    )  # fmt: skip
    return rows


def save_transfer(tx: Transaction, transfer: Transfer, now_ms: int) -> None:
    """Books a deposit or withdrawal, with its event."""
    tx.transfers.insert(transfer)
    payload = {
        "currency": transfer.currency, "amount": to_text(transfer.amount), "kind": transfer.kind
    }  # fmt: skip
    tx.events.append(
        NewEvent(
            now_ms, "wallet.transferred", "wallet", transfer.wallet_id, payload,
            tx.wallets.get(transfer.wallet_id).user_id,
        )
    )  # fmt: skip


def _account(tx: Transaction, connection: Connection, wallets: tuple[Wallet, ...]) -> Account:
    ran = tuple(a for wallet in wallets for a in _all_activations(tx, wallet.id))
    known = tx.configurations.of_ids({a.configuration_id for a in ran})
    pairs = sorted({known[a.configuration_id].pair for a in ran})
    return Account(connection, wallets, ran, tuple(pairs))


def _all_activations(tx: Transaction, wallet_id: str) -> Iterator[Activation]:
    cursor: str | None = None
    while True:
        page = tx.activations.page(wallet_id=wallet_id, cursor=cursor, limit=MAX_LIMIT)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _all_fills(tx: Transaction, wallet_id: str) -> Iterator[FillRecord]:
    cursor: str | None = None
    while True:
        page = tx.fills.page(wallet_id=wallet_id, sort="time", cursor=cursor, limit=MAX_LIMIT)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _unfinished(tx: Transaction, account: Account) -> Iterator[OrderRecord]:
    ours = {wallet.id for wallet in account.wallets}
    return (order for order in tx.orders.unfinished() if order.wallet_id in ours)


def _named(
    tx: Transaction, account: Account, snapshot: AccountSnapshot,
    booked: frozenset[tuple[str, str | None]],
) -> Iterator[OrderRecord]:  # fmt: skip
    names = {order.client_order_id for order in snapshot.orders}
    names |= {
        fill.client_order_id for fill in snapshot.fills
        if fill.client_order_id is not None and (fill.pair, fill.trade_id) not in booked
    }  # fmt: skip
    ours = {wallet.id for wallet in account.wallets}
    for name in sorted(names):
        order = tx.orders.by_client_order_id(name)
        if order is not None and order.wallet_id in ours:
            yield order


def _funding(tx: Transaction, account: Account) -> Iterator[Flow]:
    """What the venue settled, as it told: also where nothing was held any more by then."""
    if not any(Pair.parse(pair).settle for pair in account.pairs):
        return
    known = tx.configurations.of_ids({a.configuration_id for a in account.activations})
    settles = {
        a.id: Pair.parse(known[a.configuration_id].pair).settle for a in account.activations
    }  # fmt: skip
    after: int | None = None
    while events := tx.events.since(after, types=["funding.paid"]):
        for event in events:
            settle = settles.get(event.entity_id)
            if settle is not None:
                told = event.payload
                time = int(told.get("time", event.time))
                yield Flow(settle, Decimal(told["cash"]), FUNDING, time)
        after = events[-1].sequence


def _transfers(tx: Transaction, account: Account) -> Iterable[Transfer]:
    for wallet in account.wallets:
        cursor: str | None = None
        while True:
            page = tx.transfers.page(wallet_id=wallet.id, cursor=cursor, limit=MAX_LIMIT)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                break


def _row(account: Account, difference: AccountDifference, now_ms: int) -> Reconciliation:
    payload = {
        "what": difference.what, "pair": difference.pair, "connection_id": account.connection.id
    }  # fmt: skip
    return Reconciliation(
        str(uuid4()), difference.wallet_id or account.first_wallet, now_ms, difference.kind,
        difference.entity_id, difference.expected, difference.found, REPORTED, payload,
    )  # fmt: skip


def _as_text(amounts: dict[str, Decimal]) -> dict[str, str]:
    return {name: to_text(amount) for name, amount in sorted(amounts.items())}
