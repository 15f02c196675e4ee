"""The market's side to accounts: what each owns, and how its USD-M side is set."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tradepulse.sandbox import records
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.futures_account import (
    change_margin,
    choose_leverage,
    choose_margin_type,
)
from tradepulse.sandbox.futures_views import asset_view, config_view, position_view
from tradepulse.sandbox.opening import open_account
from tradepulse.sandbox.price_desk import PriceDesk
from tradepulse.sandbox.requests import NEWEST, Cut
from tradepulse.sandbox.symbols import LeverageBracket
from tradepulse.sandbox.values import (
    AssetBalance,
    FuturesAsset,
    FuturesPosition,
    Income,
    SymbolConfig,
)


class AccountDesk(PriceDesk):
    """Accounts by their API key. Unknown keys: `VenueError` -2015."""

    # --- accounts ---------------------------------------------------------------------------------
    def open_account(
        self,
        key: str,
        balances: Mapping[str, Decimal],
        futures_balance: Decimal = Decimal(0),
        *,
        can_withdraw: bool = False,
        pays_fees_in_bnb: bool = False,
    ) -> None:
        """A new account, or more money for one that is there (a transfer)."""
        open_account(
            self._floor, key, balances, futures_balance, can_withdraw=can_withdraw,
            pays_fees_in_bnb=pays_fees_in_bnb,
        )  # fmt: skip

    def has_account(self, key: str) -> bool:
        """Whether the key is known."""
        return key in self._floor.accounts

    def can_withdraw(self, key: str) -> bool:
        """Whether the key could take money out."""
        return self._floor.account(key).can_withdraw

    def spot_balances(self, key: str) -> tuple[AssetBalance, ...]:
        """Free and locked of every asset the account ever had."""
        wallet = self._floor.account(key).spot
        return tuple(wallet.balance(asset) for asset in sorted({*wallet.free, *wallet.locked}))

    def futures_assets(self, key: str) -> tuple[FuturesAsset, ...]:
        """The USD-M wallet: one asset, USDT."""
        return (asset_view(self._floor, self._floor.account(key)),)

    def positions(self, key: str, symbol: str | None = None) -> tuple[FuturesPosition, ...]:
        """Every symbol's, flat ones too."""
        account = self._floor.account(key)
        return tuple(position_view(account, each) for each in self._perpetuals(symbol))

    def symbol_configs(self, key: str, symbol: str | None = None) -> tuple[SymbolConfig, ...]:
        """Leverage and margin type of each symbol."""
        account = self._floor.account(key)
        return tuple(config_view(account, each) for each in self._perpetuals(symbol))

    def income(
        self, key: str, which: Cut = NEWEST, *, symbol: str | None = None, kind: str | None = None
    ) -> list[Income]:
        """Changes of the USD-M wallet."""
        return records.income_of(self._floor.account(key), symbol, kind, which)

    def set_leverage(self, key: str, symbol: str, leverage: int) -> SymbolConfig:
        """Error -4028 above the symbol's highest, -2027 where the position would not fit."""
        return choose_leverage(self._floor, self._floor.account(key), symbol, leverage)

    def set_margin_type(self, key: str, symbol: str, margin_type: str) -> None:
        """ISOLATED; errors -4046 (it is so already), -4047 (open orders or a position)."""
        choose_margin_type(self._floor, self._floor.account(key), symbol, margin_type)

    def change_position_margin(self, key: str, symbol: str, amount: Decimal) -> None:
        """Positive adds to the isolated margin, negative takes from it."""
        change_margin(self._floor, self._floor.account(key), symbol, amount)

    def is_dual_side(self, key: str) -> bool:
        """Never: positions are one-way."""
        self._floor.account(key)
        return False

    def set_dual_side(self, key: str, dual: bool) -> None:
        """One-way only: errors -4059 (no change), -4061 (hedge mode)."""
        self._floor.account(key)
        if dual:
            raise VenueError(-4061, "Hedge mode is not kept by the sandbox.")
        raise VenueError(-4059, "No need to change position side.")

    def brackets(self, symbol: str | None = None) -> dict[str, tuple[LeverageBracket, ...]]:
        """Leverage brackets by symbol."""
        return {each.symbol: each.spec.brackets for each in self._perpetuals(symbol)}
