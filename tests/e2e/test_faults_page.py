"""docs/FAULTS.md tells of every fault that the sandbox has."""

from __future__ import annotations

import re

from benchmarks.live.fault_table import CASES, DOCUMENT

from tradepulse.sandbox.server.faults import Kind


def test_every_kind_of_fault_is_tried() -> None:
    assert {case.kind for case in CASES} == set(Kind)


def test_the_page_has_a_row_for_every_case() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    assert [(kind, told.strip()) for kind, told in rows] == [
        (case.kind.value, case.told) for case in CASES
    ]
