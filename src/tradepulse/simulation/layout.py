"""Where each number of an account lives: the slots of the flat vectors that kernels read and write.

One account (its position, its pending orders, its accumulators) is one float64 vector, so it can be
copied, stored, restored, and held as a row per parameter set in a sweep. NaN means "none" in every
price or distance slot; times are UTC milliseconds (exact in a float64); indices count bars since
the start of the run.
"""

from __future__ import annotations

from tradepulse.domain.lifecycle import ExitReason

# --- rules vector: `Rules.as_vector()` --------------------------------------------------------
R_PERPETUAL = 0  # 1 on a perpetual, 0 on spot
R_CASH = 1
R_TAKER = 2  # fractions, not basis points
R_MAKER = 3
R_SLIP = 4  # half spread + fixed slippage, a fraction
R_IMPACT = 5
R_CAP = 6  # share of a bar's volume; NaN: no cap
R_TICK = 7  # 0: prices are not rounded
R_LOT = 8  # 0: quantities are not rounded
R_MIN_NOTIONAL = 9
R_SIZING = 10  # one of the SIZE_ codes
R_SIZE = 11  # the x of that sizing
R_LEVERAGE = 12
R_MAINTENANCE = 13
R_ALLOW_SHORT = 14  # 1 only on a perpetual that allows it
R_LENGTH = 15

SIZE_FRACTION = 1.0
SIZE_QUOTE = 2.0
SIZE_RISK = 3.0

# --- leverage tiers: one row a tier, floors rising ------------------------------------------------
TIER_FLOOR = 0
TIER_RATE = 1
TIER_AMOUNT = 2
TIER_LEVERAGE = 3
TIER_COLUMNS = 4

# --- reasons of an exit, as numbers ---------------------------------------------------------------
NO_EXIT = 0
EXIT_SIGNAL = 1
EXIT_STOP = 2
EXIT_TRAIL = 3
EXIT_TARGET = 4
EXIT_TIME = 5
EXIT_REVERSAL = 6
EXIT_LIQUIDATION = 7

EXIT_REASONS: dict[int, ExitReason] = {
    EXIT_SIGNAL: ExitReason.SIGNAL,
    EXIT_STOP: ExitReason.STOP,
    EXIT_TRAIL: ExitReason.TRAIL,
    EXIT_TARGET: ExitReason.TARGET,
    EXIT_TIME: ExitReason.TIME,
    EXIT_REVERSAL: ExitReason.REVERSAL,
    EXIT_LIQUIDATION: ExitReason.LIQUIDATION,
}

# --- reasons why an entry was refused -------------------------------------------------------------
ACCEPTED = 0
REFUSED_NO_STOP = 1
REFUSED_BAD_LEVEL = 2
REFUSED_LEVEL_PASSED = 3
REFUSED_STOP_BEYOND_LIQUIDATION = 4
REFUSED_MIN_NOTIONAL = 5
REFUSED_NO_QUANTITY = 6
REFUSED_LEVERAGE_TIER = 7
REFUSED_BANKRUPT = 8

REFUSALS: dict[int, str] = {
    REFUSED_NO_STOP: "no_stop",
    REFUSED_BAD_LEVEL: "bad_level",
    REFUSED_LEVEL_PASSED: "level_passed",
    REFUSED_STOP_BEYOND_LIQUIDATION: "stop_beyond_liquidation",
    REFUSED_MIN_NOTIONAL: "min_notional",
    REFUSED_NO_QUANTITY: "no_quantity",
    REFUSED_LEVERAGE_TIER: "leverage_tier",
    REFUSED_BANKRUPT: "bankrupt",
}

# --- state vector: the clock ----------------------------------------------------------------------
S_INDEX = 0  # bars processed so far
S_PERIOD = 1  # number of the UTC day (or longer bar) of the last bar
S_LAST_TIME = 2
S_LAST_CLOSE = 3
S_FIRST_CLOSE = 4
S_FUNDING_CURSOR = 5  # the first funding stamp not yet passed

# --- state vector: the account. equity at a close c = S_WALLET + side * quantity * (c - entry) ---
S_WALLET = 6  # realised equity: entry fees, exit fees, funding and closed PnL are in it
S_EQUITY = 7  # marked at the last close
S_BANKRUPT = 8  # 1 once equity met zero: no further entry

