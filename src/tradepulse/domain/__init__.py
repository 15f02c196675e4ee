"""Values and words of the trade. Nothing here does I/O, reads a clock or knows another room."""
