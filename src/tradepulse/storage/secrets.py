"""Keys of exchange accounts, sealed: whoever has the database alone has nothing.

AES-256-GCM under a key that lies outside the database, with the connection's id as associated data:
a sealed secret copied to another connection does not open. The key file holds one key a line, the
newest first; only a rotation that is under way has two.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tradepulse.domain.connection import Credentials
from tradepulse.domain.errors import FailedError
from tradepulse.storage import key_file
from tradepulse.storage.database import Database
from tradepulse.storage.home import Home
from tradepulse.storage.key_file import Key
from tradepulse.storage.repositories.connections import Sealed

KEY_FILE_VARIABLE = "TRADEPULSE_KEY_FILE"
KEY_FILE = "connection.key"
# What GCM is specified for; drawn at random, it would repeat after some 2^32 secrets a key.
_NONCE_BYTES = 12
_PURPOSE = b"tradepulse connection key"
# Whoever seals holds this name: a key that is about to be replaced seals nothing unseen.
HOLD = "connection keys"


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
            key_file.write_new(self.file, [key_file.fresh(_PURPOSE)])
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
            raise key_file.bad_file(
                self.file, "the key to be replaced", "no file", "The first connection makes it."
            )
        old = self._keys()
        fresh = key_file.fresh(_PURPOSE)
        # Tried first: with one that does not open, the old key must stay.
        rewrap(database, [fresh, *old], self.file, dry_run=True)
        key_file.replace(self.file, [fresh, *old])
        count = rewrap(database, [fresh, *old], self.file)
        key_file.replace(self.file, [fresh])
        return count

    def _keys(self) -> list[Key]:
        return key_file.read(self.file, _PURPOSE, private=self.is_own)


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


def _unreadable(expected: str, found: str, file: Path) -> FailedError:
    return FailedError(
        "secret_unreadable", "the keys of the connection cannot be opened",
        expected=expected, found=found,
        hint=f"Put back the key file that belongs to this database ({file}), or add the "
        "connection again.",
    )  # fmt: skip
