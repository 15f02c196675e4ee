"""The Python of the sandbox guide, run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sandbox_ccxt import build_market

from tradepulse.sandbox.server import run_in_thread

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "sandbox.md"
EXAMPLES = re.findall(r"^```python\n([\s\S]*?)^```$", GUIDE.read_text(), re.M)


def test_the_guide_has_both_examples() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize("text", EXAMPLES, ids=["with ccxt", "in one process"])
def test_an_example_runs(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with run_in_thread(build_market(), speed=600) as sandbox:
        sandbox.open_account("demo", "demo-secret", {"USDT": 10_000})
        here = text.replace("127.0.0.1:8731", sandbox.base_url.removeprefix("http://"))
        exec(compile(here, GUIDE.name, "exec"), {"__name__": "guide"})
    assert capsys.readouterr().out
