"""What a look-ahead check found: the verdict, the findings behind it, and every check's line."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

CLEAN, LEAK = "clean", "leak"
# Results of one check. A flag is for a person to judge and decides nothing.
OK, FLAG, SKIPPED = "ok", "flag", "skipped"


@dataclass(frozen=True)
class Leak:
    """One thing that knows what it cannot know.

    `column` is an external column, an `@indicator` or an output of the strategy; `first_bar` the
    first bar that shows it, None where the leak has no bar of its own.
    """

    check: str
    column: str | None
    first_bar: int | None
    message: str

    def moved(self, bars: int) -> Leak:
        """The same, its bar counted from `bars` earlier."""
        return replace(self, first_bar=None if self.first_bar is None else self.first_bar + bars)


class CheckLine(NamedTuple):
    """One line of the report: what was asked, the answer, and how it was found."""

    name: str
    result: str
    detail: str


@dataclass(frozen=True)
class LookaheadReport:
    """The answer. `first_bar` counts from the first of the bars given, `first_time` is its open."""

    strategy: str
    verdict: str
    first_bar: int | None
    first_time: int | None
    column: str | None
    findings: tuple[Leak, ...]
    checks: tuple[CheckLine, ...]

    @property
    def clean(self) -> bool:
        return self.verdict == CLEAN

    def as_dict(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return {**asdict(self), "checks": [line._asdict() for line in self.checks]}
