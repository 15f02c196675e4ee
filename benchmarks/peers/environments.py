"""The peers' environments: `python -m benchmarks.peers.environments` makes those that are missing.

Each peer has its own, because their needs exclude each other's and ours. Pins: NAME.txt beside this
file; made anew when the pins change.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PEERS = ("vectorbt", "raptorbt")
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".benchmarks" / "environments"


def python_of(peer: str) -> Path:
    """The interpreter of the peer's environment, made first if it is missing or out of date."""
    pins = Path(__file__).with_name(f"{peer}.txt")
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()
    home = FOLDER / peer
    stamp = home / "pins.sha256"
    if not stamp.exists() or stamp.read_text() != digest:
        _make(home, pins)
        stamp.write_text(digest)
    return home / "bin" / "python"


def numba_cache_of(peer: str) -> Path:
    """Where the peer keeps compiled kernels: not in its site-packages, not in the user's home."""
    return FOLDER / f"{peer}-kernels"


def _make(home: Path, pins: Path) -> None:
    print(f"making the environment of {home.name} (one to two minutes)", file=sys.stderr)
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    subprocess.run(
        [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--requirement", pins],
        check=True,
        stdout=sys.stderr,
    )


if __name__ == "__main__":
    for name in PEERS:
        print(python_of(name))
