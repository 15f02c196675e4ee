"""The version of the settings as a tag that a reader sends back with a change."""

from __future__ import annotations

import re

from tradepulse.domain.errors import UsageError

_TAG = re.compile(r'^\s*(?:W/)?"?(?:settings-)?(\d{1,9})"?\s*$')


class MissingTagError(UsageError):
    """A change was asked for by somebody who does not say what they saw."""

    http_status = 428


def tag_of(version: int) -> str:
    """The ETag of what was made with that version."""
    return f'"settings-{version}"'


def version_in(tag: str | None) -> int | None:
    """The version that If-Match names; None for `*`, which overwrites whatever there is.

    Errors: `if_match_missing` (428), `bad_if_match` (UsageError).
    """
    if tag is None:
        raise MissingTagError(
            "if_match_missing", "say which version the change is based on",
            expected="a header If-Match with the ETag that was read, or *", found="none",
        )  # fmt: skip
    if tag.strip() == "*":
        return None
    found = _TAG.match(tag)
    if found is None:
        raise UsageError(
            "bad_if_match", "that is no version of the settings",
            expected=tag_of(7), found=tag[:80],
        )  # fmt: skip
    return int(found[1])
