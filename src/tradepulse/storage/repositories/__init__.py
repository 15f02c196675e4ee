"""One repository a table: it takes and returns the domain's records."""
