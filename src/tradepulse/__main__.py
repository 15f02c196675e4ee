"""`python -m tradepulse`: the command line without the script."""

from __future__ import annotations

import sys

from tradepulse.cli import main

if __name__ == "__main__":
    sys.exit(main())
