"""From evidence to a stage, and back."""
