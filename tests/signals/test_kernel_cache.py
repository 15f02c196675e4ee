"""The kernel cache: an edit anywhere in the kernel rooms gives another folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tradepulse
from tradepulse.signals.jit import KERNEL_ROOMS, cache_folder, kernel_digest

PACKAGE = Path(tradepulse.__file__).parent


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    package = tmp_path / "tradepulse"
    for room in KERNEL_ROOMS:
        shutil.copytree(
            PACKAGE / room, package / room, ignore=shutil.ignore_patterns("__pycache__")
        )
    return package


def test_equal_sources_share_a_folder(copied: Path) -> None:
    assert kernel_digest(copied) == kernel_digest(PACKAGE)
    (copied / "signals" / "notes.txt").write_text("not a source")
    assert kernel_digest(copied) == kernel_digest(PACKAGE)


@pytest.mark.parametrize(
    "callee",
    ["signals/kernels/rolling.py", "signals/kernels/elementwise.py", "signals/operations.py",
     "simulation/venue.py"],
)  # fmt: skip
def test_an_edited_callee_gives_another_digest(copied: Path, callee: str) -> None:
    before = kernel_digest(copied)
    path = copied / callee
    path.write_text(path.read_text() + "\n# edited\n")
    assert kernel_digest(copied) != before


def test_a_new_or_renamed_source_gives_another_digest(copied: Path) -> None:
    before = kernel_digest(copied)
    extra = copied / "signals" / "kernels" / "extra.py"
    extra.write_text("")
    added = kernel_digest(copied)
    extra.rename(extra.with_name("other.py"))
    assert len({before, added, kernel_digest(copied)}) == 3


def test_the_folder_is_named_by_the_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRADEPULSE_KERNEL_CACHE", str(tmp_path / "deep" / "cache"))
    assert (
        cache_folder() == tmp_path / "deep" / "cache" / "tradepulse" / "kernels" / kernel_digest()
    )


def test_a_root_that_cannot_be_written_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "a_file"
    blocked.write_text("")
    monkeypatch.setenv("TRADEPULSE_KERNEL_CACHE", str(blocked))
    assert blocked not in cache_folder().parents
    readable = tmp_path / "read_only"
    readable.mkdir()
    monkeypatch.setenv("TRADEPULSE_KERNEL_CACHE", str(readable))
    monkeypatch.setattr("tradepulse.signals.jit.os.access", lambda *_: False)
    assert readable not in cache_folder().parents


KERNELS = {
    "caller.py": "from tradepulse.signals.jit import kernel\n"
    "from tradepulse.signals.callee import factor\n\n\n"
    "@kernel\ndef total(x: float) -> float:\n    return factor(x) + 1.0\n",
    "callee.py": "from tradepulse.signals.jit import kernel\n\n\n"
    "@kernel\ndef factor(x: float) -> float:\n    return x * 2.0\n",
}


@pytest.mark.slow
def test_an_edited_callee_changes_the_callers_results(tmp_path: Path) -> None:
    """What Numba's own cache gets wrong, in three fresh processes over one cache."""
    package = tmp_path / "src" / "tradepulse"
    for room in ("signals", "simulation", "domain"):
        shutil.copytree(
            PACKAGE / room, package / room, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(PACKAGE / "__init__.py", package)
    for name, text in KERNELS.items():
        (package / "signals" / name).write_text(text)

    def run(environment: dict[str, str]) -> float:
        code = "from tradepulse.signals.caller import total; print(total(3.0))"
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env=environment,
        )  # fmt: skip
        return float(ran.stdout)

    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    environment |= {"PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1",
                    "TRADEPULSE_KERNEL_CACHE": str(tmp_path / "cache")}  # fmt: skip
    assert run(environment) == 7.0
    assert run(environment) == 7.0
    callee = package / "signals" / "callee.py"
    callee.write_text(callee.read_text().replace("2.0", "5.0"))
    assert run(environment) == 16.0
