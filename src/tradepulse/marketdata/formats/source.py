"""Where bytes come from: a file, or a member of a zip or gzip archive, with the names around it."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tradepulse.domain.errors import DataError, NotFoundError

DATA_SUFFIXES = (".parquet", ".feather", ".json", ".csv", ".zip", ".gz")
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


@dataclass(frozen=True)
class Source:
    """Bytes to be recognised. `folders` are the names of the folders above, nearest first."""

    label: str
    name: str
    folders: tuple[str, ...]
    content: bytes

    @property
    def stem(self) -> str:
        """The file's name without its ending(s): `BTC_USDT-5m` of `BTC_USDT-5m.json.gz`."""
        return self.name.split(".", 1)[0]

    @property
    def head(self) -> str:
        """The first two kilobytes as text; bytes that are not text are replaced."""
        return self.content[:2048].decode("utf-8-sig", errors="replace")


def data_files(path: Path) -> list[Path]:
    """`path` itself, or every file below it that may hold bars, sorted; hidden ones left out.

    NotFoundError `file_not_found`; DataError `empty` for a folder without such files.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise NotFoundError("file_not_found", f"{path} does not exist", expected="a file or folder")
    inside = (p for p in path.rglob("*") if p.suffix.lower() in DATA_SUFFIXES and p.is_file())
    found = sorted(
        p for p in inside if not any(n.startswith(".") for n in p.relative_to(path).parts)
    )
    if not found:
        raise DataError(
            "empty",
            f"{path} holds no files of bars",
            expected=", ".join(DATA_SUFFIXES),
            found="none",
        )
    return found


def open_sources(path: Path) -> Iterator[Source]:
    """The file's bytes, or those of each member when it is an archive. DataError `corrupt_file`."""
    content = path.read_bytes()
    folders = tuple(reversed(path.resolve().parent.parts[1:]))
    source = Source(str(path), path.name, folders, content)
    if not content:
        raise DataError("empty", f"{path.name} is empty", expected="bars", found="0 bytes")
    try:
        if content.startswith(_ZIP):
            yield from _members(source)
        elif content.startswith(_GZIP):
            yield Source(str(path), path.name, folders, gzip.decompress(content))
        else:
            yield source
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(
            "corrupt_file", f"{path.name} cannot be unpacked", expected="a whole archive",
            found=str(error),
        ) from error  # fmt: skip


def _members(source: Source) -> Iterator[Source]:
    with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
        members = [name for name in sorted(archive.namelist()) if _may_hold_bars(name)]
        if not members:
            raise DataError(
                "empty", f"{source.name} holds no files of bars",
                expected=", ".join(DATA_SUFFIXES), found=f"{len(archive.namelist())} other files",
            )  # fmt: skip
        for member in members:
            inner = PurePosixPath(member)
            folders = (*reversed(inner.parent.parts), *source.folders)
            label = f"{source.label}!{member}"
            yield Source(label, inner.name, folders, archive.read(member))


def _may_hold_bars(member: str) -> bool:
    parts = PurePosixPath(member).parts
    # Archives made on a Mac carry a shadow of every file.
    shadow = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    ending = PurePosixPath(member).suffix.lower()
    return ending in DATA_SUFFIXES and not member.endswith("/") and not shadow
