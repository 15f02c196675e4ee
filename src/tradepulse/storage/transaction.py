"""One unit of work: the repositories over one connection, all committed together."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tradepulse.storage.repositories.activations import Activations
from tradepulse.storage.repositories.alerts import Alerts
from tradepulse.storage.repositories.configurations import Configurations
from tradepulse.storage.repositories.connections import Connections
from tradepulse.storage.repositories.events import Events
from tradepulse.storage.repositories.hold_outs import HoldOuts
from tradepulse.storage.repositories.instruments import Instruments
from tradepulse.storage.repositories.jobs import Jobs
from tradepulse.storage.repositories.logs import Logs
from tradepulse.storage.repositories.orders import Fills, Orders
from tradepulse.storage.repositories.performance import Performance
from tradepulse.storage.repositories.portfolio import Portfolio, Positions
from tradepulse.storage.repositories.reconciliations import Reconciliations, Transfers
from tradepulse.storage.repositories.risk import Receipts, RiskLocks, RiskStates
from tradepulse.storage.repositories.settings_versions import SettingsVersions
from tradepulse.storage.repositories.signals import Signals
from tradepulse.storage.repositories.studies import Studies
from tradepulse.storage.repositories.terms import Terms
from tradepulse.storage.repositories.trades import Trades
from tradepulse.storage.repositories.trials import Trials
from tradepulse.storage.repositories.wallets import Wallets


class Transaction:
    """The repositories of one transaction; not to be kept after its block."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

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
        return Configurations(self.connection)

    @cached_property
    def trials(self) -> Trials:
        return Trials(self.connection)

    @cached_property
    def studies(self) -> Studies:
        return Studies(self.connection)

    @cached_property
    def hold_outs(self) -> HoldOuts:
        return HoldOuts(self.connection)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.connection)

    @cached_property
    def instruments(self) -> Instruments:
        return Instruments(self.connection)

    @cached_property
    def wallets(self) -> Wallets:
        return Wallets(self.connection)

    @cached_property
    def activations(self) -> Activations:
        return Activations(self.connection)

    @cached_property
    def signals(self) -> Signals:
        return Signals(self.connection)

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.connection)

    @cached_property
    def fills(self) -> Fills:
        return Fills(self.connection)

    @cached_property
    def trades(self) -> Trades:
        return Trades(self.connection)

    @cached_property
    def positions(self) -> Positions:
        return Positions(self.connection)

    @cached_property
    def portfolio(self) -> Portfolio:
        return Portfolio(self.connection)

    @cached_property
    def performance(self) -> Performance:
        return Performance(self.connection)

    @cached_property
    def logs(self) -> Logs:
        return Logs(self.connection)

    @cached_property
    def events(self) -> Events:
        return Events(self.connection)

    @cached_property
    def settings(self) -> SettingsVersions:
        return SettingsVersions(self.connection)

    @cached_property
    def connections(self) -> Connections:
        return Connections(self.connection)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self.connection)

    @cached_property
    def risk_states(self) -> RiskStates:
        return RiskStates(self.connection)

    @cached_property
    def risk_locks(self) -> RiskLocks:
        return RiskLocks(self.connection)

    @cached_property
    def receipts(self) -> Receipts:
        return Receipts(self.connection)

    @cached_property
    def reconciliations(self) -> Reconciliations:
        return Reconciliations(self.connection)

    @cached_property
    def transfers(self) -> Transfers:
        return Transfers(self.connection)

    @cached_property
    def terms(self) -> Terms:
        return Terms(self.connection)
