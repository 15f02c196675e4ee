"""The only module that names concrete adapters: it turns a home into its open parts."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tradepulse.domain.errors import DataError, TradePulseError, UsageError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.job import JobState
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.settings import Settings
from tradepulse.storage.home import Home, layers_of
from tradepulse.storage.settings_layers import Layers

if TYPE_CHECKING:
    from tradepulse.bootstrap.current_settings import CurrentSettings
    from tradepulse.domain.configuration import Configuration
    from tradepulse.domain.connection import Connection, Credentials
    from tradepulse.domain.ledger import Activation
    from tradepulse.engine.feed import StoredBars
    from tradepulse.engine.replay import ReplayReport
    from tradepulse.exchanges.keys import KeyCheck
    from tradepulse.marketdata.store import BarStore
    from tradepulse.storage.database import Database
    from tradepulse.storage.forward_testing import ForwardTest
    from tradepulse.storage.journal import DatabaseJournal
    from tradepulse.storage.secrets import Safe
    from tradepulse.storage.token_keys import TokenKeys
    from tradepulse.storage.transaction import Transaction
    from tradepulse.strategies.registry import Registry
    from tradepulse.strategies.strategy import Strategy
    from tradepulse.training.evaluation import TrialExecutor
    from tradepulse.training.jobs.runner import JobRunner
    from tradepulse.training.ledger import TrialLedger
    from tradepulse.training.spec import TrainSpec
    from tradepulse.training.train import OpenExecutor, PlugIns, TrainResult
    from tradepulse.training.windows import Dataset


@dataclass(frozen=True)
class App:
    """One instance: its home, its settings, and its parts, each opened on first use."""

    home: Home
    settings: Settings
    # The file that was named instead of the home's own: another process needs to be told of it.
    settings_file: Path | None = None
    # What the settings were made of. Left out where they are given ready-made.
    layers: Layers | None = None

    @cached_property
    def current(self) -> CurrentSettings:
        """The settings in force by now: a version in the database may have changed some."""
        from tradepulse.bootstrap.current_settings import CurrentSettings

        layers = self.layers or Layers(self.settings.model_dump(mode="json", exclude_unset=True))
        return CurrentSettings(lambda: self.database, layers)

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

    @cached_property
    def safe(self) -> Safe:
        """Where the secrets of this home's connections can be read: its key is not in the
        database."""
        from tradepulse.storage.secrets import Safe

        return Safe.of(self.home)

    @cached_property
    def token_keys(self) -> TokenKeys:
        """What access tokens are signed with; its file is made by the first sign-in."""
        from tradepulse.storage.token_keys import TokenKeys

        return TokenKeys.of(self.home)

    def base_url_of(self, exchange: str) -> str | None:
        """The address that the settings put in the place of a venue's own."""
        section = self.settings.exchanges.get(exchange)
        return None if section is None else section.base_url

    def check_keys(self, connection: Connection, credentials: Credentials) -> KeyCheck:
        """What the venue says of a pair of keys. Errors: those of `examine_connection`."""
        from tradepulse.exchanges.keys import examine_connection
        from tradepulse.exchanges.loop import IoLoop

        loop = IoLoop("keys").start()
        try:
            return examine_connection(connection, credentials, loop)
        finally:
            loop.stop()

    @cached_property
    def registry(self) -> Registry:
        from tradepulse.strategies.registry import Registry

        return Registry(self.home.strategies)


def open_home(path: Path | None = None, settings_file: Path | None = None) -> App:
    """The instance whose home is `path` (default: TRADEPULSE_HOME, else `./user_data`).

    Nothing is created or opened yet. Errors: those of `load_settings`.
    """
    home = Home.at(path)
    layers = layers_of(home, settings_file)
    return App(home, layers.resolved().settings, settings_file, layers)


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


def forward_test(
    app: App,
    configuration: Configuration,
    days: int | None = None,
    *,
    clock: Callable[[], int],
    progress: Callable[[int, int], None] | None = None,
) -> ForwardTest:
    """What the engine did over the newest `days` of kept bars that came after the configuration's
    training data (None: all of them), beside the kernel's run over the same.

    The run has a paper wallet of its own. Errors: `no_newer_bars`, those of `replay_configuration`.
    """
    from tradepulse.storage.forward_testing import compared, forward_span

    span = forward_span(app.database, app.bars, configuration, days)
    report = replay_configuration(
        app, configuration, span.start_ms, span.end_ms, clock=clock, progress=progress
    )
    return compared(app.database, app.bars, report.activation_id, span)


