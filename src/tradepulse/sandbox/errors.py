"""The sandbox's refusals: Binance's own numbers and words, since clients match on both."""

from __future__ import annotations


class VenueError(Exception):
    """A request that was refused: nothing of it happened. `code` and `message` are Binance's;
    `http_status` is what the protocol answers with."""

    def __init__(self, code: int, message: str, http_status: int = 400) -> None:
        super().__init__(code, message, http_status)
        self.code = code
        self.message = message
        self.http_status = http_status

    def __str__(self) -> str:
        return f"{self.code} {self.message}"


def filter_failure(name: str) -> VenueError:
    """The refusal of an order by the filter `name` (`LOT_SIZE`, `NOTIONAL`, ...)."""
    return VenueError(-1013, f"Filter failure: {name}")
