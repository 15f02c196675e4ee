"""Parameters that several commands share, declared once as the fields of a dataclass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints


def spread(command: Callable[..., int]) -> Callable[..., int]:
    """The command as typer reads it: a parameter that is a dataclass is its fields, in its place.

    Called with the fields by name, it puts the dataclass together again.
    """
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, type] = {}
    flat: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        kind = parameter.annotation
        if isinstance(kind, type) and is_dataclass(kind):
            groups[parameter.name] = kind
            flat += _parameters(kind)
        else:
            flat.append(parameter)

    def spread_out(**given: Any) -> int:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        return command(**given)

    spread_out.__doc__ = command.__doc__
    spread_out.__annotations__ = {parameter.name: parameter.annotation for parameter in flat}
    # Where typer looks first; it is what `inspect` answers with.
    spread_out.__signature__ = signature.replace(parameters=flat)  # type: ignore[attr-defined]
    return spread_out


def _parameters(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return [
        inspect.Parameter(field.name, kind, default=field.default, annotation=hints[field.name])
        for field in fields(group)
    ]
