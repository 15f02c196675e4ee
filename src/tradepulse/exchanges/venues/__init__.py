"""Venues beside Binance: what each needs told apart, over what ccxt has made alike."""
