"""Prices as Binance writes them: bars, trades, books and tickers, spot and USD-M."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.events import Tick
from tradepulse.sandbox.values import (
    Book,
    BookTicker,
    FundingRate,
    Kline,
    Premium,
    Ticker24h,
)

Row = dict[str, Any]
Levels = list[list[str]]


def text(number: Decimal) -> str:
    """The number in plain digits: never an exponent, which clients' parsers differ on."""
    return format(number, "f")


def rounded(number: Decimal) -> str:
    """A quotient in plain digits: eight places, as Binance gives averages."""
    return format(round(number, 8).normalize(), "f")


def kline_row(bar: Kline) -> list[Any]:
    """A row of the klines endpoint."""
    return [
        bar.open_time, text(bar.open), text(bar.high), text(bar.low), text(bar.close),
        text(bar.volume), bar.close_time, text(bar.quote_volume), bar.trades,
        text(bar.taker_volume), text(bar.taker_quote_volume), "0",
    ]  # fmt: skip


def kline_event(symbol: str, interval: str, bar: Kline, closed: bool, time: int) -> Row:
    """A message of the kline stream."""
    return {
        "e": "kline", "E": time, "s": symbol,
        "k": {
            "t": bar.open_time, "T": bar.close_time, "s": symbol, "i": interval, "f": -1, "L": -1,
            "o": text(bar.open), "c": text(bar.close), "h": text(bar.high), "l": text(bar.low),
            "v": text(bar.volume), "n": bar.trades, "x": closed, "q": text(bar.quote_volume),
            "V": text(bar.taker_volume), "Q": text(bar.taker_quote_volume), "B": "0",
        },
    }  # fmt: skip


def agg_trade_row(tick: Tick) -> Row:
    row = {
        "a": tick.trade_id, "p": text(tick.price), "q": text(tick.quantity), "f": tick.trade_id,
        "l": tick.trade_id, "T": tick.time, "m": tick.buyer_is_maker,
    }  # fmt: skip
    return {**row, "M": True} if tick.market is Market.SPOT else row


def trade_row(tick: Tick) -> Row:
    row = {
        "id": tick.trade_id, "price": text(tick.price), "qty": text(tick.quantity),
        "quoteQty": text(tick.price * tick.quantity), "time": tick.time,
        "isBuyerMaker": tick.buyer_is_maker,
    }  # fmt: skip
    return {**row, "isBestMatch": True} if tick.market is Market.SPOT else row


def agg_trade_event(tick: Tick) -> Row:
    return {"e": "aggTrade", "E": tick.time, "s": tick.symbol, **agg_trade_row(tick)}


def trade_event(tick: Tick) -> Row:
    row: Row = {
        "e": "trade", "E": tick.time, "T": tick.time, "s": tick.symbol, "t": tick.trade_id,
        "p": text(tick.price), "q": text(tick.quantity), "m": tick.buyer_is_maker,
    }  # fmt: skip
    return {**row, "M": True} if tick.market is Market.SPOT else {**row, "X": "MARKET"}


def levels(side: tuple[tuple[Decimal, Decimal], ...]) -> Levels:
    return [[text(price), text(quantity)] for price, quantity in side]


def depth_row(market: Market, book: Book) -> Row:
    row: Row = {
        "lastUpdateId": book.last_update_id, "bids": levels(book.bids), "asks": levels(book.asks),
    }  # fmt: skip
    return row if market is Market.SPOT else {**row, "E": book.time, "T": book.time}


