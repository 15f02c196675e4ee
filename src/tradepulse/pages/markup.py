"""HTML as values: text is escaped unless it is markup already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Html(str):
    """Text that is markup. Everything else put into a tag is escaped, so no name breaks a page."""

    __slots__ = ()


NOTHING = Html("")
_VOID = frozenset({"br", "meta"})

Child = object
Attribute = str | int | float | bool | None


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """The element; `class_` is the attribute class, `aria_label` is aria-label, None and False
    leave an attribute out, True gives it without a value."""
    opened = f"<{name}{_attributes(attributes)}"
    if name in _VOID:
        return Html(f"{opened}/>")
    return Html(f"{opened}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Html:
    """The children one behind another; None is nothing."""
    return Html("".join(_text(child) for child in children if child is not None))


def _text(child: Child) -> str:
    return child if isinstance(child, Html) else escape(str(child), quote=False)


def _attributes(attributes: dict[str, Attribute]) -> str:
    named = (
        (name.rstrip("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"' for name, value in named
    )
