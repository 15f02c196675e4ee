"""`@indicator`: a step function of the user's own, compiled, as a node of the graph.

    @indicator(state=1, lookback=0)
    def leaky(state, x, *, keep):
        state[0] = keep * state[0] + (1.0 - keep) * x
        return state[0]

    ... leaky(bar.close, keep=0.9)

The step sees one bar at a time and its own state: there is no later bar to look at. A NaN input is
skipped (NaN out, state kept), and the first `lookback` bars give NaN. A division without an answer
gives NaN or infinity; a step that raises stops the run (`indicator_failed`).
"""

from __future__ import annotations

import hashlib
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tradepulse.domain.errors import DataError, UsageError
from tradepulse.signals.compiled_step import MAX_INPUTS, CompiledStep, Shape, compile_step
from tradepulse.signals.expression import Series, combine, operand, plain_number


@dataclass(frozen=True)
class Indicator:
    """A registered step function; calling it with series and parameters makes a `Series`."""

    name: str
    step: Callable[..., float]
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    state: int
    lookback: int
    source_hash: str
    _compiled: list[CompiledStep] = field(default_factory=list, compare=False, repr=False)

    def __call__(self, *inputs: Series, **parameters: float) -> Series:
        if len(inputs) != len(self.inputs) or set(parameters) != set(self.parameters):
            raise UsageError(
                "bad_operand", f"{self.name} was called with other arguments than it declares",
                expected=f"series {self.inputs}, parameters {self.parameters}",
                found=f"{len(inputs)} series, parameters {tuple(parameters)}",
            )  # fmt: skip
        values = [plain_number(float(parameters[name])) for name in self.parameters]
        nodes = tuple(operand(item) for item in inputs)
        return Series(combine("indicator", nodes, self.name, self.source_hash, *values))

    @property
    def shape(self) -> Shape:
        return Shape(self.name, len(self.inputs), len(self.parameters), self.state, self.lookback)

    def compiled(self) -> CompiledStep:
        """The machine code, made on first use."""
        if not self._compiled:
            self._compiled.append(compile_step(self.step, self.shape))
        return self._compiled[0]

    def address(self) -> int:
        """Where the compiled block loop starts."""
        return int(self.compiled().block.address)


# By name and source: two strategy files may use one name, and a program that runs the step of an
# edited file needs its machine code for as long as the process lives.
_registered: dict[tuple[str, str], Indicator] = {}


def indicator(*, state: int, lookback: int = 0) -> Callable[[Callable[..., float]], Indicator]:
    """Registers a step `(state, x, …, *, parameter, …) -> float` under its function name.

    Error `bad_indicator` for a step that cannot be compiled or whose source cannot be read.
    """

    def register(step: Callable[..., float]) -> Indicator:
        signature = list(inspect.signature(step).parameters.values())
        inputs = tuple(p.name for p in signature[1:] if p.kind is p.POSITIONAL_OR_KEYWORD)
        parameters = tuple(p.name for p in signature[1:] if p.kind is p.KEYWORD_ONLY)
        others = len(signature) - 1 - len(inputs) - len(parameters)
        if not 1 <= len(inputs) <= MAX_INPUTS or others or state < 0 or lookback < 0:
            raise UsageError(
                "bad_indicator", f"indicator {step.__name__} cannot be compiled",
                expected=f"(state, 1 to {MAX_INPUTS} inputs, *, parameters), state, lookback >= 0",
                found=f"{inspect.signature(step)}, state {state}, lookback {lookback}",
            )  # fmt: skip
        meaning = f"{_meaning(step, set())} {state} {lookback}"
        digest = hashlib.sha256(meaning.encode()).hexdigest()[:16]
        made = Indicator(step.__name__, step, inputs, parameters, state, lookback, digest)
        # The same step declared again (a file imported twice) keeps the code already compiled.
        return _registered.setdefault((made.name, digest), made)

    return register


def _meaning(step: Callable[..., Any], seen: set[Any]) -> str:
    """The source of a step, with the outside values and functions that it is compiled with."""
    seen.add(step)
    try:
        parts = [textwrap.dedent(inspect.getsource(step))]
    except (OSError, TypeError) as error:
        raise UsageError(
            "bad_indicator", f"the source of {step.__name__} cannot be read",
            expected="a function written in a file or a notebook cell", found=str(error),
        ) from error  # fmt: skip
    around = inspect.getclosurevars(step)
    for name, value in sorted({**around.globals, **around.nonlocals}.items()):
        plain = getattr(value, "py_func", value)  # a function the user has compiled already
        if inspect.isfunction(plain):
            parts.append(f"{name}: {_meaning(plain, seen) if plain not in seen else 'itself'}")
        elif not inspect.ismodule(value):
            parts.append(f"{name}={_written(value)}")
    return "\n".join(parts)


def _written(value: object) -> str:
    """An outside value in full: NumPy's `repr` leaves out the middle of a long table, and two
    tables that differ there would share one compiled step."""
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return f"array({value.dtype}, {value.shape}, {digest})"
    return repr(value)


def find_indicator(name: str, source_hash: str) -> Indicator:
    """The registered indicator of that name and source.

    Error `indicator_changed`: a stored graph must not silently run with another step than the one
    its evidence was measured with.
    """
    found = _registered.get((name, source_hash))
    if found is None:
        others = [known for known, _ in _registered if known == name]
        raise DataError(
            "indicator_changed", f"indicator {name!r} is not the one this graph was made with",
            expected=f"source hash {source_hash}",
            found="an indicator of that name and another source" if others else "no such indicator",
            hint="Restore the strategy file, or train the configuration again.",
        )  # fmt: skip
    return found
