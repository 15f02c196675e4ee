"""Training, ledger: the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "trained_configurations",
    "training_jobs",
    "training_trials",
    "wallets",
    "instruments",
    "activations",
    "signals",
    "orders",
    "fills",
    "positions",
    "trades",
    "portfolio_history",
)
# A migration keeps its own copy of what it made: the package's types may change after it.
MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    _create_trained_configurations()
    _create_training_jobs()
    _create_training_trials()
    _create_wallets()
    _create_instruments()
    _create_activations()
    _create_signals()
    _create_orders()
    _create_fills()
    _create_positions()
    _create_trades()
    _create_portfolio_history()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _create_trained_configurations() -> None:
    op.create_table(
        "trained_configurations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("strategy_name", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("graph", sa.JSON(), nullable=False),
        sa.Column("lifecycle_stage", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("trials", sa.BigInteger(), nullable=False),
        sa.Column("data_fingerprint", sa.Text(), nullable=False),
        sa.Column("data_start", sa.BigInteger(), nullable=False),
        sa.Column("data_end", sa.BigInteger(), nullable=False),
        sa.Column("configuration_hash", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trained_configurations"),
    )
    _index("trained_configurations", "configuration_hash")
    _index("trained_configurations", "created_at", "id")
    _index("trained_configurations", "strategy_name", "exchange", "pair")


def _create_training_jobs() -> None:
    op.create_table(
        "training_jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_jobs"),
    )
    _index("training_jobs", "created_at", "id")


def _create_training_trials() -> None:
    op.create_table(
        "training_trials",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("strategy_name", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("configuration_hash", sa.Text(), nullable=False),
        sa.Column("data_fingerprint", sa.Text(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("daily_returns", sa.LargeBinary(), nullable=False),
        sa.Column("returns_hash", sa.Text(), nullable=False),
        _reference("training_trials", "job_id", "training_jobs"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_training_trials"),
    )
    _index("training_trials", "strategy_name", "exchange", "pair")


def _create_wallets() -> None:
    op.create_table(
        "wallets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("balance", MONEY, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wallets"),
    )
    _index("wallets", "created_at", "id")


def _create_instruments() -> None:
    op.create_table(
        "instruments",
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("tick", MONEY, nullable=True),
        sa.Column("lot", MONEY, nullable=True),
        sa.Column("min_notional", MONEY, nullable=False),
        sa.PrimaryKeyConstraint("exchange", "pair", name="pk_instruments"),
    )


def _create_activations() -> None:
    op.create_table(
        "activations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("allotment", MONEY, nullable=False),
        sa.Column("session_start", sa.BigInteger(), nullable=True),
        sa.Column("last_bar", sa.BigInteger(), nullable=True),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        _reference("activations", "configuration_id", "trained_configurations"),
        _reference("activations", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_activations"),
    )
    _index("activations", "configuration_id", "state")
    _index("activations", "created_at", "id")
    _index("activations", "wallet_id", "state")


def _create_signals() -> None:
    op.create_table(
        "signals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("bar_time", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("close", MONEY, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        _reference("signals", "activation_id", "activations"),
        _reference("signals", "configuration_id", "trained_configurations"),
        sa.PrimaryKeyConstraint("id", name="pk_signals"),
    )
    _index("signals", "activation_id", "bar_time", "id")
    _index("signals", "bar_time", "id")


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("quantity", MONEY, nullable=False),
        sa.Column("price", MONEY, nullable=True),
        sa.Column("filled", MONEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("oco_group", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        _reference("orders", "activation_id", "activations"),
        _reference("orders", "configuration_id", "trained_configurations"),
        _reference("orders", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("client_order_id", name="uq_orders_client_order_id"),
    )
    _index("orders", "activation_id", "created_at", "id")
    _index("orders", "created_at", "id")


def _create_fills() -> None:
    op.create_table(
        "fills",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("price", MONEY, nullable=False),
        sa.Column("quantity", MONEY, nullable=False),
        sa.Column("fee", MONEY, nullable=False),
        sa.Column("liquidity", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        _reference("fills", "activation_id", "activations"),
        _reference("fills", "configuration_id", "trained_configurations"),
        _reference("fills", "order_id", "orders"),
        _reference("fills", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_fills"),
    )
    _index("fills", "activation_id", "time", "id")
    _index("fills", "order_id")
    _index("fills", "time", "id")


def _create_positions() -> None:
    op.create_table(
        "positions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("quantity", MONEY, nullable=False),
        sa.Column("entry_price", MONEY, nullable=False),
        sa.Column("entry_time", sa.BigInteger(), nullable=False),
        sa.Column("stop", MONEY, nullable=True),
        sa.Column("target", MONEY, nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _reference("positions", "activation_id", "activations"),
        _reference("positions", "configuration_id", "trained_configurations"),
        _reference("positions", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_positions"),
    )
    _index("positions", "activation_id")
    _index("positions", "wallet_id")


def _create_trades() -> None:
    op.create_table(
        "trades",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("entry_time", sa.BigInteger(), nullable=False),
        sa.Column("entry_price", MONEY, nullable=False),
        sa.Column("quantity", MONEY, nullable=False),
        sa.Column("exit_time", sa.BigInteger(), nullable=False),
        sa.Column("exit_price", MONEY, nullable=False),
        sa.Column("exit_reason", sa.Text(), nullable=False),
        sa.Column("fees", MONEY, nullable=False),
        sa.Column("funding", MONEY, nullable=False),
        sa.Column("pnl", MONEY, nullable=False),
        sa.Column("pnl_pct", MONEY, nullable=False),
        sa.Column("mae_pct", MONEY, nullable=False),
        sa.Column("mfe_pct", MONEY, nullable=False),
        sa.Column("bars_held", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("code_version", sa.Text(), nullable=False),
        _reference("trades", "activation_id", "activations"),
        _reference("trades", "configuration_id", "trained_configurations"),
        _reference("trades", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_trades"),
    )
    _index("trades", "activation_id", "exit_time", "id")
    _index("trades", "configuration_id", "mode")
    _index("trades", "exit_time", "id")


def _create_portfolio_history() -> None:
    op.create_table(
        "portfolio_history",
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("equity", MONEY, nullable=False),
        sa.Column("cash", MONEY, nullable=False),
        sa.Column("unrealised_pnl", MONEY, nullable=False),
        sa.Column("drawdown", MONEY, nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        _reference("portfolio_history", "activation_id", "activations"),
        _reference("portfolio_history", "configuration_id", "trained_configurations"),
        _reference("portfolio_history", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("activation_id", "time", name="pk_portfolio_history"),
    )
    _index("portfolio_history", "wallet_id", "time")
