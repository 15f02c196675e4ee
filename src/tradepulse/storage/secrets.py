"""Keys of exchange accounts, sealed: whoever has the database alone has nothing.

AES-256-GCM under a key that lies outside the database, with the connection's id as associated data:
a sealed secret copied to another connection does not open. The key file holds one key a line, the
newest first; only a rotation that is under way has two.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tradepulse.domain.connection import Credentials
from tradepulse.domain.errors import FailedError
from tradepulse.storage.database import Database
from tradepulse.storage.home import Home
from tradepulse.storage.repositories.connections import Sealed

KEY_FILE_VARIABLE = "TRADEPULSE_KEY_FILE"
KEY_FILE = "connection.key"
_KEY_BYTES = 32
# What GCM is specified for; drawn at random, it would repeat after some 2^32 secrets a key.
_NONCE_BYTES = 12
_OWNER_ONLY = 0o600
# Whoever seals holds this name: a key that is about to be replaced seals nothing unseen.
HOLD = "connection keys"


class Key(NamedTuple):
    """A key and its name, which may be seen by all."""

    secret: bytes
    version: str

    def __repr__(self) -> str:
        return f"Key({self.version})"


@dataclass(frozen=True)
class Safe:
    """Seals and opens the credentials of one home. `file` is read at each use, so that a rotation
    elsewhere is seen; `is_own`: it lies in the home, and nobody else may read it."""

    file: Path
    is_own: bool = True

    @classmethod
    def of(cls, home: Home, environment: Mapping[str, str] | None = None) -> Safe:
        """The safe whose key is at TRADEPULSE_KEY_FILE, else `connection.key` in the home."""
        named = (os.environ if environment is None else environment).get(KEY_FILE_VARIABLE)
        return cls(Path(named).expanduser(), False) if named else cls(home.path / KEY_FILE)

    def seal(self, credentials: Credentials, connection_id: str) -> Sealed:
        """The credentials, for that connection alone. The first use makes the key. Error
        `key_file` (FailedError)."""
        if not self.file.exists():
            _write_new(self.file, [_fresh_key()])
        return _seal(self._keys()[0], _document(credentials), connection_id)

    def open(self, sealed: Sealed, connection_id: str) -> Credentials:
        """The credentials. Errors (FailedError): `secret_unreadable` without the key they were
        sealed with, or when they were changed or belong to another connection; `key_file`."""
        plain = _open(self._keys() if self.file.exists() else [], sealed, connection_id, self.file)
        return Credentials(**json.loads(plain))

    def rotate(self, database: Database) -> int:
        """How many secrets are sealed under a new key now; the old key is gone.

        Killed half-way, the file has both keys and everything opens; rotate again. Errors:
        `secret_unreadable`, and nothing changed; `key_file`.
        """
        if not self.file.exists():
            raise _bad_file(self.file, "the key to be replaced", "no file",
                            "The first connection makes it.")  # fmt: skip
        old = self._keys()
        fresh = _fresh_key()
        # Tried first: with one that does not open, the old key must stay.
        rewrap(database, [fresh, *old], self.file, dry_run=True)
        _replace(self.file, [fresh, *old])
        count = rewrap(database, [fresh, *old], self.file)
        _replace(self.file, [fresh])
        return count

    def _keys(self) -> list[Key]:
        try:
            if self.is_own and stat.S_IMODE(self.file.stat().st_mode) & 0o077:
                raise _bad_file(self.file, "mode 600", "others may read it",
                                f"chmod 600 {self.file}")  # fmt: skip
            lines = self.file.read_text().split()
        except OSError as error:
            raise _bad_file(self.file, "a readable file", error.strerror or str(error)) from error
        keys = [_key(line, self.file) for line in lines]
        if not keys:
            raise _bad_file(self.file, "a key", "an empty file")
        return keys


def rewrap(database: Database, keys: list[Key], file: Path, *, dry_run: bool = False) -> int:
    """How many secrets were sealed anew under the first of `keys`, in one transaction; any of
    `keys` may open them. `dry_run` opens alone. Error `secret_unreadable`, and nothing changed."""
    with database.transaction() as tx:
        tx.hold(HOLD)
        sealed = tx.connections.all_sealed()
        for connection_id, kept in sealed.items():
            plain = _open(keys, kept, connection_id, file)
            if not dry_run:
                tx.connections.seal(connection_id, _seal(keys[0], plain, connection_id))
    return len(sealed)


def _seal(key: Key, plain: bytes, connection_id: str) -> Sealed:
    # A tenth of a second to import, and most commands never seal anything.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return Sealed(
        AESGCM(key.secret).encrypt(nonce, plain, connection_id.encode()), nonce, key.version
    )


def _open(keys: list[Key], sealed: Sealed, connection_id: str, file: Path) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = next((key for key in keys if key.version == sealed.key_version), None)
    found = ", ".join(key.version for key in keys) or "no key"
    if key is None:
        raise _unreadable(f"key {sealed.key_version}, which sealed them", found, file)
    try:
        return AESGCM(key.secret).decrypt(sealed.nonce, sealed.secret, connection_id.encode())
    except InvalidTag as error:
        expected = f"what was sealed for connection {connection_id}"
        raise _unreadable(expected, "bytes that were changed or moved", file) from error


def _document(credentials: Credentials) -> bytes:
    document = {
        "api_key": credentials.api_key,
        "secret": credentials.secret,
        "password": credentials.password,
    }
    return json.dumps(document).encode()


def _fresh_key() -> Key:
    return _named(os.urandom(_KEY_BYTES))


def _named(secret: bytes) -> Key:
    return Key(secret, sha256(b"tradepulse connection key" + secret).hexdigest()[:12])


def _key(line: str, file: Path) -> Key:
    expected = f"{_KEY_BYTES} bytes in base64"
    try:
        secret = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad_file(file, expected, "a line that is no base64") from error
    if len(secret) != _KEY_BYTES:
        raise _bad_file(file, expected, f"{len(secret)} bytes")
    return _named(secret)


def _write_new(file: Path, keys: list[Key]) -> None:
    """Make the file; one that another process made meanwhile stays. It appears whole or not."""
    partial = _written_beside(file, keys)
    try:
        # The other process's key is as good, and may have sealed something already.
        with contextlib.suppress(FileExistsError):
            os.link(partial, file)
    except OSError as error:
        raise _bad_file(file, "a folder to write it to", error.strerror or str(error)) from error
    finally:
        partial.unlink()


def _replace(file: Path, keys: list[Key]) -> None:
    _written_beside(file, keys).replace(file)


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
        raise _bad_file(file, "a folder to write it to", error.strerror or str(error)) from error
    return partial


def _bad_file(file: Path, expected: str, found: str, hint: str | None = None) -> FailedError:
    return FailedError(
        "key_file", f"the key file {file} cannot be used", expected=expected, found=found, hint=hint
    )


def _unreadable(expected: str, found: str, file: Path) -> FailedError:
    return FailedError(
        "secret_unreadable", "the keys of the connection cannot be opened",
        expected=expected, found=found,
        hint=f"Put back the key file that belongs to this database ({file}), or add the "
        "connection again.",
    )  # fmt: skip
