"""Rules with their verdicts: a glyph, a name, a plain sentence, the value, the threshold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tradepulse.pages.icons import icon
from tradepulse.pages.markup import Html, tag


class Judged(NamedTuple):
    """One rule as it is shown. `verdict`: `met`, `not`, or `note` for one that decides nothing."""

    verdict: str
    title: str
    meaning: str
    value: str
    threshold: str


_SAID = {"met": "met", "not": "not met", "note": "decides nothing"}


def verdict_mark(verdict: str) -> Html:
    """The glyph of a verdict, with the word for who cannot see it."""
    return tag("span", icon(verdict), class_=f"v-{verdict}", title=_SAID[verdict])


def evidence_list(rules: Iterable[Judged]) -> Html:
    """The rules below one another; of one not met the value is in the colour of a loss."""
    return tag("ul", *(_row(rule) for rule in rules), class_="ev")


def tally(rules: Sequence[Judged]) -> str:
    """`9 met, 2 not met, 1 decides nothing`."""
    counts = {word: sum(rule.verdict == word for rule in rules) for word in _SAID}
    return ", ".join(f"{n} {_SAID[word]}" for word, n in counts.items() if n)


def _row(rule: Judged) -> Html:
    return tag(
        "li",
        icon(rule.verdict),
        tag("div", tag("b", rule.title), tag("small", rule.meaning)),
        tag("div", tag("b", rule.value), tag("small", rule.threshold), class_="v"),
        class_=rule.verdict,
        title=_SAID[rule.verdict],
    )