def training_spec(
    app: App,
    *,
    strategy: str,
    exchange: str | None = None,
    pair: str | None = None,
    interval: str | None = None,
    rules: Mapping[str, Any] | None = None,
    **options: Any,
) -> TrainSpec:
    """The training run that was asked for, with every name as the home knows it.

    What is None may be anything as long as one kept series is left; `rules` are completed by the
    pair's market. `options` are fields of `TrainSpec`, those that are None left out.
    Errors: `strategy_not_found`; those of `choose_series`; `bad_rules`, `bad_train_spec`.
    """
    from tradepulse.marketdata.history import choose_series
    from tradepulse.simulation.rules import Rules
    from tradepulse.training.spec import TrainSpec

    name = app.registry.find(strategy).name
    wanted = None if pair is None else Pair.parse(pair)
    choice = choose_series(app.bars.series(), exchange, wanted, interval)
    instrument = choice.instrument
    agreed = Rules.from_json({"market": instrument.pair.market.value, **(rules or {})})
    given = {key: value for key, value in options.items() if value is not None}
    return TrainSpec(
        strategy=name, exchange=instrument.exchange, pair=str(instrument.pair),
        interval=str(choice.interval), rules=agreed, **given,
    )  # fmt: skip


def training_inputs(app: App, spec: TrainSpec) -> tuple[type[Strategy], Dataset]:
    """(the strategy, the data) a training run reads, looked up anew for every run.

    Mark prices are left out, as a replay leaves them out: both are charged alike.
    Errors: `strategy_not_found`, `symbol_not_found`, `interval_not_found`, `empty`.
    """
    from tradepulse.marketdata.history import choose_series, load_history
    from tradepulse.signals.program import required_columns
    from tradepulse.strategies.registry import Registry
    from tradepulse.training.windows import Dataset

    strategy = Registry(app.home.strategies).get(spec.strategy)
    known, pair = app.bars.series(), Pair.parse(spec.pair)
    choice = choose_series(known, spec.exchange, pair, spec.interval)
    columns = required_columns(strategy().graph)
    history = load_history(app.bars, choice, spec.start_ms, spec.end_ms, columns=columns)
    return strategy, Dataset(history.bars, spec.rules, history.inputs["funding"])


def check_training(app: App, spec: TrainSpec) -> None:
    """Nothing, if the training run can begin: its data, space, names and folds are looked at.

    Errors: those of `training_inputs` and of `storage.training_check.check_spec`.
    """
    from tradepulse.storage.training_check import check_spec

    strategy, dataset = training_inputs(app, spec)
    check_spec(app.database, spec, strategy, dataset, plug_ins(app))


def plug_ins(app: App) -> PlugIns:
    """The home's own optimisers and objectives."""
    from tradepulse.training.train import PlugIns

    return PlugIns(app.home.path / "optimisers", app.home.path / "objectives")


def training_runner(
    app: App,
    clock: Callable[[], int],
    *,
    lease_ms: int | None = None,
    when_stopped: JobState = JobState.QUEUED,
    listener: Callable[[dict[str, Any]], None] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    before: Callable[[], None] | None = None,
) -> JobRunner:
    """A runner of this home's training jobs, under a name of its own.

    `listener` hears of the progress of what it runs, `before` is called before each job. Trials run
    on `workers` threads (None: one a core), or on the Dask cluster at the URL `cluster`.
    `when_stopped`: the state of a job this process is stopped at.
    """
    from tradepulse.storage.training_jobs import DatabaseJobs
    from tradepulse.training.jobs.runner import LEASE_MS, JobRunner

    def train_job(spec: TrainSpec, ledger: TrialLedger, job_id: str) -> TrainResult:
        from tradepulse.training.train import train

        if before is not None:
            before()
        strategy, dataset = training_inputs(app, spec)
        with ExitStack() as stack:
            return train(
                spec, strategy, dataset, ledger, job_id=job_id, now_ms=clock(),
                open_executor=_executors(app, spec, workers, cluster, stack),
                plug_ins=plug_ins(app),
            )  # fmt: skip

    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    return JobRunner(
        DatabaseJobs(app.database, clock, listener), train_job, owner,
        lease_ms=lease_ms or LEASE_MS, when_stopped=when_stopped,
    )  # fmt: skip


def _executors(
    app: App, spec: TrainSpec, workers: int | None, cluster: str | None, stack: ExitStack
) -> OpenExecutor:
    """What opens the executor of a training run; one that must be closed is left to `stack`."""

    def threads(strategy: type[Strategy], data: Dataset, _span: tuple[int, int]) -> TrialExecutor:
        from tradepulse.training.evaluation import ThreadExecutor

        return ThreadExecutor(strategy, data, workers)

    def machines(strategy: type[Strategy], data: Dataset, _span: tuple[int, int]) -> TrialExecutor:
        from tradepulse.cluster.dask_executor import DaskExecutor
        from tradepulse.cluster.reference import StoredSeries

        series = StoredSeries(str(app.bars_folder), spec.exchange, spec.pair, spec.interval)
        return stack.enter_context(DaskExecutor(cluster, strategy, data, series))

    return threads if cluster is None else machines
