"""Searches over parameters, and what they are allowed to claim."""
