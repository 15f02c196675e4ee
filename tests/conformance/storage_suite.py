"""What every database must do alike: keep records exactly, refuse what is wrong, add up truly."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance import storage_records as make
from tradepulse.domain.configuration import Configuration, Evidence, content_hash
from tradepulse.domain.errors import FailedError, NotFoundError, RefusedError, UsageError
from tradepulse.domain.event import LogLine
from tradepulse.domain.instrument import Instrument, Pair
from tradepulse.domain.job import JobState
from tradepulse.domain.lifecycle import Mode, OrderState, Stage
from tradepulse.domain.money import to_text
from tradepulse.storage.database import Database
from tradepulse.storage.transaction import Transaction

D = Decimal

# How a record is written, and how the same one is read.
ROUND_TRIPS: dict[str, tuple[Any, Callable[[Transaction], object]]] = {
    "configurations": (make.configuration("c2"), lambda tx: tx.configurations.get("c2")),
    "wallets": (make.wallet("w2"), lambda tx: tx.wallets.get("w2")),
    "activations": (make.activation("a2"), lambda tx: tx.activations.get("a2")),
    "jobs": (make.job("j2"), lambda tx: tx.jobs.get("j2")),
    "trials": (make.trial(7), lambda tx: tx.trials.of_job("j1")[0]),
    "signals": (make.signal(), lambda tx: tx.signals.get("s1")),
    "orders": (make.order(), lambda tx: tx.orders.get("o1")),
    "fills": (make.fill(order_id="o0"), lambda tx: tx.fills.get("f1")),
    "trades": (make.trade(), lambda tx: tx.trades.get("t1")),
    "positions": (make.position(), lambda tx: tx.positions.get("p1")),
    "portfolio": (make.point(), lambda tx: tx.portfolio.latest("a1")),
    "connections": (make.connection(), lambda tx: tx.connections.get("x1")),
    "alerts": (make.alert(), lambda tx: tx.alerts.get("l1")),
    "risk_states": (make.risk_state(), lambda tx: tx.risk_states.find("w1")),
    "risk_locks": (make.lock(), lambda tx: tx.risk_locks.get("k1")),
    "receipts": (make.receipt(), lambda tx: tx.receipts.get("r1")),
    "reconciliations": (make.difference(), lambda tx: tx.reconciliations.get("d1")),
    "transfers": (make.transfer(), lambda tx: tx.transfers.get("m1")),
    "terms": (make.terms(), lambda tx: tx.terms.find("binance", "BTC/USDT:USDT")),
}
AMOUNTS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=18
)


@pytest.fixture
def owned(database: Database) -> Database:
    """The database with the rows that a ledger row must name."""
    with database.transaction() as tx:
        make.write_owners(tx)
        tx.orders.insert(make.order("o0"))
    return database


class StorageSuite:
    """Records, conflicts, references, sums; needs a fixture `database`."""

    @pytest.mark.parametrize("name", ROUND_TRIPS)
    def test_a_record_comes_back_as_it_was_written(self, owned: Database, name: str) -> None:
        record, read = ROUND_TRIPS[name]
        with owned.transaction() as tx:
            getattr(tx, name).insert(record)
        with owned.reading() as tx:
            found = read(tx)
        assert found == record
        if isinstance(found, Configuration):
            # Equality takes -0.0 for 0.0; a hash over the graph does not.
            assert content_hash(found.graph) == content_hash(record.graph)

    def test_an_instrument_comes_back_and_is_replaced(self, database: Database) -> None:
        first = Instrument("binance", Pair("BTC", "USDT", "USDT"), D("0.10"), None, D(5))
        second = dataclasses.replace(first, tick=None, lot=D("0.001"))
        for instrument in (first, second):
            with database.transaction() as tx:
                assert tx.instruments.save_many([instrument]) == 1
            with database.reading() as tx:
                assert tx.instruments.get("binance", "BTC/USDT:USDT") == instrument
                assert tx.instruments.all("binance") == (instrument,)
                assert tx.instruments.all("kraken") == ()

    @settings(
        max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    @given(amounts=st.lists(AMOUNTS, min_size=1, max_size=8))
    def test_money_is_exact_and_so_is_its_sum(
        self, owned: Database, amounts: list[Decimal]
    ) -> None:
        # Plain `-` and `sum` would round to 28 digits.
        owed = [a.copy_negate() for a in amounts]
        pairs = enumerate(zip(amounts, owed, strict=True))
        rows = [make.trade(f"t{i}", pnl=a, fees=b) for i, (a, b) in pairs]
        with owned.connection(write=True) as connection:
            tx = Transaction(connection)
            tx.trades.insert_many(rows)
            assert sorted(t.pnl for t in tx.trades.of_activation("a1")) == sorted(amounts)
            totals = tx.trades.totals(wallet_id="w1")
            # Examples share the database: each one leaves it as it found it.
            connection.rollback()
        with localcontext(prec=100):
            assert totals.pnl == sum(amounts)
            assert totals.fees == sum(owed)
        assert totals.trade_count == len(amounts)
        assert totals.win_count == sum(a > 0 for a in amounts)

    def test_sums_do_not_round_where_a_float_or_28_digits_would(self, owned: Database) -> None:
        amounts = [D("0.1"), D("0.2"), D("123456789012345678901234567890"), D("1e-18")]
        with owned.transaction() as tx:
            tx.trades.insert_many([make.trade(f"t{i}", pnl=a) for i, a in enumerate(amounts)])
        with owned.reading() as tx:
            total = tx.trades.totals(activation_id="a1").pnl
        assert to_text(total) == "123456789012345678901234567890.300000000000000001"

    def test_totals_of_nothing_are_zero_and_the_rate_undefined(self, owned: Database) -> None:
        with owned.reading() as tx:
            totals = tx.trades.totals(wallet_id="w1", mode=Mode.PAPER, since_ms=0, until_ms=1)
        assert (totals.trade_count, totals.pnl, totals.win_rate) == (0, D(0), None)

    @pytest.mark.parametrize(
        ("on_conflict", "written", "kept"),
        [("ignore", 1, "enter_long"), ("replace", 2, "exit_long")],
    )
    def test_a_replay_may_write_again(
        self, owned: Database, on_conflict: Any, written: int, kept: str
    ) -> None:
        with owned.transaction() as tx:
            tx.signals.insert(make.signal("s1"))
        again = [make.signal("s1", action="exit_long"), make.signal("s2")]
        with owned.transaction() as tx:
            assert tx.signals.insert_many(again, on_conflict) == written
        with owned.reading() as tx:
            assert tx.signals.get("s1").action == kept
            assert len(tx.signals.of_activation("a1")) == 2

    def test_writing_again_without_saying_so_is_refused_and_leaves_nothing(
        self, owned: Database
    ) -> None:
        def write() -> None:
            with owned.transaction() as tx:
                tx.signals.insert_many([make.signal("s9"), make.signal("s9")])

        check_refused(write, "already_exists")
        with owned.reading() as tx:
            assert tx.signals.find("s9") is None

    def test_a_client_order_id_is_never_taken_twice_even_by_ignore(self, owned: Database) -> None:
        def write() -> None:
            with owned.transaction() as tx:
                twin = make.order("o2", client_order_id="tp-o0")
                tx.orders.insert_many([twin], "ignore")

        check_refused(write, "already_exists")

    @pytest.mark.parametrize(
        ("name", "record"),
        [
            ("activations", make.activation("ax", configuration_id="nobody")),
            ("signals", make.signal(activation_id="nobody")),
            ("orders", make.order("ox", wallet_id="nobody")),
            ("fills", make.fill(order_id="nobody")),
            ("trials", make.trial(job_id="nobody")),
        ],
    )
    def test_a_row_that_names_nothing_is_refused(
        self, owned: Database, name: str, record: object
    ) -> None:
        def write() -> None:
            with owned.transaction() as tx:
                getattr(tx, name).insert(record)

        check_refused(write, "broken_reference")

    def test_nan_in_a_document_is_refused(self, owned: Database) -> None:
        with pytest.raises(ValueError, match="JSON"), owned.transaction() as tx:
            tx.configurations.insert(make.configuration("c9", metrics={"sharpe": float("nan")}))

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
    def test_an_amount_that_is_none_is_refused(self, owned: Database, value: str) -> None:
        with pytest.raises(ValueError, match="amount"), owned.transaction() as tx:
            tx.trades.insert(make.trade(pnl=D(value)))

    def test_orders_change_state_in_bulk(self, owned: Database) -> None:
        rows = [make.order(f"o{i}") for i in range(1, 6)]
        filled = [dataclasses.replace(o, state=OrderState.FILLED, filled=o.quantity) for o in rows]
        with owned.transaction() as tx:
            assert tx.orders.save_many(rows) == 5
            assert tx.orders.save_many(filled[:3]) == 3
            assert {o.id for o in tx.orders.unfinished("a1")} == {"o0", "o4", "o5"}
            assert tx.orders.by_client_order_id("tp-o2") == filled[1]
            assert tx.orders.by_client_order_id("nobody") is None
            tx.fills.insert_many([make.fill("f2", time=make.T0 + 1), make.fill("f1")])
            assert [f.id for f in tx.fills.of_order("o1")] == ["f1", "f2"]
            assert [f.id for f in tx.fills.of_activation("a1")] == ["f1", "f2"]

    def test_a_position_is_there_until_it_is_flat(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.positions.save_many([make.position(), make.position("p2")])
            tx.positions.save_many([make.position(stop=D(1))])
            assert [p.stop for p in tx.positions.open(activation_id="a1")] == [D(1), D(38000)]
            assert tx.positions.delete_many(["p1", "gone"]) == 1
            assert [p.id for p in tx.positions.open(wallet_id="w1")] == ["p2"]

    def test_log_lines_get_ids_from_the_database(self, owned: Database) -> None:
        lines = [make.log_line(message=f"line {i}", timestamp=make.T0 + i) for i in range(3)]
        with owned.transaction() as tx:
            assert tx.logs.insert_many(lines) == 3
        with owned.reading() as tx:
            found = tx.logs.page(sort="timestamp").items
        assert [dataclasses.replace(line, id=None) for line in found] == lines
        assert len({line.id for line in found} - {None}) == 3
        assert isinstance(found[0], LogLine)

    def test_trials_are_counted_by_family_whatever_the_job(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.jobs.insert(make.job("j2"))
            tx.trials.insert_many([make.trial(i) for i in range(3)])
            tx.trials.insert_many([make.trial(1), make.trial(3)], "ignore")
            tx.trials.insert_many([make.trial(0, job_id="j2"), make.trial(9, pair="ETH/USDT")])
            family = ("ema_cross", "binance", "BTC/USDT")
            assert tx.trials.count(*family) == len(tx.trials.of_family(*family)) == 5
            assert tx.trials.numbers("j1") == {0, 1, 2, 3, 9}

    def test_a_job_is_saved_as_it_goes(self, owned: Database) -> None:
        done = make.job(state=JobState.DONE, progress={"done": 9}, finished_at=make.T0 + 1)
        with owned.transaction() as tx:
            tx.jobs.save(done)
        with owned.reading() as tx:
            assert tx.jobs.get("j1") == done

    def test_a_stage_is_set_with_its_evidence(self, owned: Database) -> None:
        evidence = (Evidence("psr", 0.95, 0.97, True),)
        with owned.transaction() as tx:
            found = tx.configurations.set_stage("c1", Stage.VALIDATION, evidence)
            assert (found.lifecycle_stage, found.evidence) == (Stage.VALIDATION, evidence)
            assert tx.configurations.set_stage("c1", Stage.WATCH).evidence == evidence

    @pytest.mark.parametrize(
        ("code", "ask"),
        [
            ("configuration_not_found", lambda tx: tx.configurations.get("no")),
            ("configuration_not_found", lambda tx: tx.configurations.resolve("nobody")),
            ("configuration_not_found", lambda tx: tx.configurations.set_stage("no", Stage.WATCH)),
            ("wallet_not_found", lambda tx: tx.wallets.lock("no")),
            ("activation_not_found", lambda tx: tx.activations.advance("no", 1)),
            ("activation_not_found", lambda tx: tx.activations.set_state("no", "STOPPED")),
            ("order_not_found", lambda tx: tx.orders.get("no")),
            ("position_not_found", lambda tx: tx.positions.get("no")),
            ("trade_not_found", lambda tx: tx.trades.get("no")),
            ("job_not_found", lambda tx: tx.jobs.get("no")),
            ("activation_not_found", lambda tx: tx.activations.block("no", "paused")),
            ("activation_not_found", lambda tx: tx.activations.advance_many({"a1": 1, "no": 2})),
            ("connection_not_found", lambda tx: tx.connections.lock("no")),
            ("connection_not_found", lambda tx: tx.connections.sealed("no")),
            ("connection_not_found", lambda tx: tx.connections.note_check("no", 1, None)),
            ("alert_not_found", lambda tx: tx.alerts.mark_read("no", 1)),
            ("lock_not_found", lambda tx: tx.risk_locks.release("no", 1, "me")),
            ("instrument_not_found", lambda tx: tx.instruments.get("binance", "NO/NO")),
        ],
    )
    def test_what_is_not_there_is_named(
        self, owned: Database, code: str, ask: Callable[[Transaction], object]
    ) -> None:
        with pytest.raises(NotFoundError) as caught, owned.transaction() as tx:
            ask(tx)
        assert caught.value.code == code

    def test_an_id_may_be_shortened_while_it_names_one(self, database: Database) -> None:
        with database.transaction() as tx:
            for id_ in ("abcd-1", "abcd-2", "a%cd-3"):
                tx.configurations.insert(make.configuration(id_))
            assert tx.configurations.resolve("a%cd").id == "a%cd-3"
            assert tx.configurations.resolve("abcd-2").id == "abcd-2"
            with pytest.raises(UsageError) as caught:
                tx.configurations.resolve("abcd")
        assert caught.value.code == "ambiguous_id"

    def test_a_block_that_raises_leaves_nothing(self, owned: Database) -> None:
        def write() -> None:
            with owned.transaction() as tx:
                tx.orders.insert(make.order("o1"))
                tx.events.append(make.event())
                raise RefusedError("risk", "no")

        check_refused(write, "risk")
        with owned.reading() as tx:
            assert tx.orders.find("o1") is None
            assert tx.events.since() == ()

    def test_a_held_name_lets_one_look_and_write_at_a_time(self, database: Database) -> None:
        together = threading.Barrier(4)

        def write_once() -> None:
            together.wait(10)
            with database.transaction() as tx:
                tx.hold("command 7")
                if not tx.wallets.page().items:
                    tx.wallets.insert(make.wallet(str(threading.get_ident())))

        threads = [threading.Thread(target=write_once) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        with database.reading() as tx:
            assert len(tx.wallets.page().items) == 1

    def test_a_reader_sees_one_moment_and_cannot_write(self, owned: Database) -> None:
        with owned.reading() as reader:
            assert reader.wallets.find("w2") is None
            with owned.transaction() as tx:
                tx.wallets.insert(make.wallet("w2"))
            assert reader.wallets.find("w2") is None
        with pytest.raises(FailedError) as caught, owned.reading() as reader:
            reader.wallets.insert(make.wallet("w3"))
        assert caught.value.code == "read_only"
        with owned.transaction() as tx:
            assert tx.wallets.find("w2") is not None
            assert tx.wallets.find("w3") is None

    def test_settings_are_a_hash_chain(self, database: Database) -> None:
        with database.transaction() as tx:
            assert tx.settings.latest() is None
            for risk in (1, 2, 3):
                tx.settings.append({"risk": risk}, by="admin", at=make.T0 + risk, reason="tuning")
            assert tx.settings.first_broken() is None
            latest = tx.settings.latest()
            assert latest is not None
            assert (latest.version, latest.settings) == (3, {"risk": 3})
            tx.connection.exec_driver_sql(
                "UPDATE settings_versions SET reason = 'nothing' WHERE version = 2"
            )
            assert tx.settings.first_broken() == 2

    def test_the_same_configuration_is_found_again(self, owned: Database) -> None:
        first = make.configuration()
        with owned.reading() as tx:
            found = tx.configurations.same_as(first.configuration_hash, first.data_fingerprint)
            assert found is not None
            assert found.id == "c1"
            assert tx.configurations.same_as(first.configuration_hash, "other") is None


def check_refused(write: Callable[[], None], code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        write()
    assert caught.value.code == code
