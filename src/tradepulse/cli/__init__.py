"""The terminal: parse, call one function, print. Each command is imported when it is called."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the command line `argv` (default: the process's own)."""
    from tradepulse.cli.app import run

    return run(argv)
