"""Long series are drawn by their extremes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tradepulse.pages.downsample import extremes


@given(
    arrays(np.float64, st.integers(1, 500), elements=st.floats(-1e6, 1e6)), st.integers(1, 40)
)  # fmt: skip
def test_rows_rise_are_few_and_keep_ends_and_extremes(values: np.ndarray, columns: int) -> None:
    rows = extremes(values, columns)
    assert (np.diff(rows) > 0).all()
    assert rows[0] == 0
    assert rows[-1] == len(values) - 1
    assert len(rows) <= max(2 * columns, 2 * columns + 2)
    assert values[rows].max() == values.max()
    assert values[rows].min() == values.min()


def test_the_last_stretch_is_drawn_as_densely_as_the_others() -> None:
    rows = extremes(np.sin(np.arange(3_199) / 7.0), 800)
    assert np.diff(rows).max() <= 9
