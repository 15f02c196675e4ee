"""TradePulse's side, through its public functions only."""
