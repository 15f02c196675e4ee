"""What to try next: ask and tell.

An optimiser is a class of two methods, found by name like strategies. All values are maximised.
"""

from tradepulse.training.optimisers.port import Optimiser, Told
from tradepulse.training.optimisers.registry import make_optimiser, optimisers_in
from tradepulse.training.optimisers.remote import RemoteOptimiser
from tradepulse.training.optimisers.space import SearchSpace

__all__ = [
    "Optimiser",
    "RemoteOptimiser",
    "SearchSpace",
    "Told",
    "make_optimiser",
    "optimisers_in",
]
