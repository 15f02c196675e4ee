"""Markup from values: what is text stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.pages.markup import NOTHING, Html, join, tag


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (tag("p", "a < b & c"), "<p>a &lt; b &amp; c</p>"),
        (tag("p", Html("<b>x</b>"), None, 3), "<p><b>x</b>3</p>"),
        (tag("td", "x", class_="r", title=None, hidden=True), '<td class="r" hidden>x</td>'),
        (tag("a", "x", href='"><script>'), '<a href="&quot;&gt;&lt;script&gt;">x</a>'),
        (tag("div", aria_label="x y"), '<div aria-label="x y"></div>'),
        (tag("meta", charset="utf-8"), '<meta charset="utf-8"/>'),
        (join(["<", Html("<"), NOTHING, None]), "&lt;<"),
    ],
)
def test_elements(made: Html, text: str) -> None:
    assert made == text


@given(st.text(), st.text())
def test_no_text_opens_a_tag_or_leaves_an_attribute(text: str, value: str) -> None:
    made = tag("p", text, title=value)
    assert made.count("<") == 2
    assert made.count('"') == 2 + text.count('"')
