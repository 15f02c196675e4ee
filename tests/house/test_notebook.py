"""The notebook: valid, committed without outputs, and running from the first cell to the last."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from conformance.page_rules import check_page

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
LONGEST_S = 60


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Any:
    return nbformat.read(request.param, as_version=4)


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a kernel that is this very interpreter, whatever others the user has."""
    folder = tmp_path / "kernels" / "running"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "running", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    # What it writes into a temporary folder is cleared with the test's own.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("TRADEPULSE_HOME", raising=False)
    # It stands in another folder, where a relative path of ours would lead nowhere.
    places = [str(ROOT / "src"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(places))
    return "running"


def test_there_is_one() -> None:
    assert NOTEBOOKS


def test_it_is_valid_and_holds_no_outputs(notebook: Any) -> None:
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
    # Every step is explained, and no explanation is an essay.
    words = [len(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown"]
    assert max(words) < 120


@pytest.mark.slow
def test_it_runs(notebook: Any, kernel: str, tmp_path: Path) -> None:
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook, timeout=LONGEST_S, kernel_name=kernel,
        resources={"metadata": {"path": str(tmp_path)}},
    )  # fmt: skip
    done = client.execute()
    told = json.dumps(done)
    assert "image/svg+xml" in told
    pages = [Path(name) for name in re.findall(r"(/[\w./-]+\.html)", told)]
    assert len(pages) >= 2
    for page in pages:
        check_page(page.read_text(encoding="utf-8"))
