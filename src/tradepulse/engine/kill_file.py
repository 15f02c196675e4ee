"""The kill switch as a file: it works while the API and the database are down.

`KILL` in the home asks for it; whoever runs engines of that home obeys within a second and writes
the receipt beside it. The file stays, and no engine of the home enters, until it is reset.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from tradepulse.domain.errors import DataError
from tradepulse.domain.risk_record import KillReceipt

_LOOK_S = 0.1


@dataclass(frozen=True)
class KillRequest:
    """`wallet_id` None: every wallet, or as far as there are `wallets` those. Time in UTC ms."""

    id: str
    reason: str
    requested_by: str
    requested_at: int
    wallet_id: str | None = None
    wallets: tuple[str, ...] | None = None

    @property
    def meant(self) -> frozenset[str] | None:
        """The wallets that are meant; None for all there are."""
        if self.wallet_id is not None:
            return frozenset({self.wallet_id})
        return None if self.wallets is None else frozenset(self.wallets)

    def covers(self, wallet_id: str) -> bool:
        """Whether that wallet is meant."""
        return self.meant is None or wallet_id in self.meant

    def widened_by(self, other: KillRequest) -> KillRequest:
        """A request for what either means: itself where it means the other's already."""
        mine, theirs = self.meant, other.meant
        if mine is None or (theirs is not None and theirs <= mine):
            return self
        wallets = None if theirs is None else tuple(sorted(mine | theirs))
        return replace(other, wallet_id=None, wallets=wallets)


class KillFile:
    """The request and its receipt in a home's folder."""

    def __init__(self, home: Path) -> None:
        self.path = home / "KILL"
        self._home = home

    def ask(
        self, reason: str, by: str, now_ms: int, wallet_id: str | None = None,
        wallets: Iterable[str] | None = None,
    ) -> KillRequest:  # fmt: skip
        """The request, on the disk when this returns. One that stands already and means as much is
        left standing; one that means less is replaced by one for both."""
        chosen = None if wallets is None else tuple(sorted(wallets))
        request = KillRequest(str(uuid4()), reason, by, now_ms, wallet_id, chosen)
        standing = self.read()
        if standing is not None:
            request = standing.widened_by(request)
            if request is standing:
                return standing
        _write(self.path, asdict(request))
        return request

    def read(self) -> KillRequest | None:
        """The request that stands. An empty file, as `touch KILL` makes it, is one too.

        Error `corrupt_file` never: what cannot be read is a request all the same.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        found = int(self.path.stat().st_mtime * 1000)
        try:
            told = json.loads(text)
            wallets = told.get("wallets")
            chosen = None if wallets is None else tuple(wallets)
            return KillRequest(**{**told, "wallets": chosen})
        except (ValueError, TypeError, AttributeError):
            reason = text.strip() or "the file KILL was made by hand"
            return KillRequest(f"file-{found}", reason[:200], "file", found)

    def write_receipt(self, receipt: KillReceipt) -> None:
        """Puts the receipt where whoever asked looks for it."""
        _write(self._receipt(receipt.id), asdict(receipt))

    def heed(self, request_id: str) -> None:
        """Says that an engine is at it, so that nobody else need look for one."""
        file = self._heard(request_id)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    def wait_heard(self, request_id: str, seconds: float) -> bool:
        """Whether an engine is at it, or done, waited for."""
        until = time.monotonic() + seconds
        places = (self._heard(request_id), self._receipt(request_id))
        while not (heard := any(place.exists() for place in places)):
            if time.monotonic() >= until:
                break
            time.sleep(_LOOK_S)
        return heard

    def receipt(self, request_id: str) -> KillReceipt | None:
        """The receipt of a request, None while there is none. Error `corrupt_file`."""
        file = self._receipt(request_id)
        try:
            return KillReceipt(**json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise DataError("corrupt_file", f"{file} is not a receipt") from error

    def wait(self, request_id: str, seconds: float) -> KillReceipt | None:
        """The receipt, waited for; None when none came in time."""
        until = time.monotonic() + seconds
        while (found := self.receipt(request_id)) is None and time.monotonic() < until:
            time.sleep(_LOOK_S)
        return found

    def reset(self) -> bool:
        """Lets engines of this home enter again; whether anything stood."""
        standing = self.path.exists()
        self.path.unlink(missing_ok=True)
        return standing

    def _heard(self, request_id: str) -> Path:
        return self._home / "logs" / f"kill-{request_id}.heard"

    def _receipt(self, request_id: str) -> Path:
        return self._home / "logs" / f"kill-{request_id}.json"


def _write(file: Path, document: dict[str, object]) -> None:
    """Whole or not at all, and on the disk before it counts."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    with part.open("w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
