"""The release, in the one place that every room may read."""

from __future__ import annotations

VERSION = "0.1.0"
