"""How the page writes numbers and times, run by the JavaScript engine that will write them."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tradepulse.api.page import STATIC

NOW = 1_748_961_004_000
# Expression over the module `w`, and what it gives.
CASES = [
    ("w.signed('12.345')", "+12.35"),
    ("w.signed('-1234.5')", "\u22121,234.50"),
    ("w.signed('-0.001')", "0.00"),
    ("w.signed('0')", "0.00"),
    ("w.signed(null)", "\u2013"),
    ("w.plain('10000')", "10,000.00"),
    ("w.plain(undefined)", "\u2013"),
    # More digits than a float holds: the string is formatted, not a rounded number.
    ("w.plain('12345678901234567.89')", "12,345,678,901,234,567.89"),
    ("w.level('0.00000001')", "0.00000001"),
    ("w.level('105671.1')", "105,671.1"),
    ("w.level('21.178394450326117')", "21.17839"),
    ("w.level(null)", "\u2013"),
    ("w.count(25000)", "25,000"),
    ("w.percent(0.213)", "21.3\u202f%"),
    ("w.percent(null)", "\u2013"),
    ("w.signedPercent(-0.112)", "\u221211.2\u202f%"),
    ("w.sign('-0.001')", ""),
    ("w.sign('-0.01')", "neg"),
    ("w.sign('5')", "pos"),
    ("w.sign(null)", ""),
    ("w.made('synthetic')", "SYNTHETIC "),
    ("w.made('kraken')", ""),
    (f"w.when({NOW}, {NOW})", "14:30:04"),
    (f"w.when({NOW - 86_400_000}, {NOW})", "2\u00a0Jun 14:30"),
    (f"w.when({NOW}, {NOW + 365 * 86_400_000})", "3\u00a0Jun\u00a02025 14:30"),
    ("w.when(null)", "\u2013"),
    ("w.age(52_400)", "52 s"),
    ("w.age(600_000)", "10 min"),
    ("w.sentence('enter_long')", "Enter long"),
]


def test_page_writes_numbers_and_times_as_agreed() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node to run the page's own module")
    expressions = ", ".join(expression for expression, _ in CASES)
    # The module has no package.json beside it: Node is given the source as a module.
    source = (STATIC / "words.js").read_text()
    script = source + "\nconst w = {plain, level, count, percent, signedPercent, signed, sign, "
    script += f"when, age, sentence, made}};\nconsole.log(JSON.stringify([{expressions}]));"
    done = subprocess.run(
        [node, "--input-type=module"], input=script, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert dict(zip((e for e, _ in CASES), found, strict=True)) == dict(CASES)
