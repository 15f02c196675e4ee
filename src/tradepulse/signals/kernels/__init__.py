"""Block kernels of the signal graph.

Each takes whole rows of the block, its bar count `n` and its slots `state[at:]`, and leaves in them
all that the next block needs: cutting the bars elsewhere must not change a bit (law S1). None of
them can see past bar `i` while computing bar `i` (law S2).

Flags are three-valued bytes: 3 true, 2 false, 0 not known yet; so `not` of unknown stays unknown.
NaN rule: windows give NaN until it has left them; recursions skip it and give NaN on that bar.
"""
