"""The only module that names concrete adapters: it turns a home into its open parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tradepulse.domain.errors import DataError, TradePulseError, UsageError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.settings import Settings
from tradepulse.storage.home import Home, load_settings

if TYPE_CHECKING:
    from tradepulse.domain.configuration import Configuration
    from tradepulse.domain.ledger import Activation
    from tradepulse.engine.feed import StoredBars
    from tradepulse.engine.ports import BarFeed
    from tradepulse.engine.replay import ReplayReport
    from tradepulse.engine.supervision import TradingEngineManager
    from tradepulse.marketdata.store import BarStore
    from tradepulse.storage.database import Database
    from tradepulse.storage.journal import DatabaseJournal
    from tradepulse.storage.transaction import Transaction
    from tradepulse.strategies.registry import Registry


@dataclass(frozen=True)
class App:
    """One instance: its home, its settings, and its parts, each opened on first use."""

    home: Home
    settings: Settings

    @property
    def database_url(self) -> str:
        return self.settings.database.url or f"sqlite:///{self.home.database_file}"

    @property
    def bars_folder(self) -> Path:
        """Where bars are kept. Error `bars_url` for an address that is no folder."""
        url = self.settings.bars.url
        if url is None:
            return self.home.data
        folder = url.removeprefix("file://")
        if "://" in folder:
            # As a path it would quietly become a folder called `s3:` somewhere.
            raise UsageError(
                "bars_url", "bars can be kept in a folder only",
                expected="a folder or file:///folder", found=repr(url),
            )  # fmt: skip
        return Path(folder).expanduser()

    @cached_property
    def bars(self) -> BarStore:
        return open_store(self.bars_folder)

    @cached_property
    def database(self) -> Database:
        """The open database; the home's own SQLite file is made on first use.

        Errors: `database_unavailable`; `database_outdated`, cured by `tradepulse db upgrade`.
        """
        own = self.settings.database.url is None
        database = self.connect(upgrade=own and not self.home.database_file.exists())
        database.check()
        return database

    def connect(self, *, upgrade: bool) -> Database:
        """The database without a look at its version; `upgrade` brings its tables to ours."""
        from tradepulse.storage.database import Database

        if self.settings.database.url is None:
            self.home.create()
        return Database.open(self.database_url, upgrade=upgrade)

    @cached_property
    def journal(self) -> DatabaseJournal:
        """What the engine writes down, in this home's database."""
        from tradepulse.storage.journal import DatabaseJournal

        return DatabaseJournal(self.database)

    def feed(self, bars_per_second: float | None = None) -> StoredBars:
        """The kept bars as an engine is fed with them, each source at that pace; None: at once."""
        from tradepulse.engine.feed import StoredBars

        return StoredBars(self.bars, bars_per_second)

    def manager(self, feed: BarFeed) -> TradingEngineManager:
        """A supervisor of this home's activations on paper exchanges; not started yet."""
        from tradepulse.engine.supervision import TradingEngineManager
        from tradepulse.exchanges.paper import PaperExchange

        return TradingEngineManager(self.journal, feed, PaperExchange)

    @cached_property
    def registry(self) -> Registry:
        from tradepulse.strategies.registry import Registry

        return Registry(self.home.strategies)


def open_home(path: Path | None = None, settings_file: Path | None = None) -> App:
    """The instance whose home is `path` (default: TRADEPULSE_HOME, else `./user_data`).

    Nothing is created or opened yet. Errors: those of `load_settings`.
    """
    home = Home.at(path)
    return App(home, load_settings(home, settings_file))


def open_store(folder: Path) -> BarStore:
    """The bar store in `folder`; it makes intervals it does not keep of finer ones."""
    from tradepulse.marketdata.folding import FoldingStore
    from tradepulse.storage.parquet_bars import ParquetBarStore

    return FoldingStore(ParquetBarStore(folder))


def replay_configuration(
    app: App,
    configuration: Configuration,
    start_ms: int | None = None,
    end_ms: int | None = None,
    *,
    wallet_id: str | None = None,
    allotment: Decimal | None = None,
    clock: Callable[[], int],
    progress: Callable[[int, int], None] | None = None,
) -> ReplayReport:
    """What the engine did with `configuration` over kept bars that open in [start_ms, end_ms).

    Without a wallet the run gets one of its own, with the initial cash of the rules. On a given
    wallet a run from the same first bar that was killed half-way is taken up where its ledger ends.
    Errors: those of `request_activation` and `engine.replay`, and `empty`.
    """
    from tradepulse.engine.replay import replay
    from tradepulse.exchanges.paper import PaperExchange
    from tradepulse.storage.activating import request_activation
    from tradepulse.storage.paper_wallet import replay_wallet

    c = configuration
    bars = app.bars.read(c.exchange, c.pair, c.interval, start_ms, end_ms)
    if len(bars) == 0:
        raise DataError("empty", f"no {c.interval} bars of {c.pair} on {c.exchange} in that range",
                        expected="a range with bars", found="none")  # fmt: skip
    funding = None
    if c.rules.get("market") == Market.PERPETUAL:
        funding = app.bars.read_funding(c.exchange, c.pair)
    with app.database.transaction() as tx:
        wallet = wallet_id or replay_wallet(tx, c, clock()).id
        first = int(bars.open_time[0])
        activation = _killed_half_way(tx, c.id, wallet, first) or request_activation(
            tx, c.id, wallet, now_ms=clock(), allotment=allotment, session_start=first,
        )  # fmt: skip
    try:
        return replay(
            activation.id, bars, app.journal, PaperExchange, clock=clock, funding=funding,
            progress=progress,
        )  # fmt: skip
    except BaseException as error:
        # Left as it is, the next engine to start would take it for a wish and trade it.
        told = f"{error.code}: {error}" if isinstance(error, TradePulseError) else repr(error)
        app.journal.set_state(activation.id, ActivationState.FAULTED, clock(), told)
        raise


def _killed_half_way(
    tx: Transaction, configuration_id: str, wallet_id: str, first_bar: int
) -> Activation | None:
    """A run of the configuration on that wallet and from that bar which never came to its end."""
    known = tx.activations.of_configuration(configuration_id)
    return next(
        (
            a for a in known
            if (a.wallet_id, a.session_start) == (wallet_id, first_bar) and not a.state.is_over
        ),
        None,
    )  # fmt: skip
