"""One home whose engine has traded on a real sandbox, for all that look at it afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from traded_world import TradedWorld, traded_world

from tradepulse.domain.instrument import Market


@pytest.fixture(scope="session")
def spot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TradedWorld]:
    with traded_world(tmp_path_factory.mktemp("spot"), Market.SPOT) as world:
        yield world


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TradedWorld]:
    with traded_world(tmp_path_factory.mktemp("contracts"), Market.PERPETUAL) as world:
        yield world
