"""The key that access tokens are signed with: in the home, outside of the database.

Without it nobody can make a token, and with another one every token of before is void: to sign
everybody out, delete the file and start again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tradepulse.storage import key_file
from tradepulse.storage.home import Home
from tradepulse.storage.key_file import Key

FILE_VARIABLE = "TRADEPULSE_TOKEN_KEY_FILE"
FILE = "token.key"
_PURPOSE = b"tradepulse token key"


@dataclass(frozen=True)
class TokenKeys:
    """`is_own`: the file lies in the home, and nobody else may read it."""

    file: Path
    is_own: bool = True

    @classmethod
    def of(cls, home: Home, environment: Mapping[str, str] | None = None) -> TokenKeys:
        """The keys at TRADEPULSE_TOKEN_KEY_FILE, which several instances of one database share,
        else `token.key` in the home."""
        named = (os.environ if environment is None else environment).get(FILE_VARIABLE)
        return cls(Path(named).expanduser(), False) if named else cls(home.path / FILE)

    def read(self) -> list[Key]:
        """The keys, the one to sign with first; made where there are none. Error `key_file`
        (FailedError)."""
        if not self.file.exists():
            key_file.write_new(self.file, [key_file.fresh(_PURPOSE)])
        return key_file.read(self.file, _PURPOSE, private=self.is_own)
