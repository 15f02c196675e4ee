"""`reconcile`: every venue account beside the ledger, without a running engine or beside one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from tradepulse.domain.errors import RefusedError, TradePulseError, UsageError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.money import to_text

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.ledger import Wallet
    from tradepulse.engine.account_differences import AccountDifference
    from tradepulse.engine.cash_flows import DayFlows
    from tradepulse.exchanges.account_reading import AccountRead, AccountReader
    from tradepulse.exchanges.loop import IoLoop
    from tradepulse.storage.reconciling import Account, Baseline, LedgerOfAccount
    from tradepulse.storage.transaction import Transaction

_log = logging.getLogger(__name__)

# Fills are asked for from a little before the last agreement (venue time).
_OVERLAP_MS = 600_000
# A difference counts when two looks in a row have it: an engine may be writing meanwhile.
_LOOKS, _BETWEEN_S = 5, 1.0
FIRST, AGREED, KEPT, BUSY = "first", "agreed", "kept", "busy"


@dataclass(frozen=True)
class AccountReport:
    """One account. `baseline`: what became of the stored balances: `first` (there were none),
    `agreed` or `accepted` (moved to now), `kept` (they differ), `busy` (it never stood still).

    `ledger` and `venue` are the changes of balances between `since` and `until` (venue time), by
    currency, of those that the ledger has moved; `days` the ledger's flows between the two, which
    on spot are coins bought as much as money earned; `realised` the profit of closed trades."""

    account: Account
    differences: tuple[AccountDifference, ...]
    since: int | None
    until: int
    ledger: dict[str, Decimal]
    venue: dict[str, Decimal]
    days: tuple[DayFlows, ...]
    realised: tuple[DayResult, ...]
    baseline: str
    open_orders: int
    fills: int

    def as_json(self) -> dict[str, Any]:
        connection = self.account.connection
        changes = [
            {"currency": name, "ledger": _text(amount), "venue": _text(self.venue[name]),
             "difference": _text(self.venue[name] - amount)}
            for name, amount in sorted(self.ledger.items())
        ]  # fmt: skip
        days = [
            {"day": d.day, "currency": d.currency, "net": _text(d.net),
             **{kind: _text(amount) for kind, amount in d.by_kind.items()}}
            for d in self.days
        ]  # fmt: skip
        realised = [{**r._asdict(), "pnl": _text(r.pnl)} for r in self.realised]
        return {
            "connection_id": connection.id, "connection": connection.name,
            "exchange": connection.exchange, "market": str(connection.market),
            "mode": str(connection.mode), "wallets": [w.id for w in self.account.wallets],
            "since": self.since, "until": self.until, "open_orders": self.open_orders,
            "fills": self.fills, "changes": changes, "days": days,
            "realised": realised, "baseline": self.baseline,
        }  # fmt: skip


@dataclass(frozen=True)
class ReconcileReport:
    """`unread`: accounts that could not be asked, with the error."""

    accounts: tuple[AccountReport, ...]
    unread: tuple[tuple[Account, TradePulseError], ...]

    @property
    def differs(self) -> bool:
        return any(report.differences for report in self.accounts)

    def as_json(self) -> dict[str, Any]:
        """The document that `reconcile --json` prints."""
        return {
            "differences": [
                {"connection_id": report.account.connection.id, **difference._asdict()}
                for report in self.accounts for difference in report.differences
            ],
            "accounts": [report.as_json() for report in self.accounts],
            "unread": [
                {"connection_id": a.connection.id, "connection": a.connection.name,
                 "error": error.as_dict()}
                for a, error in self.unread
            ],
        }  # fmt: skip


class DayResult(NamedTuple):
    """Trades of a wallet that were closed on the UTC day that begins at `day`."""

    wallet_id: str
    day: int
    trades: int
    pnl: Decimal


class _Look(NamedTuple):
    """`still`: nothing moved while the account was read, so that balances can be compared."""

    read: AccountRead
    ledger: LedgerOfAccount
    found: tuple[AccountDifference, ...]
    still: bool


def reconcile(
    app: App,
    wallet: str | None = None,
    *,
    now_ms: Callable[[], int],
    accept: str | None = None,
    pause: Callable[[float], None] = time.sleep,
    user_id: str | None = None,
) -> ReconcileReport:
    """Compares the accounts of all wallets at venues (or of one: its id, its beginning or its name)
    with the ledger, and writes down what differs. Sends nothing, changes nothing else. `user_id`:
    only that user's are known.

    `accept`: why the balances as they are now are to be taken as right from here on.
    Errors: `wallet_not_found`; `not_at_a_venue` (RefusedError); `secret_unreadable`, `key_file`.
    """
    from tradepulse.exchanges.loop import IoLoop
    from tradepulse.storage.reconciling import accounts_of

    database = app.database if user_id is None else app.database.owned_by(user_id)
    with database.reading() as tx:
        accounts = accounts_of(tx, None if wallet is None else wallet_at_venue(tx, wallet).id)
    done: list[AccountReport] = []
    unread: list[tuple[Account, TradePulseError]] = []
    with IoLoop("reconcile") as loop:
        for account in accounts:
            try:
                done.append(_one(app, account, loop, now_ms, accept, pause))
            except TradePulseError as error:
                _log.warning("%s was not compared: %s", account.connection.name, error)
                unread.append((account, error))
    return ReconcileReport(tuple(done), tuple(unread))


def book_transfer(
    app: App, wallet: str, currency: str, amount: Decimal, *, now_ms: int, kind: str | None = None
) -> None:
    """Books a deposit (above 0) or withdrawal of a wallet's account, which no difference then is.

    Errors: those of `reconcile`; `bad_transfer` (UsageError).
    """
    from tradepulse.domain.reconciliation import Transfer
    from tradepulse.storage.reconciling import save_transfer

    if not amount.is_finite() or not amount or not currency.isalnum():
        raise UsageError(
            "bad_transfer", "that is no transfer",
            expected="CURRENCY=AMOUNT, as in USDT=250 or USDT=-250", found=f"{currency}={amount}",
        )  # fmt: skip
    with app.database.transaction() as tx:
        held = wallet_at_venue(tx, wallet)
        told = kind or ("deposit" if amount > 0 else "withdrawal")
        transfer = Transfer(str(uuid4()), held.id, now_ms, currency.upper(), amount, told)
        save_transfer(tx, transfer, now_ms)


def wallet_at_venue(tx: Transaction, wallet: str) -> Wallet:
    """The wallet of that id, beginning or name, which trades at a venue. Errors:
    `wallet_not_found`, `not_at_a_venue`."""
    named = [w for w in tx.wallets.page(limit=1000).items if w.name == wallet]
    found = named[0] if len(named) == 1 else tx.wallets.resolve(wallet)
    if found.connection_id is None:
        raise RefusedError(
            "not_at_a_venue", f"wallet {found.name!r} has no account at an exchange",
            expected="a wallet of a connection", found=str(found.mode),
        )  # fmt: skip
    return found


def _one(
    app: App, account: Account, loop: IoLoop, now_ms: Callable[[], int], accept: str | None,
    pause: Callable[[float], None],
) -> AccountReport:  # fmt: skip
    from tradepulse.exchanges.account_reading import AccountReader
    from tradepulse.storage.connecting import open_credentials
    from tradepulse.storage.reconciling import baseline_of, first_time, save_differences

    connection = account.connection
    credentials = open_credentials(app.database, app.safe, connection.id)
    with app.database.reading() as tx:
        baseline, began = baseline_of(tx, account), first_time(tx, account)
    since = baseline.time if baseline is not None else began
    with AccountReader(connection, credentials, loop) as reader:
        look = _settled(app, account, reader, baseline, since, pause)
    with app.database.transaction() as tx:
        save_differences(tx, account, look.found, now_ms())
        moved = _move_baseline(tx, account, baseline, look, now_ms(), accept)
    with app.database.reading() as tx:
        return _report(tx, account, baseline, look, moved)


def _settled(
    app: App, account: Account, reader: AccountReader, baseline: Baseline | None, since: int | None,
    pause: Callable[[float], None],
) -> _Look:  # fmt: skip
    """Looks until what differs has been seen twice and everything stood still meanwhile."""
    from tradepulse.engine.account_differences import agreed

    look = _look(app, account, reader, baseline, since)
    if look.still and not look.found:
        return look
    for _ in range(_LOOKS - 1):
        pause(_BETWEEN_S)
        again = _look(app, account, reader, baseline, since)
        both = agreed(look.found, again.found)
        look = again
        if again.still and both == again.found:
            break
    return look._replace(found=both)


def _look(
    app: App, account: Account, reader: AccountReader, baseline: Baseline | None, since: int | None
) -> _Look:
    from tradepulse.engine.account_differences import FILL, agreed, balance_differences, differences
    from tradepulse.storage.reconciling import ledger_of

    database, from_ms = app.database, max((since or 0) - _OVERLAP_MS, 0)
    with database.reading() as tx:
        before = ledger_of(tx, account, from_ms)
    # Without an order of ours there is nothing to ask for by pair.
    read = reader.read(account.pairs if since is not None else (), from_ms)
    read = _with_owners(read, reader, before)
    with database.reading() as tx:
        before = before._replace(view=ledger_of(tx, account, from_ms, read.snapshot).view)
        after = ledger_of(tx, account, from_ms, read.snapshot)
    first = differences(before.view, read.snapshot)
    found = agreed(first, differences(after.view, read.snapshot))
    still = before.flows == after.flows and not any(d.kind == FILL for d in found)
    if still and baseline is not None:
        ledger, venue = _changes(baseline, after, read)
        fills = sum(fill.time >= baseline.time for fill in after.view.fills)
        found = (*found, *balance_differences(ledger, venue, fills))
    return _Look(read, after, found, still)


def _with_owners(
    read: AccountRead, reader: AccountReader, ledger: LedgerOfAccount
) -> AccountRead:  # fmt: skip
    """The fills that the ledger has not booked, with the names of their orders."""
    snapshot = read.snapshot
    unknown = [f for f in snapshot.fills if (f.pair, f.trade_id) not in ledger.booked]
    if not unknown:
        return read
    named = {(f.pair, f.trade_id): f for f in reader.named(unknown)}
    fills = tuple(named.get((f.pair, f.trade_id), f) for f in snapshot.fills)
    return read._replace(snapshot=snapshot._replace(fills=fills))


def _changes(
    baseline: Baseline, ledger: LedgerOfAccount, read: AccountRead
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """(ledger, venue): how balances changed since the baseline, of the ledger's currencies."""
    from tradepulse.engine.cash_flows import totals

    nothing, now = Decimal(0), totals(ledger.flows)
    names = sorted(now.keys() | baseline.flows.keys())
    ours = {n: now.get(n, nothing) - baseline.flows.get(n, nothing) for n in names}
    theirs = {n: read.balances.get(n, nothing) - baseline.balances.get(n, nothing) for n in names}
    return ours, theirs


