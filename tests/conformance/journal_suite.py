"""What every journal of the engine must do, whatever its rows are kept in.

A test module makes the fixture `desk`: a `journal`, `journal_of(owner)`, `add(activation)` (with
configuration c1 and wallet w1), `claim(activation_id, owner, now_ms, ttl_ms)`, `ask_to_leave(
activation_id, now_ms, flatten)`, `ask_by_hand(command)`, `command(id)`, and
`size()`, the number of rows of each ledger table. Activation a1 is there.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from conformance import storage_records as make
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import ActivationState, OrderState
from tradepulse.domain.manual_command import MANUAL, CommandState, ManualAnswer
from tradepulse.engine.ports import Batch, Intervention
from tradepulse.execution.identity import child_id
from tradepulse.execution.venue_side import SETTLED_KEPT

D, T0 = Decimal, make.T0
MINUTE = 60_000


def refusal(act: Callable[[], object]) -> str:
    """The code that `act` is refused with."""
    with pytest.raises(TradePulseError) as caught:
        act()
    return caught.value.code


def venue_fill(name: str, order: str, trade: str | None, **changes: Any) -> Any:
    return make.fill(name, order_id=order, venue_trade_id=trade, **changes)


class JournalSuite:
    """Inherit from it beside a fixture `desk`."""

    # --- a batch ----------------------------------------------------------------------------------
    def test_what_was_committed_is_read_back(self, desk: Any) -> None:
        order, signal = make.order(state=OrderState.OPEN), make.signal()
        position, trade = make.position(), make.trade()
        desk.journal.commit(
            Batch(
                signals=[signal], orders=[order], fills=[make.fill()], trades=[trade],
                positions=[position], points=[make.point()], events=[make.event()],
                logs=[make.log_line()], last_bars={"a1": T0 + MINUTE},
            )
        )  # fmt: skip
        assert desk.journal.signals("a1") == (signal,)
        assert desk.journal.trades("a1") == (trade,)
        assert desk.journal.position("a1") == position
        assert desk.journal.load("a1").activation.last_bar == T0 + MINUTE
        assert desk.journal.open_book("a1").orders == (order,)

    @pytest.mark.parametrize(
        "again",
        [
            lambda: Batch(fills=[make.fill("f1")]),
            lambda: Batch(fills=[venue_fill("f9", "o1", "v1")]),
            lambda: Batch(trades=[make.trade("t1")]),
            lambda: Batch(points=[make.point()]),
            lambda: Batch(fills=[venue_fill("f8", "o1", "v2"), venue_fill("f9", "o1", "v2")]),
            lambda: Batch(orders=[make.order("o9", client_order_id="tp-o1")]),
        ],
        ids=["fill", "venue's fill", "trade", "point", "venue's fill in one batch", "client id"],
    )
    def test_a_row_written_twice_is_refused_and_nothing_of_its_batch_stays(
        self, desk: Any, again: Any
    ) -> None:
        desk.journal.commit(
            Batch(
                orders=[make.order()], fills=[venue_fill("f1", "o1", "v1")],
                trades=[make.trade()], points=[make.point()],
            )
        )  # fmt: skip
        before = desk.size()
        batch = again()
        whole = Batch(
            signals=[make.signal("s9")], orders=[make.order("o2"), *batch.orders],
            fills=[venue_fill("f2", "o2", "v9"), *batch.fills], trades=batch.trades,
            positions=[make.position("p9")], points=batch.points, events=[make.event()],
            last_bars={"a1": T0},
        )  # fmt: skip
        assert refusal(lambda: desk.journal.commit(whole)) == "already_exists"
        assert desk.size() == before
        assert desk.journal.load("a1").activation.last_bar is None

    def test_rows_that_may_change_do(self, desk: Any) -> None:
        commit = desk.journal.commit
        commit(Batch(signals=[make.signal()], orders=[make.order()], positions=[make.position()]))
        signal = make.signal(verdict="refused", reason="min_notional")
        order = make.order(state=OrderState.CANCELLED, venue_order_id="77", sent_at=T0)
        position = make.position(quantity=D("0.5"), state={"marks": [1, 2]})
        commit(Batch(signals=[signal], orders=[order], positions=[position]))
        assert desk.journal.signals("a1") == (signal,)
        assert desk.journal.position("a1") == position
        commit(Batch(positions_gone=["p1"]))
        assert desk.journal.position("a1") is None

    def test_a_trade_is_corrected_where_it_stands(self, desk: Any) -> None:
        first = make.trade("t1", exit_time=T0 + 8)
        desk.journal.commit(Batch(trades=[first, make.trade("t2", exit_time=T0 + 9)]))
        late = make.trade("t2", exit_time=T0 + 9, funding=D("-1.5"), pnl=D("2.25"))
        desk.journal.commit(Batch(corrected=[late]))
        assert desk.journal.trades("a1") == (first, late)
        assert desk.journal.open_book("a1").last_trade == late

    def test_the_open_book_tells_what_was_settled_last(self, desk: Any) -> None:
        assert desk.journal.open_book("a1").settled == ()
        events = [
            make.event("funding.paid", entity="activation", entity_id=name,
                       payload={"cash": -1.0, "time": time})
            for name, time in [("a1", 100), ("another", 150), *[("a1", n) for n in range(200, 240)]]
        ]  # fmt: skip
        desk.journal.commit(Batch(events=[*events, make.event(entity_id="a1")]))
        settled = desk.journal.open_book("a1").settled
        assert settled == tuple(range(240 - SETTLED_KEPT, 240))

    def test_a_fill_names_its_order(self, desk: Any) -> None:
        before = desk.size()
        orphan = Batch(fills=[make.fill(order_id="nobody")])
        assert refusal(lambda: desk.journal.commit(orphan)) == "broken_reference"
        assert desk.size() == before

    def test_two_paper_fills_have_no_venue_id_and_are_two(self, desk: Any) -> None:
        fills = [venue_fill("f1", "o1", None), venue_fill("f2", "o1", None)]
        desk.journal.commit(Batch(orders=[make.order()], fills=fills))
        assert desk.journal.known_fills("w1", 0) == frozenset()

    # --- activations ------------------------------------------------------------------------------
    def test_unknown_activations_are_not_found(self, desk: Any) -> None:
        assert refusal(lambda: desk.journal.load("nobody")) == "activation_not_found"
        of_nobody = Batch(orders=[make.order()], last_bars={"nobody": T0})
        before = desk.size()
        assert refusal(lambda: desk.journal.commit(of_nobody)) == "activation_not_found"
        assert desk.size() == before

    def test_running_ones_come_oldest_first(self, desk: Any) -> None:
        desk.add(make.activation("a3", created_at=T0 + 2))
        desk.add(make.activation("a2", created_at=T0 + 1))
        assert [run.activation.id for run in desk.journal.running()] == ["a1", "a2", "a3"]
        desk.journal.set_state("a2", ActivationState.STOPPED, T0)
        desk.journal.set_state("a1", ActivationState.FAULTED, T0, "why")
        assert [run.activation.id for run in desk.journal.running()] == ["a3"]
        held = desk.journal.load("a1").activation
        assert (held.state, held.fault, held.stopped_at) == (ActivationState.FAULTED, "why", T0)

    def test_a_wish_to_drain_outlives_running(self, desk: Any) -> None:
        assert not desk.journal.wants_flatten("a1")
        desk.ask_to_leave("a1", T0, flatten=True)
        desk.journal.set_state("a1", ActivationState.RUNNING, T0 + 1)
        assert desk.journal.load("a1").activation.state is ActivationState.DRAINING
        assert desk.journal.wants_flatten("a1")
        desk.journal.set_state("a1", ActivationState.STOPPED, T0 + 2)
        desk.journal.set_state("a1", ActivationState.RUNNING, T0 + 3)
        assert desk.journal.load("a1").activation.state is ActivationState.STOPPED

    def test_the_session_starts_where_it_is_told(self, desk: Any) -> None:
        desk.journal.start_session("a1", T0 - MINUTE)
        assert desk.journal.load("a1").activation.session_start == T0 - MINUTE

    def test_interventions_are_what_no_bar_tells(self, desk: Any) -> None:
        def said(name: str, at: int, **changes: Any) -> Any:
            return make.signal(name, bar_time=at, **changes)

        desk.journal.commit(
            Batch(
                signals=[
                    said("s1", 3, action="flatten"),
                    said("s2", 1, verdict="refused", reason="exposure"),
                    said("s3", 2, verdict="refused", reason="bad_level"),
                    said("s4", 4, action="drop_entry"),
                    said("s5", 5),
                    said("s6", 6, action="manual_stop", values={"place": 1, "stop": 1.5}),
                    said("s7", 7, action="manual_enter", verdict="refused", reason="paused"),
                ]
            )
        )
        assert desk.journal.interventions("a1") == (
            Intervention(1, "refuse", "exposure"),
            Intervention(3, "flatten", "flatten"),
            Intervention(4, "drop_entry", "drop_entry"),
            Intervention(6, "manual_stop", MANUAL, {"place": 1, "stop": 1.5}),
            Intervention(7, "manual_enter", MANUAL, {"stop": "12.5"}),
        )

    # --- by hand ----------------------------------------------------------------------------------
    def test_commands_wait_until_they_are_answered_once(self, desk: Any) -> None:
        desk.add(make.activation("a2", created_at=T0 + 1))
        for name, at, activation in (("m2", 2, "a1"), ("m1", 1, "a1"), ("m3", 0, "a2")):
            desk.ask_by_hand(make.command(name, asked_at=T0 + at, activation_id=activation))
        waiting = desk.journal.commands_waiting
        assert [c.id for c in waiting()] == ["m3", "m1", "m2"]
        assert [c.id for c in waiting("a1")] == ["m1", "m2"]
        answer = ManualAnswer("m1", "a1", CommandState.REFUSED, "paused", {"found": "x"}, T0 + 9)
        desk.journal.commit(Batch(orders=[make.order()], answers=[answer]))
        assert [c.id for c in waiting("a1")] == ["m2"]
        held = desk.command("m1")
        assert (held.state, held.code, held.answer, held.answered_at) == (
            CommandState.REFUSED, "paused", {"found": "x"}, T0 + 9,
        )  # fmt: skip
        before = desk.size()
        twice = ManualAnswer("m2", "a1", CommandState.DONE, None, {}, T0 + 9)
        for answers in ([answer], [twice, twice]):
            again = Batch(orders=[make.order("o2")], answers=answers)
            code = refusal(partial(desk.journal.commit, again))
            assert code == "already_exists"
        assert desk.size() == before

    def test_an_activation_that_ends_answers_what_waits_for_it(self, desk: Any) -> None:
        desk.ask_by_hand(make.command())
        desk.journal.set_state("a1", ActivationState.STOPPED, T0 + 3)
        held = desk.command("m1")
        assert (held.state, held.code) == (CommandState.REFUSED, "not_active")
        assert desk.journal.commands_waiting() == ()

    # --- what an engine at a venue goes on with ---------------------------------------------------
    def test_an_unknown_activation_has_an_empty_book(self, desk: Any) -> None:
        book = desk.journal.open_book("nobody")
        assert (book.orders, book.fills, book.position) == ((), (), None)
        assert (book.realised, book.net_base, book.peak_equity, book.trade_count) == (
            D(0), D(0), None, 0,
        )  # fmt: skip

    def test_the_open_book_has_orders_from_the_last_trade_on(self, desk: Any) -> None:
        def order(name: str, minute: int, role: str = "entry", **changes: Any) -> Any:
            state = changes.pop("state", OrderState.FILLED)
            return make.order(name, created_at=T0 + minute, role=role, state=state, **changes)

        first, second = child_id("e1", "trade"), child_id("e2", "trade")
        desk.journal.commit(
            Batch(
                orders=[
                    order("e1", 1), order("x1", 2, "exit"), order("e2", 3), order("x2", 4, "exit"),
                    order("late", 0, "exit", state=OrderState.UNKNOWN),
                    order("e3", 5), order("k3", 6, "stop", state=OrderState.OPEN),
                ],
                fills=[
                    make.fill(f"f-{name}", order_id=name, time=T0 + at, side=side,
                              quantity=D(quantity), fee_base=D(kept))
                    for name, at, side, quantity, kept in [
                        ("e1", 1, "buy", "1", "0.001"), ("x1", 2, "sell", "0.999", "0"),
                        ("e2", 3, "buy", "2", "0.002"), ("x2", 4, "sell", "1.998", "0"),
                        ("e3", 5, "buy", "3", "0.003"),
                    ]
                ],
                trades=[
                    make.trade(first, exit_time=T0 + 2, pnl=D("1.5")),
                    make.trade(second, exit_time=T0 + 4, pnl=D("-0.25")),
                ],
                positions=[make.position(child_id("e3", "trade"), quantity=D("2.997"))],
                points=[
                    make.point(T0 + 1, equity=D("1000.5")), make.point(T0 + 2, equity=D("999.5")),
                ],
            )
        )  # fmt: skip
        book = desk.journal.open_book("a1")
        assert [o.id for o in book.orders] == ["late", "e2", "x2", "e3", "k3"]
        assert [f.order_id for f in book.fills] == ["e2", "x2", "e3"]
        assert book.position is not None
        assert (book.realised, book.trade_count) == (D("1.25"), 2)
        assert book.net_base == D("2.997")
        assert book.peak_equity == D("1000.5")

    def test_known_fills_are_those_of_the_wallet_since(self, desk: Any) -> None:
        desk.journal.commit(
            Batch(
                orders=[make.order()],
                fills=[venue_fill(f"f{k}", "o1", f"v{k}", time=T0 + k) for k in range(4)],
            )
        )
        assert desk.journal.known_fills("w1", T0 + 2) == {"v2", "v3"}
        assert desk.journal.known_fills("w2", 0) == frozenset()

    # --- leases -----------------------------------------------------------------------------------
    def test_who_lost_the_lease_writes_nothing(self, desk: Any) -> None:
        one, other = desk.journal_of("one"), desk.journal_of("other")
        assert refusal(lambda: one.commit(Batch(orders=[make.order()]))) == "lease_lost"
        assert desk.claim("a1", "one", T0, 1000)
        one.load("a1")
        one.commit(Batch(orders=[make.order()]))
        assert not desk.claim("a1", "other", T0 + 999, 1000)
        assert desk.claim("a1", "other", T0 + 2000, 1000)
        other.load("a1")
        before = desk.size()
        for write in (
            lambda: one.commit(Batch(orders=[make.order("o2")])),
            lambda: one.commit(Batch(last_bars={"a1": T0})),
            lambda: one.set_state("a1", ActivationState.RUNNING, T0),
            lambda: one.start_session("a1", T0),
        ):
            assert refusal(write) == "lease_lost"
        assert desk.size() == before
        other.commit(Batch(orders=[make.order("o2")]))

    def test_a_lease_taken_back_needs_a_new_look(self, desk: Any) -> None:
        one = desk.journal_of("one")
        desk.claim("a1", "one", T0, 10)
        one.load("a1")
        desk.claim("a1", "other", T0 + 20, 10)
        desk.claim("a1", "one", T0 + 40, 10)
        before = desk.size()
        assert refusal(lambda: one.commit(Batch(orders=[make.order()]))) == "lease_lost"
        assert desk.size() == before
        one.load("a1")
        one.commit(Batch(orders=[make.order()]))
        assert desk.size() != before
