"""The papers: links lead somewhere, files exist, and what the guides print to type can be typed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tradepulse.cli import main
from tradepulse.cli.app import load
from tradepulse.cli.commands import ALIASES, COMMANDS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PYTHON_README = "the README's Python example, as a script"


class Block(NamedTuple):
    """A fenced block: its language, the words behind it, and its text.

    `sh` blocks are run; `sh exit=3` must leave with that code; `sh serves` would not return and
    `sh skip` needs what only a reader has. A `file=PATH` block is a file to be written first.
    """

    language: str
    words: tuple[str, ...]
    text: str

    def word(self, name: str) -> str | None:
        found = [w.partition("=")[2] for w in self.words if w.startswith(f"{name}=")]
        return found[0] if found else None


def blocks(path: Path) -> Iterator[Block]:
    for info, text in re.findall(r"^```(\S.*)\n([\s\S]*?)^```$", path.read_text(), re.M):
        language, *words = info.split()
        yield Block(language, tuple(words), text)


def commands(path: Path) -> list[list[str]]:
    """Every `tradepulse …` line of the paper's shell blocks, as words."""
    lines = [line for b in blocks(path) if b.language == "sh" for line in b.text.splitlines()]
    return [shlex.split(line)[1:] for line in lines if re.match("tradepulse [a-z]", line)]


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
    lost = [t for t in targets if "://" not in t and not (path.parent / t).exists()]
    assert not lost


def test_the_map_names_files_that_exist_and_stays_short() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    assert len(text.splitlines()) < 200
    named = re.findall(r"`([a-z_]+/[\w/]+\.(?:py|md))`", text)
    places = (ROOT, ROOT / "src" / "tradepulse", ROOT / "docs")
    lost = [name for name in named if not any((place / name).exists() for place in places)]
    assert len(named) > 20
    assert not lost


@pytest.mark.parametrize("path", [ROOT / "README.md", *GUIDES], ids=lambda path: path.stem)
def test_commands_and_their_options_exist(path: Path) -> None:
    for words in commands(path):
        name, *rest = [*ALIASES.get(words[0], words[:1]), *words[1:]]
        assert name in [entry.name for entry in COMMANDS], words
        command = load(name)
        while hasattr(command, "commands"):
            assert rest[0] in command.commands, words
            command, rest = command.commands[rest[0]], rest[1:]
        known = {option for item in command.params for option in item.opts}
        given = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
        assert given <= known, words


def test_make_targets_of_the_papers_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for path in PAPERS:
        for target in re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)$", path.read_text(), re.M):
            assert f"\n{target[0] or target[1]}:" in makefile, f"{path.name}: {target}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, without any home of the developer's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRADEPULSE_HOME", raising=False)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_can_be_followed(
    path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for block in blocks(path):
        if (name := block.word("file")) is not None:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text)
        if block.language != "sh" or {"serves", "skip"} & set(block.words):
            continue
        for line in block.text.splitlines():
            words = _with_ids(shlex.split(line)[1:], capsys)
            code = main(words)
            told = capsys.readouterr()
            assert code == int(block.word("exit") or 0), f"{line}\n{told.out}{told.err}"


def _with_ids(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The words with ids of the reader's own newest job or configuration where the guide shows
    another's."""
    kind = "jobs" if words[0] == "jobs" or "--resume" in words else "configs"
    return [
        _newest(kind, capsys) if re.fullmatch(r"(?=.*[a-f])(?=.*\d)[0-9a-f]{8}", word) else word
        for word in words
    ]


def _newest(kind: str, capsys: pytest.CaptureFixture[str]) -> str:
    main([kind, "list", "--json"])
    found: str = json.loads(capsys.readouterr().out)["items"][0]["id"]
    return found


@pytest.mark.slow
def test_the_readmes_example_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    examples = [block.text for block in blocks(ROOT / "README.md") if block.language == "python"]
    assert examples
    assert main(["data", "import", "--bundled"]) == 0
    for text in examples:
        exec(compile(text, PYTHON_README, "exec"), {})
    assert capsys.readouterr().out
