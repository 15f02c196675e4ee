"""One unit of work: the repositories over one connection, all committed together."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tradepulse.domain.user import OWNER_ID
from tradepulse.storage.repositories.activations import Activations
from tradepulse.storage.repositories.alerts import Alerts
from tradepulse.storage.repositories.api_keys import ApiKeys
from tradepulse.storage.repositories.audit import Audit
from tradepulse.storage.repositories.configurations import Configurations
from tradepulse.storage.repositories.connections import Connections
from tradepulse.storage.repositories.events import Events
from tradepulse.storage.repositories.hold_outs import HoldOuts
from tradepulse.storage.repositories.instruments import Instruments
from tradepulse.storage.repositories.jobs import Jobs
from tradepulse.storage.repositories.live_market import (
    BookWishes,
    EngineReports,
    OrderBooks,
    Quotes,
)
from tradepulse.storage.repositories.logs import Logs
from tradepulse.storage.repositories.manual_commands import ManualCommands
from tradepulse.storage.repositories.orders import Fills, Orders
from tradepulse.storage.repositories.performance import Performance
from tradepulse.storage.repositories.portfolio import Portfolio, Positions
from tradepulse.storage.repositories.reconciliations import Reconciliations, Transfers
from tradepulse.storage.repositories.risk import Receipts, RiskLocks, RiskStates
from tradepulse.storage.repositories.sessions import RefreshTokens, Sessions
from tradepulse.storage.repositories.settings_versions import SettingsVersions
from tradepulse.storage.repositories.sign_in_attempts import SignInAttempts
from tradepulse.storage.repositories.signals import Signals
from tradepulse.storage.repositories.studies import Studies
from tradepulse.storage.repositories.terms import Terms
from tradepulse.storage.repositories.trades import Trades
from tradepulse.storage.repositories.trials import Trials
from tradepulse.storage.repositories.users import Users
from tradepulse.storage.repositories.wallets import Wallets


class Transaction:
    """The repositories of one transaction; not to be kept after its block.

    With an `owner` (a user's id) they know this user's rows alone, and what is common to all: a
    foreign id is not found, as one that never was.
    """

    def __init__(self, connection: Connection, owner: str | None = None) -> None:
        self.connection = connection
        self.owner = owner

    @property
    def user_id(self) -> str:
        """Whose is what is made here: the owner's, else the machine's owner's."""
        return self.owner or OWNER_ID

    def hold(self, name: str) -> None:
        """Wait until no other transaction holds `name`, then hold it to the end of this one.

        For work that must look before it writes and finds no row to lock, such as a command that
        may be sent twice. SQLite's writer holds the whole file already.
        """
        if self.connection.dialect.name == "postgresql":
            number = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    @cached_property
    def configurations(self) -> Configurations:
        return Configurations(self.connection, self.owner)

    @cached_property
    def trials(self) -> Trials:
        return Trials(self.connection, self.owner)

    @cached_property
    def studies(self) -> Studies:
        return Studies(self.connection, self.owner)

    @cached_property
    def hold_outs(self) -> HoldOuts:
        return HoldOuts(self.connection, self.owner)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.connection, self.owner)

    @cached_property
    def instruments(self) -> Instruments:
        return Instruments(self.connection, self.owner)

    @cached_property
    def wallets(self) -> Wallets:
        return Wallets(self.connection, self.owner)

    @cached_property
    def activations(self) -> Activations:
        return Activations(self.connection, self.owner)

    @cached_property
    def signals(self) -> Signals:
        return Signals(self.connection, self.owner)

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.connection, self.owner)

    @cached_property
    def fills(self) -> Fills:
        return Fills(self.connection, self.owner)

    @cached_property
    def trades(self) -> Trades:
        return Trades(self.connection, self.owner)

    @cached_property
    def positions(self) -> Positions:
        return Positions(self.connection, self.owner)

    @cached_property
    def portfolio(self) -> Portfolio:
        return Portfolio(self.connection, self.owner)

    @cached_property
    def performance(self) -> Performance:
        return Performance(self.connection, self.owner)

    @cached_property
    def logs(self) -> Logs:
        return Logs(self.connection, self.owner)

    @cached_property
    def events(self) -> Events:
        return Events(self.connection, self.owner)

    @cached_property
    def settings(self) -> SettingsVersions:
        return SettingsVersions(self.connection, self.owner)

    @cached_property
    def manual(self) -> ManualCommands:
        return ManualCommands(self.connection, self.owner)

    @cached_property
    def connections(self) -> Connections:
        return Connections(self.connection, self.owner)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self.connection, self.owner)

    @cached_property
    def risk_states(self) -> RiskStates:
        return RiskStates(self.connection, self.owner)

    @cached_property
    def risk_locks(self) -> RiskLocks:
        return RiskLocks(self.connection, self.owner)

    @cached_property
    def receipts(self) -> Receipts:
        return Receipts(self.connection, self.owner)

    @cached_property
    def reconciliations(self) -> Reconciliations:
        return Reconciliations(self.connection, self.owner)

    @cached_property
    def transfers(self) -> Transfers:
        return Transfers(self.connection, self.owner)

    @cached_property
    def terms(self) -> Terms:
        return Terms(self.connection, self.owner)

    @cached_property
    def users(self) -> Users:
        return Users(self.connection, self.owner)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.connection, self.owner)

    @cached_property
    def refresh_tokens(self) -> RefreshTokens:
        return RefreshTokens(self.connection, self.owner)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self.connection, self.owner)

    @cached_property
    def attempts(self) -> SignInAttempts:
        return SignInAttempts(self.connection)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self.connection)

    @cached_property
    def quotes(self) -> Quotes:
        return Quotes(self.connection)

    @cached_property
    def order_books(self) -> OrderBooks:
        return OrderBooks(self.connection)

    @cached_property
    def book_wishes(self) -> BookWishes:
        return BookWishes(self.connection)

    @cached_property
    def engine_reports(self) -> EngineReports:
        return EngineReports(self.connection)
