"""Speed and memory beside other backtesting engines, in one run: `make bench`."""
