"""HTTP: parse, authorise, call one function, return."""
