"""The bar store port, audit, resampling and import formats."""
