"""The look is the house's: the same colours as the product's page, and none written by hand."""

from __future__ import annotations

import re
from pathlib import Path

import tradepulse.api
from tradepulse.pages.style import STYLE
from tradepulse.pages.tokens import DARK, LIGHT

TOKENS = Path(tradepulse.api.__file__).parent / "static" / "tokens.css"


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6})", text))


def test_colours_are_those_of_the_product() -> None:
    dark, _, light = TOKENS.read_text().partition('[data-theme="light"]')
    for ours, theirs in ((DARK, dark), (LIGHT, light)):
        known = colours(theirs)
        shared = colours(ours).keys() & known.keys()
        assert len(shared) > 20
        assert {n: colours(ours)[n] for n in shared} == {n: known[n] for n in shared}


def test_both_themes_define_the_same_colours_and_every_one_used_is_defined() -> None:
    assert colours(DARK).keys() == colours(LIGHT).keys()
    used = set(re.findall(r"var\((--[\w-]+)\)", STYLE))
    defined = set(re.findall(r"(--[\w-]+):", STYLE))
    assert used <= defined


def test_braces_balance_and_no_colour_is_written_by_hand() -> None:
    assert STYLE.count("{") == STYLE.count("}")
    rules = STYLE.partition("*,*::before")[2]
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b", rules)) <= {"#fff"}