def _move_baseline(
    tx: Transaction, account: Account, baseline: Baseline | None, look: _Look, now_ms: int,
    accept: str | None,
) -> str:  # fmt: skip
    """What the stored balances become; they move on only when nothing about money differs."""
    from tradepulse.engine.account_differences import FILL, PNL
    from tradepulse.engine.cash_flows import totals
    from tradepulse.storage.reconciling import Baseline, save_baseline

    if not look.still:
        return BUSY
    differs = any(difference.kind in (FILL, PNL) for difference in look.found)
    if differs and accept is None:
        return KEPT
    how = FIRST if baseline is None else AGREED
    how = f"accepted: {accept}" if differs else how
    now = Baseline(look.read.snapshot.time, dict(look.read.balances), totals(look.ledger.flows))
    save_baseline(tx, account, now, now_ms, how)
    return how.partition(":")[0]


def _report(
    tx: Transaction, account: Account, baseline: Baseline | None, look: _Look, moved: str
) -> AccountReport:
    from tradepulse.engine.cash_flows import by_day

    ledger, venue = ({}, {}) if baseline is None else _changes(baseline, look.ledger, look.read)
    snapshot = look.read.snapshot
    since = None if baseline is None else baseline.time
    days = by_day(look.ledger.flows, since or 0)
    return AccountReport(
        account, look.found, since, snapshot.time, ledger, venue, days,
        _realised(tx, account, days), moved, len(snapshot.orders), len(snapshot.fills),
    )  # fmt: skip


def _realised(
    tx: Transaction, account: Account, days: tuple[DayFlows, ...]
) -> tuple[DayResult, ...]:
    found = []
    for wallet in account.wallets:
        for day in sorted({flows.day for flows in days}):
            sums = tx.trades.totals(wallet_id=wallet.id, since_ms=day, until_ms=day + DAY_MS)
            if sums.trade_count:
                found.append(DayResult(wallet.id, day, sums.trade_count, sums.pnl))
    return tuple(found)


def _text(amount: Decimal) -> str:
    """Without the zeros that exact sums carry along."""
    return to_text(amount.normalize() + 0)
