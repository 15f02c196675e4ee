"""The table of operations: what each takes, gives, remembers and needs before it is warm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from tradepulse.signals.kernels.higher import STATE_SIZE as RESAMPLE_STATE
from tradepulse.signals.kernels.rolling import HEADER


class Kind(StrEnum):
    """What a node gives on a bar: a float, or a three-valued flag."""

    SERIES = "series"
    FLAG = "flag"


class Code(IntEnum):
    """The interpreter's switch. A code may serve several operations through its parameters."""

    SOURCE = 0
    CONSTANT = 1
    ARITHMETIC = 2
    UNARY = 3
    COMPARE = 4
    AND = 5
    OR = 6
    NOT = 7
    CROSS = 8
    PREVIOUS = 9
    PREVIOUS_FLAG = 10
    SUM = 11
    MEAN = 12
    STD = 13
    WEIGHTED = 14
    EXTREME = 15
    ORDERED = 16
    SMOOTHED = 17
    RSI = 18
    TRUE_RANGE = 19
    DIRECTIONAL = 20
    SUPERTREND = 21
    OBV = 22
    SESSION_VWAP = 23
    SINCE = 24
    HOLD = 25
    SWING = 26
    CHOICE = 27
    NUMBER = 28
    CLOCK = 29
    ALIGN = 30
    ALIGN_FLAG = 31
    INDICATOR = 32
    EMIT = 33
    RESAMPLE = 34
    JUST_CLOSED = 35
    OTHERWISE = 36


# Operations that look from the bars down on a higher frame.
FROM_ABOVE = (Code.ALIGN, Code.ALIGN_FLAG, Code.JUST_CLOSED)


# Parameters of a node reach the interpreter as two integers and one float.
Lowered = tuple[int, int, float]


@dataclass(frozen=True)
class Operation:
    """How one operation is built, lowered to the interpreter, and when it is warm.

    `lookback(params)`: bars the node itself adds before its first value. `span(params)`: the length
    that `warmup_bars` multiplies. `spans`: how many whole-number parameters, fewest and most.
    """

    name: str
    code: Code
    kind: Kind
    inputs: tuple[Kind, ...]
    lower: Callable[[tuple[int | float | str, ...]], Lowered]
    state: Callable[[int, int], int]
    lookback: Callable[[int, int], int]
    span: Callable[[int, int], int]
    spans: tuple[int, int] = (0, 0)


OPERATIONS: dict[str, Operation] = {}

_S, _F = Kind.SERIES, Kind.FLAG


def _none(_a: int, _b: int) -> int:
    return 0


def _first(a: int, _b: int) -> int:
    return a


def _window(a: int, _b: int) -> int:
    return a - 1


def _add(
    name: str,
    code: Code,
    inputs: tuple[Kind, ...],
    kind: Kind = _S,
    *,
    variant: int | None = None,
    value: float = 0.0,
    state: Callable[[int, int], int] = _none,
    lookback: Callable[[int, int], int] = _none,
    span: Callable[[int, int], int] = _none,
) -> None:
    def lower(params: tuple[int | float | str, ...]) -> Lowered:
        numbers = [int(p) for p in params if not isinstance(p, str)]
        first = numbers[0] if numbers else 0
        second = variant if variant is not None else (numbers[1] if len(numbers) > 1 else 0)
        return first, second, value

    spans = (0, 0) if span is _none else (1, 1)
    OPERATIONS[name] = Operation(name, code, kind, inputs, lower, state, lookback, span, spans)


for _name in ("open", "high", "low", "close", "volume", "column"):
    _add(_name, Code.SOURCE, ())
for _index, _name in enumerate(("minute_of_day", "hour", "weekday")):
    _add(_name, Code.CLOCK, (), variant=_index)
OPERATIONS["constant"] = Operation(
    "constant", Code.CONSTANT, _S, (), lambda p: (0, 0, float(p[0])), _none, _none, _none
)
# Reversed kinds (2 and 5) are only reached by folding a constant left input.
for _index, _name in ((0, "add"), (1, "subtract"), (3, "multiply"), (4, "divide"), (6, "minimum"), (7, "maximum")):  # fmt: skip # noqa: E501
    _add(_name, Code.ARITHMETIC, (_S, _S), variant=_index)
for _index, _name in enumerate(("negative", "absolute", "logarithm", "square_root")):
    _add(_name, Code.UNARY, (_S,), variant=_index)
