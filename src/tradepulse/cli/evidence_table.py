"""Evidence for people: what each rule asked for, what it saw, what that means."""

from __future__ import annotations

from collections.abc import Sequence

from tradepulse.cli.output import show_table
from tradepulse.domain.configuration import Evidence

_COLUMNS = ("rule", "asks for", "value", "verdict", "what it says")


def show_evidence(evidence: Sequence[Evidence], title: str = "Evidence") -> None:
    """Prints the rules in their order; one that decides nothing is marked as shown only."""
    rows = [(e.rule, e.threshold, e.value, verdict_of(e), e.note) for e in evidence]
    show_table(title, _COLUMNS, rows, right=("asks for", "value"))


def verdict_of(evidence: Evidence) -> str:
    """`passed` or `no`; for a rule that decides nothing `noted`, or a dash where it saw nothing."""
    if evidence.passed:
        return "passed"
    if evidence.required:
        return "no"
    return "-" if evidence.value is None else "noted"
