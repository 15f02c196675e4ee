"""Puts the words of a command line into the order the parser reads."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

# Understood anywhere on the line, with the number of words that follow each.
EVERYWHERE = {
    "--json": 0, "--debug": 0, "--home": 1, "--userdir": 1, "-c": 1, "--config": 1,
}  # fmt: skip
_PAIR_OPTIONS = ("--pairs", "--pair", "--symbol")
_PAIR_WORD = re.compile(r"[A-Z0-9]+/[A-Z0-9]+(:[A-Z0-9]+)?")


class CommandLine(NamedTuple):
    """The words for the parser, and the two switches needed even where parsing fails."""

    words: list[str]
    as_json: bool
    debug: bool


def arrange(argv: Sequence[str]) -> CommandLine:
    """The command line with options for every command moved behind it and spaced pairs joined.

    `--json data list` → `data list --json`; `--pairs A/B C/D` → `--pairs A/B,C/D` (freqtrade).
    """
    words = list(argv)
    # A strategy's own value may follow `--`; nothing behind it is ours.
    end = words.index("--") if "--" in words else len(words)
    own, everywhere = _split(words[:end])
    as_json, debug = "--json" in everywhere, "--debug" in everywhere
    if not own or own[0] in ("-h", "--help", "--version"):
        return CommandLine(own[:1] or ["--help"], as_json, debug)
    passed_on = [word for word in everywhere if word != "--debug"]
    return CommandLine(_join_pairs(own) + passed_on + words[end:], as_json, debug)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    own: list[str] = []
    everywhere: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, _ = word.partition("=")
        if name not in EVERYWHERE:
            own.append(word)
            continue
        everywhere.append(word)
        if not equals:
            everywhere += itertools.islice(rest, EVERYWHERE[name])
    return own, everywhere


def _join_pairs(words: list[str]) -> list[str]:
    joined: list[str] = []
    for word in words:
        follows = len(joined) > 1 and joined[-2] in _PAIR_OPTIONS
        if follows and _PAIR_WORD.fullmatch(word):
            joined[-1] = f"{joined[-1]},{word}"
        else:
            joined.append(word)
    return joined
