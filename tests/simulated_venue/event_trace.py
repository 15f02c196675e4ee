"""What happened in a simulated run, in order, and the violation that ends one."""

from __future__ import annotations

from dataclasses import dataclass

LAST = 40


class EventTrace:
    """Lines are kept as they were given and put into words only when somebody reads them."""

    def __init__(self) -> None:
        self.step = 0
        self._lines: list[tuple[int, int, str, tuple[object, ...]]] = []

    def add(self, time_ms: int, what: str, *about: object) -> None:
        """One thing that happened."""
        self._lines.append((self.step, time_ms, what, about))

    def __len__(self) -> int:
        return len(self._lines)

    def lines(self, last: int | None = None, origin_ms: int = 0) -> list[str]:
        """The last lines (None: all), times in seconds since `origin_ms`."""
        chosen = self._lines if last is None else self._lines[-last:]
        return [
            f"{step:6d} {(time_ms - origin_ms) / 1000.0:10.3f} {what:<10} "
            + " ".join(str(part) for part in about)
            for step, time_ms, what, about in chosen
        ]


@dataclass(frozen=True)
class Violation:
    """A law that was broken: which, when, and what led to it."""

    seed: int
    step: int
    rule: str
    message: str
    events: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = f"seed {self.seed}, step {self.step}: {self.rule}: {self.message}"
        return "\n".join([head, f"the last {len(self.events)} events:", *self.events])


class Crash(BaseException):
    """The process dies here: nothing of the engine may catch it."""
