"""The other engines, each in its own environment, each driven by its own documented interface."""