def ticker_row(market: Market, ticker: Ticker24h) -> Row:
    """A row of ticker/24hr. Only spot has bids and asks: clients tell the markets apart by that."""
    change = ticker.last - ticker.open
    percent = change / ticker.open * 100 if ticker.open else Decimal(0)
    row: Row = {
        "symbol": ticker.symbol, "priceChange": text(change),
        "priceChangePercent": f"{percent:.3f}",
        "weightedAvgPrice": rounded(ticker.average), "lastPrice": text(ticker.last),
        "lastQty": text(ticker.last_quantity), "openPrice": text(ticker.open),
        "highPrice": text(ticker.high), "lowPrice": text(ticker.low), "volume": text(ticker.volume),
        "quoteVolume": text(ticker.quote_volume), "openTime": ticker.open_time,
        "closeTime": ticker.close_time, "firstId": ticker.first_id, "lastId": ticker.last_id,
        "count": ticker.count,
    }  # fmt: skip
    if market is Market.PERPETUAL:
        return row
    return row | {
        "prevClosePrice": text(ticker.previous_close), "bidPrice": text(ticker.bid),
        "bidQty": text(ticker.bid_quantity), "askPrice": text(ticker.ask),
        "askQty": text(ticker.ask_quantity),
    }  # fmt: skip


def ticker_event(market: Market, ticker: Ticker24h, time: int) -> Row:
    change = ticker.last - ticker.open
    percent = change / ticker.open * 100 if ticker.open else Decimal(0)
    row: Row = {
        "e": "24hrTicker", "E": time, "s": ticker.symbol, "p": text(change), "P": f"{percent:.3f}",
        "w": rounded(ticker.average), "c": text(ticker.last), "Q": text(ticker.last_quantity),
        "o": text(ticker.open), "h": text(ticker.high), "l": text(ticker.low),
        "v": text(ticker.volume), "q": text(ticker.quote_volume), "O": ticker.open_time,
        "C": ticker.close_time, "F": ticker.first_id, "L": ticker.last_id, "n": ticker.count,
    }  # fmt: skip
    if market is Market.PERPETUAL:
        return row
    return row | {
        "x": text(ticker.previous_close), "b": text(ticker.bid), "B": text(ticker.bid_quantity),
        "a": text(ticker.ask), "A": text(ticker.ask_quantity),
    }  # fmt: skip


def mini_ticker_event(ticker: Ticker24h, time: int) -> Row:
    return {
        "e": "24hrMiniTicker", "E": time, "s": ticker.symbol, "c": text(ticker.last),
        "o": text(ticker.open), "h": text(ticker.high), "l": text(ticker.low),
        "v": text(ticker.volume), "q": text(ticker.quote_volume),
    }  # fmt: skip


def book_ticker_row(market: Market, ticker: BookTicker) -> Row:
    row: Row = {
        "symbol": ticker.symbol, "bidPrice": text(ticker.bid), "bidQty": text(ticker.bid_quantity),
        "askPrice": text(ticker.ask), "askQty": text(ticker.ask_quantity),
    }  # fmt: skip
    if market is Market.SPOT:
        return row
    return row | {"time": ticker.time, "lastUpdateId": ticker.update_id}


def book_ticker_event(market: Market, ticker: BookTicker) -> Row:
    """A message of the bookTicker stream; spot's has neither `e` nor a time."""
    row: Row = {
        "u": ticker.update_id, "s": ticker.symbol, "b": text(ticker.bid),
        "B": text(ticker.bid_quantity), "a": text(ticker.ask), "A": text(ticker.ask_quantity),
    }  # fmt: skip
    if market is Market.SPOT:
        return row
    return {"e": "bookTicker", **row, "E": ticker.time, "T": ticker.time}


def premium_row(premium: Premium) -> Row:
    return {
        "symbol": premium.symbol, "markPrice": text(premium.mark),
        "indexPrice": text(premium.index),
        "estimatedSettlePrice": text(premium.index), "lastFundingRate": text(premium.funding_rate),
        "interestRate": "0.00010000", "nextFundingTime": premium.next_funding_time,
        "time": premium.time,
    }  # fmt: skip


def mark_price_event(premium: Premium, time: int) -> Row:
    return {
        "e": "markPriceUpdate", "E": time, "s": premium.symbol, "p": text(premium.mark),
        "i": text(premium.index), "P": text(premium.index), "r": text(premium.funding_rate),
        "T": premium.next_funding_time,
    }  # fmt: skip


def funding_rate_row(rate: FundingRate) -> Row:
    return {
        "symbol": rate.symbol, "fundingRate": text(rate.rate), "fundingTime": rate.time,
        "markPrice": text(rate.mark),
    }  # fmt: skip
