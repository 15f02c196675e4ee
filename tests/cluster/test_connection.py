"""Addresses without a scheduler, machines without Dask: a clear word in seconds."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tradepulse.cluster.connection import connect, quiet, require_scheduler
from tradepulse.domain.errors import TradePulseError

WAIT_S = 1.0


@pytest.fixture(params=[b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silent", "http"])
def stranger(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of something that listens and is no scheduler."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            kept = []
            while not over.is_set():
                try:
                    caller, _ = server.accept()
                except TimeoutError:
                    continue
                caller.sendall(request.param)
                kept.append(caller)
            for caller in kept:
                caller.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        thread.join()


def check_unavailable(url: str) -> None:
    started = time.monotonic()
    with pytest.raises(TradePulseError) as error:
        connect(url, WAIT_S)
    assert time.monotonic() - started < WAIT_S + 10
    assert error.value.code == "cluster_unavailable"
    assert error.value.expected == "a scheduler that answers within 1 s"
    assert not str(error.value.found).endswith(": ")
    with pytest.raises(TradePulseError) as again:
        require_scheduler(url, WAIT_S)
    assert again.value.as_dict() == error.value.as_dict()


def test_nobody_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    check_unavailable(f"tcp://127.0.0.1:{port}")


def test_somebody_else_at_the_address(stranger: str) -> None:
    check_unavailable(stranger)


@pytest.mark.parametrize(
    "url", ["", "localhost", "localhost:8786", "tcp://host", "tcp://host:port", "redis://host:1"]
)
def test_what_is_no_address(url: str) -> None:
    for open_it in (connect, require_scheduler):
        with pytest.raises(TradePulseError) as error:
            open_it(url)
        assert error.value.code == "bad_cluster_url"


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(TradePulseError) as error:
        connect("tcp://127.0.0.1:8786")
    assert error.value.code == "missing_extra"
    assert "tradepulse[cluster]" in str(error.value.hint)


def test_the_executor_is_there_without_dask() -> None:
    program = (
        "import sys; sys.modules['distributed'] = sys.modules['dask'] = None; "
        "import tradepulse.bootstrap, tradepulse.cluster.dask_executor"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_quiet_blocks_may_overlap(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("distributed.made_for_this_test")
    first, second = quiet(), quiet()
    with caplog.at_level(logging.INFO, logger.name):
        logger.addHandler(caplog.handler)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        logger.error("hidden")
        logger.critical("shown")
        second.__exit__(None, None, None)
        logger.error("shown again")
        logger.removeHandler(caplog.handler)
    assert "hidden" not in caplog.messages
    assert {"shown", "shown again"} <= set(caplog.messages)
