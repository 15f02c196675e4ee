"""What a venue's error means for the request that met it.

The question that matters is whether the request may have happened. Everything that is not known to
be a refusal, for a request that places or cancels, is UNKNOWN: it is looked up and never repeated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tradepulse.domain.errors import FailedError, NotFoundError, RefusedError, TradePulseError
from tradepulse.exchanges.budget import BudgetExceeded


class OutcomeKind(StrEnum):
    UNAVAILABLE = "unavailable"  # it did not happen: back off, try again
    RATE_LIMITED = "rate_limited"  # it did not happen: keep quiet for a while
    REJECTED = "rejected"  # it will not happen
    UNKNOWN = "unknown"  # it may have happened


class Outcome(NamedTuple):
    """`code` is ours and stable, `message` the venue's own words; `retry_ms`: how long to wait at
    least before anything like it is asked again."""

    kind: OutcomeKind
    code: str
    message: str
    retry_ms: int = 0


_U, _L, _R, _Q = (
    OutcomeKind.UNAVAILABLE, OutcomeKind.RATE_LIMITED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN,
)  # fmt: skip
Meaning = tuple[OutcomeKind, str]


@dataclass(frozen=True)
class ErrorFacts:
    """What a venue's own codes and phrases mean, where its ccxt class does not say enough.

    Phrases are looked for first, in order, in the venue's message: one code (-1013, -2010) covers
    many refusals.
    """

    codes: Mapping[str, Meaning] = field(default_factory=dict)
    phrases: tuple[tuple[str, Meaning], ...] = ()


NO_FACTS = ErrorFacts()

# By the name of the ccxt class or the nearest of its parents here. Names, so that the error table
# can be read and tested without the second that importing ccxt takes.
_CLASSES: dict[str, Meaning] = {
    "BudgetExceeded": (_L, "rate_limited"),
    "RateLimitExceeded": (_L, "rate_limited"),
    "DDoSProtection": (_L, "rate_limited"),
    "OnMaintenance": (_U, "maintenance"),
    "InvalidNonce": (_U, "clock_skew"),
    "AuthenticationError": (_R, "auth"),
    "InsufficientFunds": (_R, "insufficient_funds"),
    "OrderImmediatelyFillable": (_R, "would_trigger"),
    "OrderNotFound": (_R, "order_not_found"),
    "DuplicateOrderId": (_Q, "duplicate_id"),
    "BadSymbol": (_R, "bad_symbol"),
    "MarketClosed": (_R, "halted"),
    "ArgumentsRequired": (_R, "rejected"),
    "NotSupported": (_R, "not_supported"),
    "ExchangeClosedByUser": (_U, "unavailable"),
    "RequestTimeout": (_Q, "unavailable"),
    "ExchangeNotAvailable": (_Q, "unavailable"),
    "BadResponse": (_Q, "malformed"),
    "OperationFailed": (_Q, "unavailable"),
    "ExchangeError": (_R, "rejected"),
}
# The venue's front door turned it away before anything looked at it.
_REFUSED_AT_THE_DOOR = re.compile(r"\b(403|451)\b")
_BANNED = re.compile(r"^\w+ 418 ")
_CODE = re.compile(r'"code"\s*:\s*"?(-?\d+)')
_MESSAGE = re.compile(r'"msg"\s*:\s*"((?:[^"\\]|\\.)*)"')
_DEFAULT_RETRY_MS = {_U: 1_000, _L: 1_000}


def translate(
    error: BaseException,
    *,
    places: bool,
    left: bool = True,
    facts: ErrorFacts = NO_FACTS,
    quiet_ms: int = 0,
) -> Outcome:
    """What `error` says about the request that raised it.

    `places`: the request changes something at the venue; of any other, an open outcome is merely
    UNAVAILABLE. `left`: it got as far as being sent. `quiet_ms`: for how long the venue wants no
    requests, as its Retry-After said.
    """
    kind, code = _meaning(error, facts)
    if kind is _Q and not (places and left):
        kind = _U
    message = message_of(error)
    retry = _DEFAULT_RETRY_MS.get(kind, 0)
    if isinstance(error, BudgetExceeded):
        retry = error.retry_ms
        code = "banned" if error.banned else code
    elif kind is _L:
        retry = max(retry, quiet_ms)
    return Outcome(kind, "unavailable" if kind is _U and code == "malformed" else code, message,
                   retry)  # fmt: skip


def as_error(outcome: Outcome, *, doing: str) -> TradePulseError:
    """The outcome as an error for a caller who waits for the venue."""
    found = outcome.message or outcome.code
    if outcome.kind is _L:
        return FailedError(
            "rate_limited", f"{doing}: the venue wants fewer requests", found=found,
            hint=f"try again in {max(outcome.retry_ms // 1000, 1)} s",
        )  # fmt: skip
    if outcome.kind in (_U, _Q):
        return FailedError("exchange_unavailable", f"{doing}: the venue did not answer",
                           found=found)  # fmt: skip
    if outcome.code == "bad_symbol":
        return NotFoundError("symbol_not_found", f"{doing}: the venue has no such symbol",
                             found=found)  # fmt: skip
    return RefusedError(outcome.code, f"{doing}: the venue refused", found=found)


def message_of(error: BaseException) -> str:
    """The venue's own words in a ccxt error, without the exchange's name before them."""
    text = str(error)
    found = _MESSAGE.search(text)
    if found is not None:
        return found[1]
    name, _, words = text.partition(" ")
    prefixed = type(error).__module__.startswith("ccxt") and name.isalnum() and name.islower()
    return (words if prefixed else text) or type(error).__name__


def code_of(error: BaseException) -> str | None:
    """The venue's own error number, None if the error does not quote one."""
    found = _CODE.search(str(error))
    return None if found is None else found[1]


def _meaning(error: BaseException, facts: ErrorFacts) -> Meaning:
    # ccxt makes a final "ExchangeError" of a body that broke off: the answer got lost, no more.
    broken = _broken_connection(error)
    if broken is not None:
        return broken
    name = next((n for n in _names(type(error)) if n in _CLASSES), None)
    if name == "DDoSProtection" and _BANNED.search(str(error)):
        return _L, "banned"
    own = _own_words(error, facts)
    if own is not None:
        return own
    if name == "ExchangeNotAvailable" and _REFUSED_AT_THE_DOOR.search(str(error)):
        return _U, "unavailable"
    if name is not None:
        return _CLASSES[name]
    # Not the venue's: an error of ours or of a library. Nobody knows how far the request got.
    return _Q, "unavailable"


def _own_words(error: BaseException, facts: ErrorFacts) -> Meaning | None:
    if not (facts.codes or facts.phrases):
        return None
    text = str(error)
    for phrase, meaning in facts.phrases:
        if phrase in text:
            return meaning
    code = code_of(error)
    return None if code is None else facts.codes.get(code)


def _broken_connection(error: BaseException) -> Meaning | None:
    """Whether the connection failed before the request (it did not happen) or after."""
    cause = error.__cause__
    if isinstance(error, (asyncio.CancelledError, TimeoutError)):
        return _Q, "unavailable"
    if cause is None:
        return None
    names = list(_names(type(cause)))
    if "ClientConnectorError" in names or "gaierror" in names:
        return _U, "unavailable"
    return (_Q, "unavailable") if "ClientError" in names else None


def _names(kind: type) -> Iterable[str]:
    return (parent.__name__ for parent in kind.__mro__)
