"""Options that many commands share, and how their text is read.

Declare them as `home: HomeOption = None, as_json: JsonOption = False`; each text that people
write in their own way has a `read_…` function here that answers with values or a usage error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Pair

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", "--userdir",
        help="Folder with settings, strategies, data and database (default: TRADEPULSE_HOME "
        "or ./user_data).",
        show_default=False,
    ),
]  # fmt: skip
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "-c", "--config", help="Settings file to use instead of the home's own.",
        show_default=False,
    ),
]  # fmt: skip
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, errors too.")
]
StrategyOption = Annotated[
    str | None,
    typer.Option("-s", "--strategy", help="Strategy name, in any case.", show_default=False),
]
ExchangeOption = Annotated[
    str | None,
    typer.Option(
        "--exchange", help="Exchange whose bars are meant, in any case.", show_default=False,
        callback=lambda name: name and name.lower(),
    ),
]  # fmt: skip
PairsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pairs", "--symbol", "--pair",
        help="Pairs, repeated or separated by commas: BTC/USDT,ETH/USDT.", show_default=False,
    ),
]  # fmt: skip
IntervalOption = Annotated[
    str | None,
    typer.Option(
        "-i", "--interval", "--timeframe", help="Bar interval: 5m, 4h, 1d.", show_default=False
    ),
]
DetailOption = Annotated[
    str | None,
    typer.Option(
        "--detail", "--timeframe-detail",
        help="Finer interval that decides bars touching both stop and target.", show_default=False,
    ),
]  # fmt: skip
TimerangeOption = Annotated[
    str | None,
    typer.Option(
        "--timerange", help="20240101-20240201, the end excluded; either side may be left out.",
        show_default=False,
    ),
]  # fmt: skip
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("-p", "--param", help="A strategy parameter: name=value.", show_default=False),
]
GridOption = Annotated[
    list[str] | None,
    typer.Option("--grid", help="name=from:to:step or name=a,b,c.", show_default=False),
]
JobsOption = Annotated[
    int | None,
    typer.Option("-j", "--job-workers", min=1, help="Threads (default: all).", show_default=False),
]
SeedOption = Annotated[int, typer.Option("--seed", "--random-state", help="Random seed.")]
TrialsOption = Annotated[
    int | None,
    typer.Option("-e", "--trials", "--epochs", min=1, help="Sets to try.", show_default=False),
]
FeeOption = Annotated[
    float | None,
    typer.Option("--fee", min=0, help="Fee a side as a ratio: 0.001 is 0.1 %.", show_default=False),
]
CashOption = Annotated[
    float | None,
    typer.Option(
        "--cash", "--dry-run-wallet", "--starting-balance", min=0,
        help="Starting cash in the quote currency.", show_default=False,
    ),
]  # fmt: skip

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Paper trade: the same as `--mode paper`.")
]

HostOption = Annotated[
    str | None, typer.Option("--host", help="Address to listen on.", show_default=False)
]
PortOption = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port, 0 for a free one.", show_default=False),
]
WorkerOption = Annotated[
    bool,
    typer.Option("--worker/--no-worker", help="Run training jobs too, in a process of their own."),
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Rows a page.")]
CursorOption = Annotated[
    str | None,
    typer.Option("--cursor", help="The page after this one's `next_cursor`.", show_default=False),
]
ActiveOption = Annotated[
    bool | None, typer.Option("--active/--inactive", help="Only those that run, or do not.")
]

Value = int | float | bool | str


class TimeRange(NamedTuple):
    """Open times in [start, end) as UTC milliseconds; None leaves that side open."""

    start: int | None
    end: int | None


def read_pairs(texts: Iterable[str] | None) -> list[Pair]:
    """The pairs in the order given, without repeats. Error `unknown_pair`."""
    words = (word for text in texts or () for word in text.split(",") if word.strip())
    return list(dict.fromkeys(Pair.parse(word) for word in words))


def only_pair(texts: Iterable[str] | None) -> str | None:
    """The one pair asked for, or None. Errors: `unknown_pair`, `one_pair`."""
    pairs = read_pairs(texts)
    if len(pairs) > 1:
        raise UsageError(
            "one_pair",
            "this command takes one pair",
            expected="one pair",
            found=", ".join(str(pair) for pair in pairs),
        )
    return str(pairs[0]) if pairs else None


def read_timerange(text: str | None) -> TimeRange:
    """The range written as `20240101-20240201`, `20240101-` or `-20240201`.

    Each side is a day, or seconds (10 digits) or milliseconds (13 digits) since 1970, in UTC.
    Errors: `bad_timerange`, `inverted_range`.
    """
    if text is None:
        return TimeRange(None, None)
    match = re.fullmatch(r"(\d{8}|\d{10}|\d{13})?-(\d{8}|\d{10}|\d{13})?", text.strip())
    if match is None:
        raise _bad_timerange(text)
    start, end = (_read_time(side, text) if side else None for side in match.groups())
    if start is not None and end is not None and start >= end:
        raise UsageError(
            "inverted_range",
            f"the time range {text} holds no bar",
            expected="a start before the end, which is excluded",
            found=text,
        )
    return TimeRange(start, end)


def _read_time(digits: str, text: str) -> int:
    if len(digits) != len("20240101"):
        return int(digits) * (1000 if len(digits) == len("1704067200") else 1)
    try:
        day = datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        raise _bad_timerange(text) from None
    return int(day.timestamp()) * 1000


def _bad_timerange(text: str) -> UsageError:
    return UsageError(
        "bad_timerange",
        f"{text!r} is not a time range",
        expected="20240101-20240201, 20240101- or -20240201",
        found=repr(text),
    )


def read_value(text: str) -> Value:
    """A whole number, a decimal number, true or false, or else the text itself."""
    word = text.strip()
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def read_parameters(texts: Sequence[str] | None) -> dict[str, Value]:
    """Parameters by name from `name=value` texts. Error `bad_parameter`."""
    return {
        name: read_value(value) for name, value in _pieces(texts, "bad_parameter", "name=value")
    }


def read_grid(texts: Sequence[str] | None) -> dict[str, list[Value]]:
    """Values by parameter name from `name=from:to:step` (the end included) or `name=a,b,c`.

    Error `bad_grid`.
    """
    shape = "name=from:to:step or name=a,b,c"
    return {name: _read_axis(value) for name, value in _pieces(texts, "bad_grid", shape)}


def _pieces(texts: Sequence[str] | None, code: str, shape: str) -> list[tuple[str, str]]:
    pieces = []
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise UsageError(code, f"{text!r} cannot be read", expected=shape, found=repr(text))
        # Declared names are Python names, but a dash is what fingers type on a command line.
        pieces.append((name.strip().replace("-", "_"), value.strip()))
    return pieces


def _read_axis(text: str) -> list[Value]:
    if ":" not in text:
        return [read_value(word) for word in text.split(",") if word.strip()]
    try:
        # Decimal, so that 0.1:0.3:0.1 ends at 0.3 and not at 0.30000000000000004.
        numbers = [Decimal(word) for word in text.split(":")]
    except InvalidOperation:
        raise _bad_axis(text) from None
    low, high, step = numbers if len(numbers) == 3 else (*numbers[:2], Decimal(1))
    if len(numbers) > 3 or not all(n.is_finite() for n in numbers) or step <= 0 or low > high:
        raise _bad_axis(text)
    count = int((high - low) / step) + 1
    whole = all("." not in word and "e" not in word.lower() for word in text.split(":"))
    return [
        int(low + k * step) if whole else float(low + k * step)
        for k in range(count)
    ]  # fmt: skip


def _bad_axis(text: str) -> UsageError:
    return UsageError(
        "bad_grid",
        f"the grid {text!r} holds no value",
        expected="from:to or from:to:step with from ≤ to and step > 0",
        found=repr(text),
    )


def required(given: Mapping[str, object]) -> None:
    """Nothing when all of `given` (option name → value) are there; else error `missing_option`."""
    missing = [name for name, value in given.items() if value in (None, [], ())]
    if missing:
        raise UsageError(
            "missing_option",
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            expected=" and ".join(missing),
            found="nothing",
        )
