"""docs/STRATEGIES.md says of each strategy what its declaration says."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategy_bars import NAMES

from tradepulse.strategies.parameters import Choice, Float, Int, Parameter
from tradepulse.strategies.registry import Registry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "STRATEGIES.md"


def row_of(name: str) -> list[str]:
    (line,) = [row for row in PAGE.read_text().splitlines() if row.startswith(f"| `{name}` |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def told(name: str, parameter: Parameter) -> str:
    if isinstance(parameter, Choice):
        return f"`{name}` {', '.join(map(str, parameter.options))} ({parameter.default})"
    assert isinstance(parameter, (Int, Float))
    if parameter.low == parameter.high:
        return f"`{name}` {parameter.default:g}, not searched"
    return f"`{name}` {parameter.low:g}-{parameter.high:g} ({parameter.default:g})"


@pytest.mark.parametrize("name", NAMES)
def test_the_row_names_every_parameter_with_its_range(name: str) -> None:
    _, enters, leaves, parameters, evidence = row_of(name)
    declared = Registry().get(name).declared
    assert parameters.split("<br>") == [told(key, item) for key, item in declared.items()]
    assert all(map(bool, (enters, leaves, evidence)))
