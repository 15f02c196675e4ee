"""`Signals`: what a strategy says on each bar, as expressions."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tradepulse.domain.errors import UsageError
from tradepulse.signals.expression import Flag, Series, operand
from tradepulse.signals.graph import BASE, Graph, Node, make_node
from tradepulse.signals.operations import Kind
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES


@dataclass(frozen=True)
class Signals:
    """Entries and exits as flags, protective exits as prices; what is left out is none.

    `stop`, `target`, `trail` are distances in price from the entry fill; `stop_price` and
    `target_price` absolute levels instead. `max_bars` bounds the holding time, `strength` in [0, 1]
    scales the size, `tag` is carried to the trade.
    """

    enter_long: Flag | None = None
    exit_long: Flag | None = None
    enter_short: Flag | None = None
    exit_short: Flag | None = None
    stop: Series | float | None = None
    target: Series | float | None = None
    trail: Series | float | None = None
    stop_price: Series | float | None = None
    target_price: Series | float | None = None
    max_bars: Series | int | None = None
    strength: Series | float | None = None
    tag: str | None = None

    def graph(self) -> Graph:
        """The graph of these signals on the configuration's own bars."""
        outputs: dict[str, Node] = {}
        for name in FLAG_NAMES:
            value = getattr(self, name)
            if value is not None:
                outputs[name] = _at_base(_checked(name, value, Flag).node)
        for name in LEVEL_NAMES:
            value = getattr(self, name)
            if value is not None:
                outputs[name] = _at_base(operand(value))
        if not outputs.keys() & {"enter_long", "enter_short"}:
            raise UsageError("no_entry", "the signals never enter",
                             expected="enter_long or enter_short", found=_given(self))  # fmt: skip
        return Graph(outputs, self.tag)


def _checked(name: str, value: object, kind: type[Flag]) -> Flag:
    if not isinstance(value, kind):
        raise UsageError("bad_operand", f"{name} is not true or false per bar",
                         expected="a Flag", found=type(value).__name__)  # fmt: skip
    return value


def _at_base(node: Node) -> Node:
    if node.frame == BASE:
        return node
    return make_node("align" if node.kind is Kind.SERIES else "align_flag", (node,), (), BASE)


def _given(signals: Signals) -> str:
    given = [f.name for f in fields(signals) if getattr(signals, f.name) is not None]
    return ", ".join(given) or "nothing"
