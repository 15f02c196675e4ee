"""`tradepulse explain`: why an order was made."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines, show_table, time_text
from tradepulse.domain.errors import RefusedError

OrderArgument = Annotated[
    str,
    typer.Argument(
        metavar="ORDER", help="An order's id or client order id, or how it begins; or a trade's id."
    ),
]


def command(
    order: OrderArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:  # fmt: skip
    """Derive the whole why of an order: the configuration, the signal computed again from the
    stored bars and compared, what risk said, the order's events, fills, fees, latency and slippage.

    Exit code 3 when the signal comes out otherwise than it was recorded.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.explaining import UNEQUAL, explain_order

    app = open_home(home, config)
    found = explain_order(app.database, app.bars, order)
    document = found.as_json()
    emit(document, as_json, lambda: _show(document))
    return RefusedError.exit_code if found.verdict == UNEQUAL else 0


def _show(about: dict[str, Any]) -> None:
    order, made = about["order"], about["configuration"]
    show_lines(
        [
            f"{order['role']} order {order['id']} ({order['client_order_id']}): {order['side']} "
            f"{order['quantity']} {order['pair']}, {order['kind']}, {order['state']}"
            + (f", {order['reason']}" if order["reason"] else ""),
            f"{made['strategy_name']} {made['parameters']} on {made['pair']} {made['interval']}, "
            f"configuration {made['id']} ({made['lifecycle_stage']})",
            f"hash {made['configuration_hash'][:16]}, code {order['code_version']}",
            *_signal_lines(about["signal"]),
            f"risk: {about['risk']['verdict']}"
            + (f" ({about['risk']['code']})" if about["risk"]["code"] else "")
            + f", the wallet was {about['risk']['wallet_state']}",
            *_cost_lines(about),
        ]
    )
    events = [
        (time_text(e["time"]), e["type"], e["payload"].get("reason")) for e in about["events"]
    ]
    show_table("Events", ("time", "event", "reason"), events)
    fills = [
        (time_text(f["time"]), f["quantity"], f["price"], f["fee_amount"] or f["fee"],
         f["fee_currency"], f["liquidity"], f["venue_trade_id"])
        for f in about["fills"]
    ]  # fmt: skip
    _show_by_hand(about["by_hand"])
    columns = ("time", "quantity", "price", "fee", "in", "as", "trade id")
    show_table("Fills", columns, fills, right=columns[1:4])
    _show_family(about)


def _show_by_hand(commands: list[dict[str, Any]]) -> None:
    if not commands:
        return
    rows = [
        (time_text(c["asked_at"]), c["asked_by"], c["action"], c["code"] or c["state"].lower())
        for c in commands
    ]
    show_table("By hand", ("asked", "by", "what", "outcome"), rows)


def _signal_lines(signal: dict[str, Any] | None) -> list[str]:
    if signal is None:
        return ["signal: none was recorded"]
    row, again = signal["recorded"], signal["recomputed"]
    whose = "its own" if signal["is"] == "own" else "that of its entry"
    lines = [
        f"signal ({whose}): {row['action']} on the bar of {time_text(row['bar_time'])}, close "
        f"{row['close']}, {row['verdict']} {row['values']}"
    ]
    if again is None:
        return [*lines, f"  not computed again: {signal['why_not'] or 'a command, not a signal'}"]
    lines.append(f"  computed again from {again['bars']:,} stored bars: {signal['verdict']}")
    lines += [
        f"  {m['name']}: recorded {m['expected']}, now {m['found']}" for m in signal["mismatches"]
    ]
    return lines


def _cost_lines(about: dict[str, Any]) -> list[str]:
    latency, slipped = about["latency"], about["slippage"]
    known = [f"{name[:-3].replace('_', ' ')} {ms} ms" for name, ms in latency.items()
             if ms is not None]  # fmt: skip
    fees = ", ".join(f"{a} {c}" for c, a in about["fees"]["by_currency"].items())
    lines = ["latency: " + (", ".join(known) or "not known")]
    if slipped is not None:
        lines.append(
            f"slippage: {float(slipped['bps']):.3f} bps against {slipped['reference']}, "
            f"{slipped['quote']} in the quote currency"
        )
    lines.append(f"fees: {about['fees']['quote']} in the quote currency ({fees or 'none'})")
    return lines


def _show_family(about: dict[str, Any]) -> None:
    columns = ("role", "side", "quantity", "price", "filled", "average", "state", "reason", "id")
    rows = [tuple(o[name] if name != "id" else o["id"][:8] for name in columns)
            for o in about["orders"]]  # fmt: skip
    show_table("Orders of the same trade", columns, rows, right=columns[2:6])
    trade = about["trade"]
    if trade is not None:
        show_lines(
            [f"trade {trade['id']}: {trade['side']} {trade['quantity']} from "
             f"{trade['entry_price']} to {trade['exit_price']} ({trade['exit_reason']}), pnl "
             f"{trade['pnl']}"]
        )  # fmt: skip
    elif about["position"] is not None:
        show_lines([f"the position is open: {about['position']['quantity']}"])
