"""Small drawings that take the colour of the text around them."""

from __future__ import annotations

from tradepulse.pages.markup import Html, tag

_PATHS = {
    "met": "M5.4 8.3l1.9 1.9 3.4-4",
    "not": "M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
    "note": "M8 7.4v3.4M8 5.2v.2",
    "cross": "M4 4l8 8M12 4l-8 8",
}
# Stages differ by shape, so that they are told apart without colour.
_STAGES = {
    "DISCOVERY": '<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" '
    'stroke-width="1.6"/>',
    "VALIDATION": '<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" '
    'stroke-width="1.6"/><path d="M6 1.4a4.6 4.6 0 0 0 0 9.2z" fill="currentColor"/>',
    "MATURE": '<circle cx="6" cy="6" r="5.2" fill="currentColor"/>',
    "WATCH": '<path d="M6 1.2l5.2 9.2H.8z" fill="none" stroke="currentColor" '
    'stroke-width="1.4" stroke-linejoin="round"/>',
    "DECAYED": '<path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" stroke-width="1.8"/>',
    "RETIRED": '<path d="M1.6 6h8.8" stroke="currentColor" stroke-width="1.8"/>',
}


def icon(name: str) -> Html:
    """A line drawing: `met`, `not` and `note` in a ring, `cross` without."""
    ring = "" if name == "cross" else '<circle cx="8" cy="8" r="6"/>'
    return tag(
        "svg", Html(f'{ring}<path d="{_PATHS[name]}"/>'), class_="ic", viewBox="0 0 16 16",
        aria_hidden="true",
    )  # fmt: skip


def stage_mark(stage: str) -> Html:
    """The glyph of a lifecycle stage."""
    return tag(
        "svg", Html(_STAGES[stage]), class_="stage-mark", viewBox="0 0 12 12", aria_hidden="true"
    )


def brand() -> Html:
    """The house's mark."""
    line = (
        '<path d="M1.5 11.5h3.7L8 4.5l4 11 2.3-6h4.2" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>'
    )
    return tag("svg", Html(line), viewBox="0 0 20 20", aria_hidden="true")
