"""The one indicator of `volume_breakout` that the peers do not have, made for them by pandas.

It is made before the clock starts: it would be most of their time, and is no fault of theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]


def medians_before(volume: Array, sets: list[dict[str, Any]]) -> dict[int, Array]:
    """By span: the median of the `span` volumes before each bar, NaN until there are as many."""
    series = pd.Series(volume)
    spans = {item["volume_bars"] for item in sets}
    return {span: series.rolling(span).median().shift().to_numpy() for span in spans}
