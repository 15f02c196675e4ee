"""What engines show of the moment: overwritten, never part of the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.storage.tables.metadata import document, key, metadata, money, time_ms

quotes = sa.Table(
    "quotes", metadata, key("feed"), key("exchange"), key("pair"),
    money("last"), time_ms("time"), time_ms("written_at"),
)  # fmt: skip

order_books = sa.Table(
    "order_books", metadata, key("feed"), key("exchange"), key("pair"),
    document("levels"), time_ms("time"), time_ms("written_at"),
)  # fmt: skip

book_wishes = sa.Table(
    "book_wishes", metadata, key("feed"), key("exchange"), key("pair"), time_ms("until_ms")
)

engine_reports = sa.Table(
    "engine_reports", metadata, key("owner"), time_ms("started_at"),
    sa.Column("written_at", sa.BigInteger(), primary_key=True), document("figures"),
    sa.Index(None, "written_at"),
)  # fmt: skip
