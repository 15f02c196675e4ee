"""What TPE remembers: the best of all it was told, and the latest."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tradepulse.training.optimisers import Told
from tradepulse.training.optimisers.memory import Memory

results = st.lists(
    st.tuples(st.integers(-20, 20).map(float) | st.just(math.nan), st.booleans()), max_size=60
)


def rank(told: Told) -> tuple[int, float]:
    if math.isnan(told.values[0]):
        return 2, 0.0
    return (0 if told.feasible else 1), -told.values[0]


@given(results, st.integers(1, 9))
def test_the_best_and_the_latest_are_kept(found: list[tuple[float, bool]], batch: int) -> None:
    told = [Told({"n": n}, (value,), ok) for n, (value, ok) in enumerate(found)]
    memory = Memory(best=5, latest=10)
    for start in range(0, len(told), batch):
        memory.add(told[start : start + batch])
    older = sorted(told[:-10], key=rank)[:5]
    expected = sorted([*older, *told[-10:]], key=lambda t: t.parameters["n"])
    assert memory.kept == expected


def test_of_several_objectives_the_undominated_are_kept() -> None:
    front = [Told({"n": n}, (float(n), float(-n))) for n in range(3)]
    beaten = [Told({"n": n + 10}, (-5.0, -9.0)) for n in range(20)]
    memory = Memory(best=3, latest=2)
    memory.add([*beaten[:10], *front, *beaten[10:]])
    assert memory.kept == [*front, *beaten[-2:]]
