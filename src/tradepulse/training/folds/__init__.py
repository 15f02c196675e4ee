"""Which bars a search may see, and which judge it."""
