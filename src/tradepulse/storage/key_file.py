"""Files that hold keys: made once, whole, for their owner's eyes alone.

One key a line in base64, the newest first. A file appears whole or not at all, and of two processes
that make it at once one makes it and both read it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tradepulse.domain.errors import FailedError

KEY_BYTES = 32
_OWNER_ONLY = 0o600


class Key(NamedTuple):
    """A key and its name, which may be seen by all."""

    secret: bytes
    version: str

    def __repr__(self) -> str:
        return f"Key({self.version})"


def fresh(purpose: bytes) -> Key:
    """A new key. `purpose` goes into its name: one key kept for two things has two names."""
    return _named(os.urandom(KEY_BYTES), purpose)


def read(file: Path, purpose: bytes, *, private: bool) -> list[Key]:
    """The keys in `file`, the newest first. `private`: nobody else may be able to read it. Error
    `key_file` (FailedError)."""
    try:
        if private and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise bad_file(file, "mode 600", "others may read it", f"chmod 600 {file}")
        lines = file.read_text().split()
    except OSError as error:
        raise bad_file(file, "a readable file", error.strerror or str(error)) from error
    keys = [_key(line, file, purpose) for line in lines]
    if not keys:
        raise bad_file(file, "a key", "an empty file")
    return keys


def write_new(file: Path, keys: list[Key]) -> None:
    """Make the file; one that another process made meanwhile stays. Error `key_file`."""
    partial = _written_beside(file, keys)
    try:
        # The other process's key is as good, and may have been used already.
        with contextlib.suppress(FileExistsError):
            os.link(partial, file)
    except OSError as error:
        raise bad_file(file, "a folder to write it to", error.strerror or str(error)) from error
    finally:
        partial.unlink()


def replace(file: Path, keys: list[Key]) -> None:
    """Put these in the place of what is there. Error `key_file`."""
    _written_beside(file, keys).replace(file)


def bad_file(file: Path, expected: str, found: str, hint: str | None = None) -> FailedError:
    """The error that a key file is not as it must be."""
    return FailedError(
        "key_file", f"the key file {file} cannot be used", expected=expected, found=found, hint=hint
    )


def _named(secret: bytes, purpose: bytes) -> Key:
    return Key(secret, sha256(purpose + secret).hexdigest()[:12])


def _key(line: str, file: Path, purpose: bytes) -> Key:
    expected = f"{KEY_BYTES} bytes in base64"
    try:
        secret = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_file(file, expected, "a line that is no base64") from error
    if len(secret) != KEY_BYTES:
        raise bad_file(file, expected, f"{len(secret)} bytes")
    return _named(secret, purpose)


def _written_beside(file: Path, keys: list[Key]) -> Path:
    partial = file.with_name(f".{file.name}.{os.urandom(8).hex()}")
    text = "".join(base64.b64encode(key.secret).decode() + "\n" for key in keys)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise bad_file(file, "a folder to write it to", error.strerror or str(error)) from error
    return partial
