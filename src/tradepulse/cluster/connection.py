"""A client of a running Dask scheduler, opened and closed without a word more than needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tradepulse.domain.errors import FailedError, UsageError

# Long enough for a busy network, short enough that a wrong address is known before coffee.
CONNECT_S = 5.0
SCHEMES = ("tcp", "tls", "ws", "wss")


def connect(url: str, timeout_s: float = CONNECT_S) -> Any:
    """A `distributed.Client` of the scheduler at `url`.

    Errors: `bad_cluster_url`; `missing_extra` without the package; `cluster_unavailable` if nothing
    there answers as a Dask scheduler within `timeout_s`.
    """
    with _reaching(url, timeout_s) as distributed:
        _ask_for_scheduler(distributed, url, timeout_s)
        return distributed.Client(url, timeout=timeout_s, set_as_default=False)


def require_scheduler(url: str, timeout_s: float = CONNECT_S) -> None:
    """Nothing, if a scheduler answers at `url`: to be known before a job is taken. Errors: those
    of `connect`."""
    with _reaching(url, timeout_s) as distributed:
        _ask_for_scheduler(distributed, url, timeout_s)


@contextmanager
def _reaching(url: str, timeout_s: float) -> Iterator[Any]:
    """The module `distributed`; what fails within the block is `cluster_unavailable`."""
    _check_url(url)
    distributed = dask_package()
    try:
        with quiet():
            yield distributed
    except Exception as error:  # what answers may be no Dask at all, and make it fail in any way
        raise FailedError(
            "cluster_unavailable", f"there is no Dask scheduler at {url}",
            expected=f"a scheduler that answers within {timeout_s:g} s",
            found=_told(error, timeout_s),
            hint="Start one with `dask scheduler` and workers with `dask worker`.",
        ) from error  # fmt: skip


def _told(error: Exception, timeout_s: float) -> str:
    # A timeout has no text of its own, and it is the one that tells of a silent address.
    text = str(error) or f"no answer within {timeout_s:g} s"
    return f"{type(error).__name__}: {text}"


def _ask_for_scheduler(distributed: Any, url: str, timeout_s: float) -> None:
    """Raises unless a scheduler answers in time. A `Client` waits without end for a silent peer."""

    async def ask() -> str:
        arguments = distributed.Security().get_connection_args("client")
        async with distributed.rpc(url, connection_args=arguments) as peer:
            return str((await peer.identity())["type"])

    async def ask_in_time() -> str:
        return await asyncio.wait_for(ask(), timeout_s)

    # In a thread of its own: a notebook's has a running event loop already.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(asyncio.run, ask_in_time()).result()
    if found != "Scheduler":
        raise TypeError(f"that is a {found}")


def dask_package() -> Any:
    """The module `distributed`, imported when a cluster is used. Error `missing_extra`."""
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise UsageError(
            "missing_extra", "a cluster needs Dask",
            expected="the extra `cluster`", found=f"no package {error.name}",
            hint="pip install 'tradepulse[cluster]'",
        ) from error  # fmt: skip
    return distributed


@contextmanager
def quiet() -> Iterator[None]:
    """Dask's loggers are still below CRITICAL: what they say of a lost connection, ours say too.

    A filter of its own for each block, since blocks of several threads overlap.
    """

    def critical(record: logging.LogRecord) -> bool:
        return record.levelno >= logging.CRITICAL

    known = list(logging.Logger.manager.loggerDict)
    loggers = [logging.getLogger(name) for name in known if name.split(".")[0] == "distributed"]
    for logger in loggers:
        logger.addFilter(critical)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(critical)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    try:
        complete = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port is not None
    except ValueError:  # a port that is no number
        complete = False
    if not complete:
        raise UsageError(
            "bad_cluster_url", "that is no address of a Dask scheduler",
            expected="tcp://host:port or tls://host:port", found=repr(url),
        )  # fmt: skip