# --- state vector: the position -------------------------------------------------------------------
S_SIDE = 9  # 1, -1, or 0 when flat
S_QUANTITY = 10  # still open
S_ENTRY_PRICE = 11
S_ENTRY_TIME = 12
S_ENTRY_INDEX = 13
S_ENTRY_QUANTITY = 14  # at the entry fill, before partial exits
S_MARGIN = 15  # isolated margin of a perpetual, funding included
S_LIQUIDATION = 16
S_STOP = 17  # the stop in force
S_TARGET = 18
S_TRAIL = 19  # trailing distance
S_TRAILING = 20  # 1 once the trail is the stop in force
S_MAX_BARS = 21
S_RISK = 22  # distance from entry to the first stop in force: one R
S_HIGH = 23  # extremes of the bars held, entry price included
S_LOW = 24
S_TRADE_FEES = 25
S_TRADE_FUNDING = 26
S_EXIT_QUANTITY = 27  # of partial exits so far
S_EXIT_VALUE = 28  # sum of price * quantity of them
S_TAG = 29  # code of the entry's tag; -1: none

# --- state vector: pending orders, decided on a close, due at the next open -----------------------
S_EXIT_REASON = 30  # NO_EXIT or the reason of the pending market exit
S_ORDER_SIDE = 31  # 0: no pending entry
S_ORDER_QUANTITY = 32
S_ORDER_STOP = 33  # distances
S_ORDER_TARGET = 34
S_ORDER_TRAIL = 35
S_ORDER_STOP_PRICE = 36  # absolute levels
S_ORDER_TARGET_PRICE = 37
S_ORDER_MAX_BARS = 38
S_ORDER_TAG = 39
S_ORDER_INDEX = 40  # bar of the signal

# --- state vector: drawdown, over bar closes, the initial equity standing before the first bar ----
S_PEAK = 41
S_PEAK_INDEX = 42  # last bar at the peak; -1: the initial equity
S_MAX_DRAWDOWN = 43  # <= 0
S_LONGEST_DRAWDOWN = 44  # bars from peak to recovery, of recovered ones: see longest_drawdown()
S_BARS_UNDER_WATER = 45
S_FLAT_BARS = 46  # flat bars since the wallet last changed; settled into the next slot at a fill
S_FLAT_SQUARES = 47  # sum of squared drawdowns of settled flat bars: see drawdown_squares()

# --- state vector: trade aggregates ---------------------------------------------------------------
S_TRADES = 48
S_WINS = 49
S_LOSSES = 50
S_GROSS_PROFIT = 51  # sum of positive PnL, net of costs
S_GROSS_LOSS = 52  # sum of negative PnL, <= 0
S_R_COUNT = 53
S_R_SUM = 54
S_R_SQUARES = 55
S_TURNOVER = 56  # traded notional, both sides
S_FEES = 57
S_FUNDING = 58
S_BARS_IN_POSITION = 59  # bars at whose close a position was open
S_AMBIGUOUS = 60  # exits where stop and target were both touched in the finest bar
S_LIQUIDATIONS = 61
S_REFUSED = 62  # S_REFUSED + code counts refusals of that code
S_PARTIAL_FILLS = 71  # fills cut by the participation cap
S_TRADE_ROWS = 72  # rows written to the caller's trade buffer since it was emptied
S_PERIOD_ROWS = 73  # rows written to the caller's period-equity buffer since it was emptied
S_FILLS = 74  # entry and exit fills so far; the last FILL_ROWS of them stand in the fill log

# --- state vector: squared drawdowns of bars in a position, one lane per bar index modulo LANES --
# A lane only ever receives its own bars, in order: the sums are the same however bars are cut into
# blocks, and a span is added by a loop that the compiler can vectorise.
S_LANES = 80
LANES = 64

# --- state vector: the last fills, for a driver that reports them one by one (the paper exchange) -
# A ring: fill number n is row n modulo FILL_ROWS. A bar has at most four fills: out at the open, in
# at the open, part of it out by the stop, the rest by liquidation.
S_FILL_LOG = S_LANES + LANES
FILL_ROWS = 4
L_QUANTITY = 0
L_PRICE = 1
L_FEE = 2
L_REASON = 3  # NO_EXIT for an entry
L_TIME = 4
FILL_COLUMNS = 5
S_LENGTH = S_FILL_LOG + FILL_ROWS * FILL_COLUMNS

# --- trade rows -----------------------------------------------------------------------------------
T_SIDE = 0
T_ENTRY_TIME = 1
T_ENTRY_PRICE = 2
T_QUANTITY = 3
T_EXIT_TIME = 4
T_EXIT_PRICE = 5
T_REASON = 6
T_FEES = 7
T_FUNDING = 8
T_PNL = 9
T_PNL_PCT = 10
T_MAE_PCT = 11
T_MFE_PCT = 12
T_BARS_HELD = 13
T_TAG = 14
T_R = 15  # NaN without a stop
T_ENTRY_INDEX = 16
T_EXIT_INDEX = 17
T_COLUMNS = 18
