"""The live engine over a sandbox exchange, through unmodified ccxt: proofs and measurements."""
