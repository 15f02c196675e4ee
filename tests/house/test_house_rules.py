"""Rules of the house that no linter knows: names, sizes, and what must never be committed."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tradepulse"
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))


def whole(text: str) -> str:
    """The text without its tildes: they keep this file from finding itself."""
    return text.replace("~", "")


LEAKS = {
    "a folder of one machine": whole(r"(?<![\w.$}])/~(?:work|root|home/\w+|farm|opt)/\w"),
    "a temporary folder": whole(r"(?<![\w.$}])/~tmp/\w"),
    "the host of a package registry": whole(
        r"pypi~\.org|pythonhosted~\.org|registry~\.npmjs|registry~\.yarnpkg|deb~\.debian"
    ),
    "an index option": whole(r"--(?:extra-)?index~-url[ =]\S|--find~-links[ =]\S"),
    "a private key": whole(r"-----BEGIN [A-Z ]*PRIVATE ~KEY-----"),
}
BANNED_NAMES = {"utils", "util", "common", "helpers", "helper", "core", "manager", "base", "misc"}
MOST_LINES = 400


def committed() -> list[Path]:
    """Files that are or would be committed; every file where there is no git (an sdist)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [p for p in ROOT.rglob("*") if not {".venv", "node_modules"} & set(p.parts)]
    return [path for path in paths if path.is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for path in committed():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text()
        except UnicodeDecodeError:
            continue  # pictures and Parquet files


@pytest.mark.parametrize("what", LEAKS)
def test_nothing_committed_names_a_machine_or_a_registry(what: str) -> None:
    pattern = re.compile(LEAKS[what])
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"{what} in:\n" + "\n".join(found)


def test_leak_patterns_find_what_they_are_for() -> None:
    samples = {
        "a folder of one machine": "open('/~root/x')",
        "a temporary folder": "path = /~tmp/x",
        "the host of a package registry": "https://pypi~.org/simple",
        "an index option": "--index~-url https://x",
        "a private key": "-----BEGIN RSA PRIVATE ~KEY-----",
    }
    for what, sample in samples.items():
        assert re.search(LEAKS[what], whole(sample)), what


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [
        m for m in MODULES if BANNED_NAMES & {part.removesuffix(".py") for part in m.split("/")}
    ]
    assert not named


def test_no_module_holds_two_nouns() -> None:
    # A migration is as long as the tables were that day, and is never edited again.
    modules = [module for module in MODULES if "/migrations/versions/" not in module]
    long = {m: n for m in modules if (n := len((SOURCE / m).read_text().splitlines())) > MOST_LINES}
    assert not long, f"over {MOST_LINES} lines: split them"


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "requirements-tools.lock"]
)
def test_lock_pins_and_hashes_every_package(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    loose = [b.splitlines()[0] for b in blocks if "==" not in b or "--hash=sha256:" not in b]
    assert blocks
    assert not loose
    assert "://" not in text


def test_development_lock_holds_the_base_lock() -> None:
    pins = re.compile(r"^([A-Za-z0-9._-]+==[^\s;\\]+)", re.MULTILINE)
    base, development = (
        set(pins.findall((ROOT / name).read_text()))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert base <= development


def test_source_has_no_unfinished_work() -> None:
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    found = [
        f"{module}:{number}: {line.strip()}"
        for module in MODULES
        for number, line in enumerate((SOURCE / module).read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert not found, "\n".join(found)
