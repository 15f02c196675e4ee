"""What a strategy writes with: `Series` (a number per bar) and `Flag` (true or false per bar).

Operators build nodes; nothing is computed here. Values of a higher time frame mix freely with the
bars' own: they are seen through their last closed bar. There is no way to name a later bar.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

from tradepulse.domain.errors import UsageError
from tradepulse.signals.graph import BASE, LONGEST_SPAN, Node, Number, make_node
from tradepulse.signals.operations import OPERATIONS, Kind


def span_of(value: object, name: str = "bars", *, least: int = 1) -> int:
    """`value` as a whole number of bars, at least `least`. Error `bad_span` otherwise."""
    number = math.nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    if not number.is_integer():
        raise UsageError("bad_span", f"{name} is not a number of bars",
                         expected="a whole number", found=repr(value))  # fmt: skip
    if not least <= number <= LONGEST_SPAN:
        raise UsageError("bad_span", f"{name} is too {'short' if number < least else 'long'}",
                         expected=f"{least} to {LONGEST_SPAN}", found=repr(value))  # fmt: skip
    return int(number)


def _seen_from(frame: str, node: Node) -> Node:
    """The node itself, or its last closed value on the bars of `frame`."""
    if node.frame == frame or node.op == "constant":
        return node
    return make_node("align" if node.kind is Kind.SERIES else "align_flag", (node,), (), frame)


def _meet(nodes: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]]:
    """The one frame in which these meet: theirs if they share it, otherwise the bars' own."""
    frames = {node.frame for node in nodes if node.op != "constant"}
    frame = frames.pop() if len(frames) == 1 else BASE
    return frame, tuple(_seen_from(frame, node) for node in nodes)


def combine(op: str, nodes: tuple[Node, ...], *params: Number | str) -> Node:
    """A node over inputs brought to one frame. Error `bad_operand` for a flag among numbers."""
    for node, kind in zip(nodes, OPERATIONS[op].inputs, strict=False):
        if node.kind is not kind:
            raise UsageError("bad_operand", f"{op} cannot take this input",
                             expected=_PLAIN[kind], found=_PLAIN[node.kind])  # fmt: skip
    frame, inputs = _meet(nodes)
    return make_node(op, inputs, params, frame)


_PLAIN = {Kind.SERIES: "a Series (a number per bar)", Kind.FLAG: "a Flag (true or false per bar)"}


def operand(value: Series | float | int) -> Node:
    """The node of an operand; a plain number becomes a constant."""
    if isinstance(value, Series):
        return value.node
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UsageError("bad_operand", "this cannot be used as a number per bar",
                         expected="a Series or a number", found=type(value).__name__)  # fmt: skip
    return make_node("constant", (), (plain_number(float(value)),))


def plain_number(value: float) -> Number | str:
    """The number as a parameter: JSON has no infinity or NaN, and 0.0 and -0.0 are one node."""
    return value + 0.0 if math.isfinite(value) else str(value)


def condition(value: object) -> Node:
    """The node of a flag. Error `bad_operand` for anything else, a plain bool included."""
    if not isinstance(value, Flag):
        raise UsageError("bad_operand", "this is not true or false per bar",
                         expected="a Flag", found=type(value).__name__,
                         hint="Write a.equals(b), not a == b.")  # fmt: skip
    return value.node


@dataclass(frozen=True, eq=False)
class Flag:
    """True or false on each bar; unknown until warm, and then not true, whatever is made of it."""

    node: Node

    def __and__(self, other: Flag) -> Flag:
        return Flag(combine("and", (self.node, condition(other))))

    def __or__(self, other: Flag) -> Flag:
        return Flag(combine("or", (self.node, condition(other))))

    # Only reached for a left side that is no Flag: they say so.
    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Flag:
        return Flag(combine("not", (self.node,)))

    def __bool__(self) -> bool:
        raise UsageError(
            "flag_as_bool", "a Flag has a value on each bar, not one value",
            expected="&, | and ~ between flags", found="and, or, not, if",
        )  # fmt: skip

    def previous(self, bars: int = 1) -> Flag:
        """The flag as it was `bars` bars ago."""
        return Flag(combine("previous_flag", (self.node,), span_of(bars)))

    def since(self) -> Series:
        """Bars since it was last true: 0 on that bar, infinity if never."""
        return Series(combine("since", (self.node,)))

    def count(self, bars: int) -> Series:
        """On how many of the last `bars` bars it was true."""
        return Series(combine("number", (self.node,))).rolling_sum(bars)

    def where(self, yes: Series | float, no: Series | float) -> Series:
        """`yes` on bars where it is true, `no` where it is false."""
        return Series(combine("where", (self.node, operand(yes), operand(no))))


