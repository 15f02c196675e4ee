"""The signal graph: expressions over bars, indicator kernels, the compiled Program. No I/O."""
