"""CSV text as a frame, with what is wrong in it named as data errors."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl

from tradepulse.domain.errors import DataError
from tradepulse.marketdata.formats.source import Source


def first_cells(source: Source) -> list[str]:
    """The cells of the first line, stripped of blanks and quotes."""
    return cells(source.head.split("\n", 1)[0])


def cells(line: str) -> list[str]:
    """The cells of a line, stripped of blanks and quotes."""
    return [cell.strip().strip('"') for cell in line.split(",")]


def is_number(cell: str) -> bool:
    """Whether the cell reads as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def read_csv(source: Source, names: Sequence[str] | None = None, skip: int = 0) -> pl.DataFrame:
    """The text as a frame: `names` for a file without a header, after `skip` lines.

    DataError `corrupt_file` where rows do not fit the columns; `empty` without rows.
    """
    try:
        frame = pl.read_csv(
            io.BytesIO(source.content), has_header=names is None, skip_lines=skip,
            infer_schema_length=None, encoding="utf8-lossy",
        )  # fmt: skip
    except pl.exceptions.NoDataError as error:
        raise _empty(source) from error
    except pl.exceptions.PolarsError as error:
        raise DataError(
            "corrupt_file", f"{source.name} cannot be read as CSV", expected="rows of equal length",
            found=str(error).split("\n", 1)[0],
        ) from error  # fmt: skip
    if frame.is_empty():
        raise _empty(source)
    if names is None:
        return frame.rename({name: name.strip() for name in frame.columns})
    if frame.width < len(names):
        raise DataError(
            "unknown_column", f"{source.name} has too few columns", expected=", ".join(names),
            found=f"{frame.width} columns",
        )  # fmt: skip
    return frame.rename(dict(zip(frame.columns, names, strict=False)))


def _empty(source: Source) -> DataError:
    return DataError("empty", f"{source.name} holds no rows", expected="bars", found="no rows")
