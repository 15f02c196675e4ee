"""What every engine is asked to do, in numbers. Long only, all cash, market orders."""

# Much, so that thousands of trades at 0.2 % the round trip leave enough: vectorbt ignores an order
# of less than a hundred-millionth of a coin, and would then do less work than the others.
CASH = 1e10
FEE = 0.001  # a side
STOP = 0.02
TARGET = 0.04
FAST = 50
SLOW = 200
