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
    op.create_index(
        "ix_trained_configurations_configuration_hash",
        "trained_configurations",
        ["configuration_hash"],
    )
    op.create_index(
        "ix_trained_configurations_created_at_id", "trained_configurations", ["created_at", "id"]
    )
    op.create_index(
        "ix_trained_configurations_strategy_name_exchange_pair",
        "trained_configurations",
        ["strategy_name", "exchange", "pair"],
    )


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
    op.create_index("ix_training_jobs_created_at_id", "training_jobs", ["created_at", "id"])


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
        sa.ForeignKeyConstraint(
            ["job_id"], ["training_jobs.id"], name="fk_training_trials_job_id_training_jobs"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_training_trials"),
    )
    op.create_index(
        "ix_training_trials_strategy_name_exchange_pair",
        "training_trials",
        ["strategy_name", "exchange", "pair"],
    )


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
    op.create_index("ix_wallets_created_at_id", "wallets", ["created_at", "id"])


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
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["trained_configurations.id"],
            name="fk_activations_configuration_id_trained_configurations",
        ),
        sa.ForeignKeyConstraint(
            ["wallet_id"], ["wallets.id"], name="fk_activations_wallet_id_wallets"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_activations"),
    )
    op.create_index(
        "ix_activations_configuration_id_state", "activations", ["configuration_id", "state"]
    )
    op.create_index("ix_activations_created_at_id", "activations", ["created_at", "id"])
    op.create_index("ix_activations_wallet_id_state", "activations", ["wallet_id", "state"])


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
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_signals_activation_id_activations"
        ),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["trained_configurations.id"],
            name="fk_signals_configuration_id_trained_configurations",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signals"),
    )
    op.create_index(
        "ix_signals_activation_id_bar_time_id", "signals", ["activation_id", "bar_time", "id"]
    )
    op.create_index("ix_signals_bar_time_id", "signals", ["bar_time", "id"])


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
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_orders_activation_id_activations"
        ),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["trained_configurations.id"],
            name="fk_orders_configuration_id_trained_configurations",
        ),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name="fk_orders_wallet_id_wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("client_order_id", name="uq_orders_client_order_id"),
    )
    op.create_index(
        "ix_orders_activation_id_created_at_id", "orders", ["activation_id", "created_at", "id"]
    )
    op.create_index("ix_orders_created_at_id", "orders", ["created_at", "id"])


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
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_fills_activation_id_activations"
        ),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["trained_configurations.id"],
            name="fk_fills_configuration_id_trained_configurations",
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_fills_order_id_orders"),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name="fk_fills_wallet_id_wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_fills"),
    )
    op.create_index("ix_fills_activation_id_time_id", "fills", ["activation_id", "time", "id"])
    op.create_index("ix_fills_order_id", "fills", ["order_id"])
    op.create_index("ix_fills_time_id", "fills", ["time", "id"])


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
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_positions_activation_id_activations"
        ),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["trained_configurations.id"],
            name="fk_positions_configuration_id_trained_configurations",
        ),
        sa.ForeignKeyConstraint(
            ["wallet_id"], ["wallets.id"], name="fk_positions_wallet_id_wallets"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_positions"),
    )
    op.create_index("ix_positions_activation_id", "positions", ["activation_id"])
    op.create_index("ix_positions_wallet_id", "positions", ["wallet_id"])


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
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_trades_activation_id_activations"
        ),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["trained_configurations.id"],
            name="fk_trades_configuration_id_trained_configurations",
        ),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name="fk_trades_wallet_id_wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_trades"),
    )
    op.create_index(
        "ix_trades_activation_id_exit_time_id", "trades", ["activation_id", "exit_time", "id"]
    )
    op.create_index("ix_trades_configuration_id_mode", "trades", ["configuration_id", "mode"])
    op.create_index("ix_trades_exit_time_id", "trades", ["exit_time", "id"])


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
        sa.ForeignKeyConstraint(
            ["activation_id"],
            ["activations.id"],
            name="fk_portfolio_history_activation_id_activations",
        ),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["trained_configurations.id"],
            name="fk_portfolio_history_configuration_id_trained_configurations",
        ),
        sa.ForeignKeyConstraint(
            ["wallet_id"], ["wallets.id"], name="fk_portfolio_history_wallet_id_wallets"
        ),
        sa.PrimaryKeyConstraint("activation_id", "time", name="pk_portfolio_history"),
    )
    op.create_index(
        "ix_portfolio_history_wallet_id_time", "portfolio_history", ["wallet_id", "time"]
    )
