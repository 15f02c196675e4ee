"""Whether a strategy knows what it cannot know yet."""

from __future__ import annotations

from tradepulse.training.lookahead.check import check_lookahead
from tradepulse.training.lookahead.report import CheckLine, Leak, LookaheadReport

__all__ = ["CheckLine", "Leak", "LookaheadReport", "check_lookahead"]
