"""One page: a head, parts, and everything it needs inside one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tradepulse.domain.version import VERSION
from tradepulse.pages.icons import brand
from tradepulse.pages.markup import NOTHING, Child, Html, tag
from tradepulse.pages.style import STYLE

# A browser that reads this asks nobody for anything, whatever text found its way into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Page:
    """A finished document. It needs no script, no font and no network."""

    title: str
    html: str

    def __str__(self) -> str:
        return self.html

    def save(self, path: str | Path) -> Path:
        """The file written, UTF-8."""
        file = Path(path).expanduser()
        file.write_text(self.html, encoding="utf-8")
        return file


@dataclass(frozen=True)
class Part:
    """A titled stretch of a page that the list at its top leads to. `name` is its anchor."""

    name: str
    title: str
    body: Html
    lead: str = ""


def page(title: str, head: Html, parts: Sequence[Part], foot: Sequence[str] = ()) -> Page:
    """The document: brand, `head`, a list of the parts, the parts, and lines of small print."""
    links = (tag("a", part.title, href=f"#{part.name}") for part in parts)
    body = tag(
        "body",
        tag("header", brand(), tag("span", "TradePulse"), class_="brand"),
        tag(
            "main",
            head,
            tag("nav", *links, class_="toc", aria_label="On this page") if parts else NOTHING,
            *(_part(part) for part in parts),
        ),
        tag("footer", *(tag("p", line) for line in (*foot, _made_by()))),
    )
    return Page(title, f"<!doctype html>\n{_document(title, body)}\n")


def _document(title: str, body: Html) -> Html:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width,initial-scale=1"),
        tag("meta", name="color-scheme", content="dark light"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>'),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    return tag("html", head, body, lang="en")


def _part(part: Part) -> Html:
    lead = tag("p", part.lead, class_="lead") if part.lead else NOTHING
    return tag("section", tag("h2", part.title), lead, part.body, id=part.name)


def _made_by() -> str:
    return (
        f"Made by TradePulse {VERSION}. All times are UTC. Nothing here is advice; past results "
        "do not promise future ones."
    )


def panel(title: Child, body: Html, *, note: Child = None, class_: str = "") -> Html:
    """A bordered box with a title line; `note` stands at its right."""
    aside = None if note is None else tag("span", note, class_="note")
    return tag(
        "div",
        tag("div", tag("h3", title), aside, class_="bar") if title else None,
        tag("div", body, class_="body"),
        class_=f"panel {class_}".strip(),
    )


def grid(*panels: Html, columns: int = 2) -> Html:
    """Panels side by side, below one another where the window is narrow."""
    return tag("div", *panels, class_=f"g c{columns}")


def legend(*entries: tuple[str, str]) -> Html:
    """(CSS class of a mark, words) pairs."""
    return tag(
        "span",
        *(tag("span", tag("i", class_=f"key {mark}"), words) for mark, words in entries),
        class_="legend",
    )


def missing(*why: Child) -> Html:
    """Where something would stand: why it does not."""
    return tag("p", *why, class_="remark")


def folded(summary: str, body: Html) -> Html:
    """What few readers want, behind one line."""
    return tag("details", tag("summary", summary), body)
