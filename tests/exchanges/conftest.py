"""A venue on a sandbox of its own, and how long it took to be right again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from venue_world import VenueWorld, venue_world

from tradepulse.domain.instrument import Market


@pytest.fixture
def world(market: Market) -> Iterator[VenueWorld]:
    with venue_world(market) as made:
        yield made


@pytest.fixture
def recovered(request: pytest.FixtureRequest) -> Callable[[float], float]:
    """The seconds since a moment of the monotonic clock, noted as the property `recovery_s`."""

    def note(began: float) -> float:
        seconds = time.monotonic() - began
        request.node.user_properties.append(("recovery_s", round(seconds, 3)))
        return seconds

    return note
