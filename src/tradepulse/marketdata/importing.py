"""Importing: files in, series kept, with everything that was inferred on the way said aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.checks import modal_spacing_ms
from tradepulse.marketdata.formats.parsed import Kind, Parsed
from tradepulse.marketdata.formats.recognise import parse
from tradepulse.marketdata.formats.source import Source, data_files, open_sources
from tradepulse.marketdata.gaps import Gaps, find_gaps
from tradepulse.marketdata.store import AppendReport, BarStore, mark_exchange, traded_pair

NO_GAPS = Gaps((), ())


@dataclass(frozen=True)
class Given:
    """What the user says about the files; it wins over what the files say."""

    exchange: str | None = None
    pair: Pair | None = None
    interval: Interval | None = None


@dataclass(frozen=True)
class ImportedFile:
    """A file that was kept. `first` and `last` are open times; `gaps` are its own holes."""

    file: str
    format: str
    kind: Kind
    exchange: str
    pair: str
    interval: str | None
    rows: int
    first: int
    last: int
    report: AppendReport
    gaps: Gaps
    inferred: tuple[str, ...]


@dataclass(frozen=True)
class RefusedFile:
    """A file of which nothing was kept."""

    file: str
    error: TradePulseError


Outcome = ImportedFile | RefusedFile


@dataclass(frozen=True)
class Settled:
    """Which series a file belongs to, with nothing left open. Funding has no interval."""

    exchange: str
    pair: Pair
    interval: Interval | None
    inferred: tuple[str, ...]


def import_paths(
    store: BarStore,
    paths: Sequence[Path],
    given: Given | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] | None = None,
) -> list[Outcome]:
    """What became of every file in `paths` and of every member of their archives.

    A bad file is refused whole and does not stop the others. `progress` is told how many
    files are done. A machine that fails (`disk_full`, `read_only`) ends the import by its error.
    """
    files = [file for path in paths for file in data_files(path)]
    outcomes: list[Outcome] = []
    for done, file in enumerate(files, start=1):
        outcomes += _import_file(store, file, given or Given(), overwrite)
        if progress is not None:
            progress(done)
    return outcomes


def _import_file(store: BarStore, file: Path, given: Given, overwrite: bool) -> Iterator[Outcome]:
    try:
        for source in open_sources(file):
            yield _import_source(store, source, given, overwrite)
    except DataError as error:
        yield RefusedFile(str(file), error)


def _import_source(store: BarStore, source: Source, given: Given, overwrite: bool) -> Outcome:
    try:
        parsed = parse(source)
        return _keep(store, source, parsed, settle(parsed, given, source.name), overwrite)
    except DataError as error:
        return RefusedFile(source.label, error)


def settle(parsed: Parsed, given: Given, name: str) -> Settled:
    """The file's series, from what was given before what it says.

    DataError `cannot_infer`; `wrong_series` where the file says it is of another pair.
    """
    origin = parsed.origin
    if given.pair and origin.pair and not given.pair.same_coins(origin.pair):
        raise DataError(
            "wrong_series",
            f"{name} is not of {given.pair}",
            expected=str(given.pair),
            found=str(origin.pair),
            hint="rename the file if its name is wrong",
        )
    exchange, pair = given.exchange or origin.exchange, given.pair or origin.pair
    interval = given.interval or origin.interval
    stated = [field.name for field in fields(given) if getattr(given, field.name) is not None]
    notes = [note for note in origin.inferred if note.split(" ")[0] not in stated]
    if interval is None and parsed.kind is not Kind.FUNDING:
        interval = _commonest(parsed)
        notes += [f"interval {interval} from the commonest spacing"] if interval else []
    spaced = interval is not None or parsed.kind is Kind.FUNDING
    if exchange is None or pair is None or not spaced:
        raise _cannot_infer(name, notes, exchange=exchange, symbol=pair, interval=interval)
    traded = traded_pair(exchange, pair)
    if traded != pair:
        notes.append(f"{pair} is {traded}, since {exchange} has perpetuals only")
    return Settled(exchange, traded, interval, tuple(notes))


def _commonest(parsed: Parsed) -> Interval | None:
    spacing = modal_spacing_ms(np.unique(parsed.times))
    return Interval(spacing) if spacing else None


def _cannot_infer(name: str, notes: list[str], **needed: object) -> DataError:
    missing = [option for option, value in needed.items() if value is None]
    return DataError(
        "cannot_infer",
        f"{name} does not say its {' and '.join(missing)}",
        expected=" ".join(f"--{option}" for option in missing),
        found="; ".join(notes) or "a name and content that do not tell",
    )


def _keep(
    store: BarStore, source: Source, parsed: Parsed, to: Settled, overwrite: bool
) -> ImportedFile:
    """The file, checked and appended to `store`. Mark prices have an exchange name of their own."""
    exchange = mark_exchange(to.exchange) if parsed.kind is Kind.MARK else to.exchange
    if to.interval is None or parsed.kind is Kind.FUNDING:
        report = store.append_funding(exchange, to.pair, parsed.funding(), overwrite=overwrite)
        gaps = NO_GAPS
    else:
        bars = parsed.bars(to.interval)
        report = store.append(exchange, to.pair, to.interval, bars, overwrite=overwrite)
        gaps = find_gaps(bars.open_time, bars.interval_ms)
    return ImportedFile(
        file=source.label,
        format=parsed.format,
        kind=parsed.kind,
        exchange=exchange,
        pair=str(to.pair),
        interval=str(to.interval) if to.interval else None,
        rows=len(parsed.times),
        first=int(parsed.times[0]),
        last=int(parsed.times[-1]),
        report=report,
        gaps=gaps,
        inferred=to.inferred,
    )