for _index, _name in enumerate(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")):  # fmt: skip # noqa: E501
    _add(_name, Code.COMPARE, (_S, _S), _F, variant=_index)
_add("and", Code.AND, (_F, _F), _F)
_add("or", Code.OR, (_F, _F), _F)
_add("not", Code.NOT, (_F,), _F)
_add("crosses_above", Code.CROSS, (_S, _S), _F, variant=1, state=lambda _a, _b: 3, lookback=lambda _a, _b: 1)  # fmt: skip # noqa: E501
_add("crosses_below", Code.CROSS, (_S, _S), _F, variant=-1, state=lambda _a, _b: 3, lookback=lambda _a, _b: 1)  # fmt: skip # noqa: E501
_add("previous", Code.PREVIOUS, (_S,), state=lambda a, _b: a + 1, lookback=_first, span=_first)
_add("previous_flag", Code.PREVIOUS_FLAG, (_F,), _F, state=lambda a, _b: a + 1, lookback=_first, span=_first)  # fmt: skip # noqa: E501


def _ring(a: int, _b: int) -> int:
    return HEADER + a


def _two_rings(a: int, _b: int) -> int:
    return HEADER + 2 * a


def _ring_and_median(a: int, _b: int) -> int:
    return HEADER + a + 4


_add("rolling_sum", Code.SUM, (_S,), state=_ring, lookback=_window, span=_first)
_add("rolling_mean", Code.MEAN, (_S,), state=_ring, lookback=_window, span=_first)
_add("rolling_std", Code.STD, (_S,), state=_ring, lookback=_window, span=_first)
for _index, _name in enumerate(("weighted_mean", "slope", "regression")):
    _add(_name, Code.WEIGHTED, (_S,), variant=_index, state=_ring, lookback=_window, span=_first)
_add("rolling_max", Code.EXTREME, (_S,), variant=1, state=_two_rings, lookback=_window, span=_first)
_add("rolling_min", Code.EXTREME, (_S,), variant=-1, state=_two_rings, lookback=_window, span=_first)  # fmt: skip # noqa: E501
_add("rolling_median", Code.ORDERED, (_S,), variant=0, state=_ring_and_median, lookback=_window, span=_first)  # fmt: skip # noqa: E501
_add("rolling_rank", Code.ORDERED, (_S,), variant=1, state=_ring_and_median, lookback=_window, span=_first)  # fmt: skip # noqa: E501


def _skipping(a: int, b: int) -> int:
    return a + b - 1


for _name, _weight in (("ema", lambda n: 2.0 / (n + 1.0)), ("wilder", lambda n: 1.0 / n)):

    def _lower_smoothed(
        params: tuple[int | float | str, ...], weight: Callable[[int], float] = _weight
    ) -> Lowered:
        skip = int(params[1]) if len(params) > 1 else 0
        return int(params[0]), skip, weight(int(params[0]))

    OPERATIONS[_name] = Operation(
        _name,
        Code.SMOOTHED,
        _S,
        (_S,),
        _lower_smoothed,
        lambda _a, _b: 2,
        _skipping,
        _first,
        (1, 2),
    )

_add("rsi", Code.RSI, (_S,), state=lambda _a, _b: 4, lookback=_first, span=_first)
_add("true_range", Code.TRUE_RANGE, (_S, _S, _S), state=lambda _a, _b: 2, lookback=lambda _a, _b: 1)
for _index, (_name, _factor) in enumerate((("adx", 2), ("plus_di", 1), ("minus_di", 1))):
    _add(
        _name, Code.DIRECTIONAL, (_S, _S, _S), variant=_index, state=lambda _a, _b: 8,
        lookback=(lambda a, _b: 2 * a - 1) if _factor == 2 else _first, span=_first,
    )  # fmt: skip
_add("supertrend_line", Code.SUPERTREND, (_S, _S, _S, _S), variant=0, state=lambda _a, _b: 4)
_add("supertrend_side", Code.SUPERTREND, (_S, _S, _S, _S), variant=1, state=lambda _a, _b: 4)
_add("obv", Code.OBV, (_S, _S), state=lambda _a, _b: 3)
_add("session_vwap", Code.SESSION_VWAP, (_S, _S), state=lambda _a, _b: 3)
_add("since", Code.SINCE, (_F,), state=lambda _a, _b: 2)
_add("hold", Code.HOLD, (_S, _F), state=lambda _a, _b: 2)

for _name in ("swing_high", "swing_low", "swing_high_age", "swing_low_age"):

    def _lower_named_swing(params: tuple[int | float | str, ...], name: str = _name) -> Lowered:
        sign = 1.0 if "high" in name else -1.0
        return int(params[0]), int(name.endswith("age")), sign

    OPERATIONS[_name] = Operation(
        _name, Code.SWING, _S, (_S,), _lower_named_swing,
        lambda a, _b: 4 + 2 * a + 1, lambda a, _b: 2 * a, lambda a, _b: 2 * a + 1, (1, 1),
    )  # fmt: skip

_add("where", Code.CHOICE, (_F, _S, _S))
_add("otherwise", Code.OTHERWISE, (_S, _S))
_add("number", Code.NUMBER, (_F,))
_add("align", Code.ALIGN, (_S,), state=lambda _a, _b: 2)
_add("just_closed", Code.JUST_CLOSED, (_S,), _F, state=lambda _a, _b: 1)
_add("align_flag", Code.ALIGN_FLAG, (_F,), _F, state=lambda _a, _b: 2)
# Its inputs, state and look-back are those its author declared: signals/indicator.py.
_add("indicator", Code.INDICATOR, (_S,) * 4)
_add("emit", Code.EMIT, (_F,), _F, state=lambda _a, _b: 1)
_add("resample", Code.RESAMPLE, (), state=lambda _a, _b: RESAMPLE_STATE)
# Rows the compiler adds by itself; no expression and no stored graph holds them.
INTERNAL = ("emit", "resample")
