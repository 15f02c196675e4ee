"""The JSON of the API: one model a resource, read from the domain's records."""
