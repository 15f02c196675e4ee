"""How likely a result is luck."""
