"""What a command prints: one JSON document, or text and tables; and errors in both shapes.

Answers go to stdout; progress and errors for people go to stderr, so a pipe sees answers only.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradepulse.domain.errors import FailedError, NotFoundError, TradePulseError, UsageError
from tradepulse.domain.money import to_text

if TYPE_CHECKING:
    from rich.console import Console

# Rich falls back to 80 columns in a pipe and would cut the cells somebody greps for.
PIPE_WIDTH = 160
# From here on a number's fraction tells nobody anything, and an exponent tells most people less.
_WHOLE = 1e6


def emit(document: object, as_json: bool, human: Callable[[], object]) -> None:
    """Prints `document` as JSON, or calls `human` to print it for people.

    NaN becomes null, money a decimal string, paths text.
    """
    if as_json:
        print_json(document)
    else:
        human()


def print_json(document: object) -> None:
    """Prints one JSON document and a line end to stdout."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    text = orjson.dumps(document, default=plain, option=options).decode()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def plain(value: object) -> object:
    """The value in types that JSON has, for encoders that meet one it has not."""
    if isinstance(value, Decimal):
        return to_text(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value)
    return str(value)


def console(stderr: bool = False) -> Console:
    """A Rich console on stdout (or stderr) that does not cut lines when piped."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def show_table(
    title: str | None,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[str] = (),
) -> None:
    """Prints a table; the columns named in `right` are right-aligned. None shows as a dash."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.show_header = any(columns)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(as_text(cell)) for cell in row))
    console().print(table)


def show_page(
    columns: Sequence[str], rows: Iterable[Sequence[object]], next_cursor: str | None, *,
    right: Sequence[str] = (),
) -> None:  # fmt: skip
    """Prints a page of a list as a table, and how to see the next."""
    show_table(None, columns, rows, right=right)
    if next_cursor is not None:
        show_lines([f"more: --cursor {next_cursor}"])


def show_lines(lines: Iterable[str]) -> None:
    """Prints each line to stdout as it is, never wrapped."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def as_text(value: object) -> str:
    """A table cell: `-` for None, six significant digits for a float, yes and no for a bool."""
    if value is None or value != value:  # noqa: PLR0124  (NaN is the one value unlike itself)
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return to_text(value)
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.6g}"
    return str(value)


def wall_clock_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def time_text(time_ms: int | None) -> str:
    """`2024-01-31 23:55` in UTC, or a dash."""
    if time_ms is None:
        return "-"
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def say(line: str) -> None:
    """Prints a line of progress to stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def progress(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; yields a function that takes the number of steps done so far.

    Where stderr is not a terminal (a log, a pipe) it prints a line at every tenth part instead.
    """
    if not sys.stderr.isatty():
        yield _line_progress(description, total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console(stderr=True)) as bar:
        task = bar.add_task(description, total=total)
        yield lambda done: bar.update(task, completed=done)


def _line_progress(description: str, total: int | None) -> Callable[[int], None]:
    shown = -1

    def step(done: int) -> None:
        nonlocal shown
        tenth = 10 if not total else done * 10 // total
        if tenth > shown:
            shown = tenth
            say(f"{description}: {done}" + (f" of {total}" if total else ""))

    return step


# What the operating system says, in the words users and scripts match on.
_CHOOSE = "Choose a path you may write."
_OS_ERRORS: dict[int, tuple[type[TradePulseError], str, str]] = {
    errno.ENOSPC: (FailedError, "disk_full", "Free some space and run the command again."),
    errno.EDQUOT: (FailedError, "disk_full", "Free some space and run the command again."),
    errno.EACCES: (FailedError, "read_only", _CHOOSE),
    errno.EPERM: (FailedError, "read_only", _CHOOSE),
    errno.EROFS: (FailedError, "read_only", _CHOOSE),
    errno.ENOENT: (NotFoundError, "file_not_found", "Check the path."),
    errno.EISDIR: (UsageError, "bad_path", "Name a file, not a folder."),
    errno.ENOTDIR: (UsageError, "bad_path", "A part of the path is a file, not a folder."),
    errno.ENAMETOOLONG: (UsageError, "bad_path", "Choose a shorter name."),
    errno.EADDRINUSE: (FailedError, "port_in_use", "Choose another with --port."),
}


def explain(error: Exception) -> TradePulseError:
    """The error as one a user can act on: as it is, translated from the system, or `internal`."""
    if isinstance(error, TradePulseError):
        return error
    if isinstance(error, OSError) and error.errno in _OS_ERRORS:
        kind, code, hint = _OS_ERRORS[error.errno]
        folder = _missing_folder(error)
        if folder is not None:
            hint = "Make the folder first, or check the path."
            return kind(code, f"there is no folder {folder}", found=error.filename, hint=hint)
        where = f": {error.filename}" if error.filename else ""
        return kind(code, f"{error.strerror}{where}", hint=hint)
    return FailedError(
        "internal",
        f"{type(error).__name__}: {error}",
        hint="This is a defect of TradePulse; run again with --debug for the traceback.",
    )


def _missing_folder(error: OSError) -> Path | None:
    """The folder a file was to be in, if that is what is missing and not the file."""
    if error.errno != errno.ENOENT or not isinstance(error.filename, str):
        return None
    folder = Path(error.filename).parent
    return None if folder.exists() else folder


def show_error(error: TradePulseError, as_json: bool) -> None:
    """Prints the error: with `as_json` one document on stdout, else labelled lines on stderr."""
    if as_json:
        print_json({"error": error.as_dict()})
        return
    lines = [f"error [{error.code}]: {error.message}"]
    fields: dict[str, Any] = {
        "expected": error.expected, "found": error.found, "hint": error.hint,
    }  # fmt: skip
    lines += [f"  {name}: {text}" for name, text in fields.items() if text is not None]
    say("\n".join(lines))
