"""Tables: numbers right, the unit in the head, and never wider than their own box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tradepulse.pages.markup import Child, Html, tag


class Column(NamedTuple):
    """A column's head, and whether its cells are numbers."""

    title: str
    number: bool = True


class Cell(NamedTuple):
    """A cell with a colour (`pos`, `neg`, `warn`), and a second, smaller line."""

    text: Child
    tone: str | None = None
    under: Child = None


def table(
    columns: Sequence[Column | str], rows: Iterable[Sequence[Child]], *, class_: str = ""
) -> Html:
    """The table in a box that scrolls sideways alone. A column given as text holds words."""
    heads = [c if isinstance(c, Column) else Column(c, number=False) for c in columns]
    top = tag("tr", *(tag("th", c.title, class_=_side(c), scope="col") for c in heads))
    body = [tag("tr", *map(_cell, heads, row)) for row in rows]
    whole = tag("table", tag("thead", top), tag("tbody", *body), class_=class_ or None)
    # A box that scrolls must be reachable by keyboard.
    return tag("div", whole, class_="scroll", tabindex="0")


def facts(rows: Iterable[tuple[str, Child]]) -> Html:
    """Names with their values, a line each."""
    return tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in rows), class_="facts")


def tiles(rows: Iterable[tuple[str, Child, str]]) -> Html:
    """Large values, each with what it is below it and perhaps a CSS class."""
    return tag(
        "div",
        *(tag("div", tag("b", value, class_=tone or None), tag("span", name))
          for name, value, tone in rows),
        class_="nums",
    )  # fmt: skip


def _side(column: Column) -> str | None:
    return "r" if column.number else None


def _cell(column: Column, content: Child) -> Html:
    cell = content if isinstance(content, Cell) else Cell(content)
    words = [_side(column), cell.tone]
    under = None if cell.under is None else tag("small", cell.under)
    return tag("td", cell.text, under, class_=" ".join(w for w in words if w) or None)
