"""Errors that say what was expected and what was found, each with a stable code.

The class fixes the exit code of the command line (README, "From the terminal"); the `code` is what
scripts match on and never changes once released.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class TradePulseError(Exception):
    """An error a user can act on. `code` is stable; the rest is for people."""

    exit_code: ClassVar[int] = 5
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        code: str,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.expected = expected
        self.found = found
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.found is not None:
            parts.append(f"found {self.found}")
        text = "; ".join(parts)
        return f"{text}. {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Callable[..., TradePulseError], tuple[object, ...]]:
        # Exceptions are pickled by their message alone; this one also crosses processes whole.
        return _rebuilt, (type(self), self.as_dict())

    def as_dict(self) -> dict[str, str | None]:
        """The five fields of the JSON error document."""
        return {
            "code": self.code,
            "message": self.message,
            "expected": self.expected,
            "found": self.found,
            "hint": self.hint,
        }


def _rebuilt(kind: type[TradePulseError], fields: dict[str, str]) -> TradePulseError:
    return kind(**fields)


class UsageError(TradePulseError):
    """The request itself is wrong: unknown option, parameter, interval; inverted range."""

    exit_code = 2
    http_status = 422


class RefusedError(TradePulseError):
    """Understood and refused: bad data, a rule of risk, a verdict that is no."""

    exit_code = 3
    http_status = 409


class SignInError(RefusedError):
    """Who asks is not known: no credentials, wrong ones, or such as hold no longer."""

    http_status = 401


class ForbiddenError(RefusedError):
    """Who asks is known, and may not."""

    http_status = 403


class ThrottledError(RefusedError):
    """Too often; it is answered again after `retry_after_s`."""

    http_status = 429
    retry_after_s = 1


class StaleError(RefusedError):
    """What was to be changed has changed since it was read."""

    http_status = 412


class DataError(RefusedError):
    """Bars, funding or a file that cannot be trusted. Nothing of it was kept."""

    http_status = 422


class NotFoundError(TradePulseError):
    """The named strategy, file, symbol or configuration does not exist."""

    exit_code = 4
    http_status = 404


class FailedError(TradePulseError):
    """The machine failed: disk full, folder read-only, database away."""
