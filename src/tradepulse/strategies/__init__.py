"""The library of strategies, one file each, and the registry that finds them."""