@dataclass(frozen=True, eq=False)
class Series:
    """A number on each bar, NaN until warm."""

    node: Node

    def __bool__(self) -> bool:
        raise UsageError(
            "flag_as_bool", "a Series has a value on each bar, not one value",
            expected="a comparison, and &, | and ~ between flags", found="and, or, not, if",
        )  # fmt: skip

    def _with(self, op: str, other: Series | float) -> Series:
        return Series(combine(op, (self.node, operand(other))))

    def _flag(self, op: str, other: Series | float) -> Flag:
        return Flag(combine(op, (self.node, operand(other))))

    def _over(self, op: str, bars: int, least: int = 1) -> Series:
        return Series(combine(op, (self.node,), span_of(bars, least=least)))

    def __add__(self, other: Series | float) -> Series:
        return self._with("add", other)

    def __sub__(self, other: Series | float) -> Series:
        return self._with("subtract", other)

    def __mul__(self, other: Series | float) -> Series:
        return self._with("multiply", other)

    def __truediv__(self, other: Series | float) -> Series:
        return self._with("divide", other)

    def __radd__(self, other: float) -> Series:
        return self._with("add", other)

    def __rmul__(self, other: float) -> Series:
        return self._with("multiply", other)

    def __rsub__(self, other: float) -> Series:
        return Series(combine("subtract", (operand(other), self.node)))

    def __rtruediv__(self, other: float) -> Series:
        return Series(combine("divide", (operand(other), self.node)))

    def __neg__(self) -> Series:
        return Series(combine("negative", (self.node,)))

    def __abs__(self) -> Series:
        return Series(combine("absolute", (self.node,)))

    def __gt__(self, other: Series | float) -> Flag:
        return self._flag("greater", other)

    def __ge__(self, other: Series | float) -> Flag:
        return self._flag("greater_equal", other)

    def __lt__(self, other: Series | float) -> Flag:
        return self._flag("less", other)

    def __le__(self, other: Series | float) -> Flag:
        return self._flag("less_equal", other)

    def equals(self, other: Series | float) -> Flag:
        return self._flag("equal", other)

    def differs(self, other: Series | float) -> Flag:
        return self._flag("not_equal", other)

    def log(self) -> Series:
        """Natural logarithm; NaN at zero and below."""
        return Series(combine("logarithm", (self.node,)))

    def sqrt(self) -> Series:
        return Series(combine("square_root", (self.node,)))

    def minimum(self, other: Series | float) -> Series:
        return self._with("minimum", other)

    def maximum(self, other: Series | float) -> Series:
        return self._with("maximum", other)

    def otherwise(self, other: Series | float) -> Series:
        """This value, or `other` where there is none yet."""
        return self._with("otherwise", other)

    def crosses_above(self, other: Series | float) -> Flag:
        """True on the bar that closes above `other` after one at or below it."""
        return self._flag("crosses_above", other)

    def crosses_below(self, other: Series | float) -> Flag:
        return self._flag("crosses_below", other)

    def previous(self, bars: int = 1) -> Series:
        """The value of `bars` bars ago."""
        return self._over("previous", bars)

    def hold(self, when: Flag) -> Series:
        """The value of the bar on which `when` was last true."""
        return Series(combine("hold", (self.node, condition(when))))

    def change(self, bars: int = 1) -> Series:
        return self - self.previous(bars)

    def rate_of_change(self, bars: int) -> Series:
        """Percent change over `bars` bars (TA-Lib's ROC)."""
        return (self / self.previous(bars) - 1.0) * 100.0

    def rolling_min(self, bars: int) -> Series:
        return self._over("rolling_min", bars)

    def rolling_max(self, bars: int) -> Series:
        return self._over("rolling_max", bars)

    def rolling_mean(self, bars: int) -> Series:
        return self._over("rolling_mean", bars)

    def rolling_sum(self, bars: int) -> Series:
        return self._over("rolling_sum", bars)

    def rolling_std(self, bars: int) -> Series:
        """Population standard deviation, as TA-Lib's."""
        return self._over("rolling_std", bars)

    def rolling_median(self, bars: int) -> Series:
        return self._over("rolling_median", bars)

    def rolling_rank(self, bars: int) -> Series:
        """Share of the last `bars` values that are not above this one, in (0, 1]."""
        return self._over("rolling_rank", bars)

    def sma(self, bars: int) -> Series:
        return self.rolling_mean(bars)

    def ema(self, bars: int) -> Series:
        """Exponential mean, weight 2 / (bars + 1), seeded by the simple mean as TA-Lib's."""
        return self._over("ema", bars)

    def wma(self, bars: int) -> Series:
        return self._over("weighted_mean", bars)

    def wilder(self, bars: int) -> Series:
        """Exponential mean, weight 1 / bars, seeded by the simple mean."""
        return self._over("wilder", bars)

    def rsi(self, bars: int = 14) -> Series:
        return self._over("rsi", bars, least=2)

    def slope(self, bars: int) -> Series:
        """Slope per bar of the least-squares line through the last `bars` values."""
        return self._over("slope", bars, least=2)

    def regression(self, bars: int) -> Series:
        """The least-squares line's value on this bar."""
        return self._over("regression", bars, least=2)

    def zscore(self, bars: int) -> Series:
        """Distance from the rolling mean in rolling standard deviations."""
        return (self - self.rolling_mean(bars)) / self.rolling_std(bars)

    def macd(
        self, fast: int = 12, slow: int = 26, signal: int = 9
    ) -> tuple[Series, Series, Series]:
        """(line, signal, histogram); both means start on one bar, as TA-Lib's do."""
        fast, slow = span_of(fast, "fast"), span_of(slow, "slow")
        if fast >= slow:
            raise UsageError("bad_span", "fast is not shorter than slow",
                             expected=f"fast below {slow}", found=str(fast))  # fmt: skip
        quick = Series(combine("ema", (self.node,), fast, slow - fast))
        line = quick - self.ema(slow)
        smooth = line.ema(signal)
        return line, smooth, line - smooth

    def bollinger(self, bars: int = 20, width: float = 2.0) -> tuple[Series, Series, Series]:
        """(upper, middle, lower) band at `width` population standard deviations."""
        middle, reach = self.rolling_mean(bars), width * self.rolling_std(bars)
        return middle + reach, middle, middle - reach
