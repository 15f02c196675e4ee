"""Several families judged at once: how many of the small p-values are to be expected."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import UsageError
from tradepulse.training.significance.columns import Flags, Floats


def benjamini_hochberg(p_values: npt.ArrayLike, q: float = 0.05) -> tuple[Flags, Floats]:
    """(which are rejected at false discovery rate `q`, adjusted p-values), in the order given.

    Benjamini and Hochberg 1995, by SciPy. Error `bad_value` for a p-value outside [0, 1] or NaN.
    """
    values = np.asarray(p_values, dtype=np.float64)
    if values.ndim != 1 or not ((values >= 0.0) & (values <= 1.0)).all():
        raise UsageError("bad_value", "these are not p-values",
                         expected="a list of numbers from 0 to 1", found=str(p_values))  # fmt: skip
    if not len(values):
        return np.empty(0, np.bool_), values
    from scipy.stats import false_discovery_control

    adjusted: Floats = false_discovery_control(values, method="bh")
    return adjusted <= q, adjusted
