"""What is Binance's own: its addresses, error numbers, order forms and account events."""
