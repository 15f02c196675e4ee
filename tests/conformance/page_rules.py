"""What every page of ours keeps: one file, no requests, no script, tags that close, anchors that
lead somewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br"})
_MOST_BYTES = 1_500_000


class _Reader(HTMLParser):
    """Collects what is asked below; an end tag that closes another element is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.charts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.attributes |= given.keys()
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))
        if given.get("role") == "img":
            self.charts.append(str(given.get("aria-label") or ""))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Of a void element, or inside an SVG: it is closed as it stands.
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)


def check_page(html: str) -> str:
    """The page's words, joined, after every rule was looked at."""
    assert html.startswith("<!doctype html>")
    assert len(html.encode()) < _MOST_BYTES
    read = _Reader()
    read.feed(html)
    assert not read.open, f"never closed: {read.open}"
    assert {"html", "head", "title", "style", "body", "main", "h1"} <= read.tags
    assert not {"script", "img", "link", "iframe", "object", "base"} & read.tags
    assert not {name for name in read.attributes if name.startswith("on") or name == "src"}
    outside = re.findall(r"https?://|url\(|@import|javascript:", html)
    assert not outside
    assert "default-src 'none'" in html
    assert len(read.ids) == len(set(read.ids))
    assert all(link.startswith("#") and link[1:] in read.ids for link in read.links)
    assert all(len(label) > 10 for label in read.charts), "a chart without a sentence"
    words = " ".join(read.words)
    broken = re.findall(r"\b(?:nan|inf|None|NaN|null|undefined)\b", words)
    assert not broken, f"a number that is none was written: {broken[:3]}"
    assert "NaN" not in html
    assert "nan" not in re.sub(r"[a-z]nan|nan[a-z]", "", html)
    return re.sub(r"\s+", " ", words)
