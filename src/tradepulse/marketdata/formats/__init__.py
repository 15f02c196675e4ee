"""Files of bars as others write them: one module a format, each with `sniff` and `read`."""
