"""Trials on many machines, through an existing cluster engine."""
