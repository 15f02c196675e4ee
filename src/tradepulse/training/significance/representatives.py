"""One trial of every kind: neighbours that trade alike put into one cluster, one of each kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.training.significance.columns import Floats, as_columns, deviations
from tradepulse.training.significance.segments import Ints


def representatives(columns: npt.ArrayLike, similarity: float = 0.7, most: int = 1000) -> Ints:
    """Column numbers, ascending: the most central column of each cluster of like ones.

    Clusters by average linkage on 1 - correlation, cut where the average correlation falls below
    `similarity`. The central one, not the best: keeping the best would keep the luck. Columns that
    never move are left out. Of more than `most` columns an even sample is clustered, because the
    distances grow with the square. Errors `bad_shape`, `bad_returns`.
    """
    matrix = as_columns(columns)
    moving = np.flatnonzero(deviations(matrix) > 0.0)
    if len(moving) > most:
        moving = moving[np.linspace(0, len(moving) - 1, most).round().astype(np.int64)]
    if len(moving) < 2:
        return moving
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    likeness = np.atleast_2d(np.corrcoef(matrix[:, moving], rowvar=False))
    distance = np.clip(1.0 - likeness, 0.0, 2.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform((distance + distance.T) / 2.0, checks=False), method="average")
    label = fcluster(tree, 1.0 - similarity, criterion="distance")
    found = [_centre(likeness, np.flatnonzero(label == name)) for name in np.unique(label)]
    return np.sort(moving[found])


def _centre(likeness: Floats, members: Ints) -> int:
    within = likeness[np.ix_(members, members)].sum(axis=1)
    return int(members[int(within.argmax())])
