"""HMAC-SHA256 signatures, checked over the very characters that were sent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

_FIELD = "signature="


def sign(payload: str, secret: str) -> str:
    """The signature of `payload` as hex."""
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def is_signed(query: str, body: str, secret: str) -> bool:
    """Whether a request carries the right signature over its query and body.

    Binance signs the query and the body one after the other without a separator. The raw text is
    signed and not the parameters read from it: escaping them again could give other characters.
    """
    found = ""
    parts = []
    for text in (query, body):
        kept = [field for field in text.split("&") if not field.startswith(_FIELD)]
        if len(kept) < len(text.split("&")):
            found = text.partition(_FIELD)[2].partition("&")[0]
        parts.append("&".join(kept))
    return hmac.compare_digest(found, sign("".join(parts), secret))


def is_signed_message(params: Mapping[str, str], secret: str) -> bool:
    """Whether a WebSocket request's `params` carry the right signature: over `k=v` pairs joined by
    `&`, names in alphabetical order, values as they are."""
    payload = "&".join(f"{k}={params[k]}" for k in sorted(params) if k != "signature")
    return hmac.compare_digest(params.get("signature", ""), sign(payload, secret))
