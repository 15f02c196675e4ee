"""What a search calls better: objectives, constraints, and when to stop."""

from tradepulse.training.objectives.constraint import Constraint
from tradepulse.training.objectives.patience import Patience
from tradepulse.training.objectives.port import Metrics, Objective, Returns
from tradepulse.training.objectives.registry import make_objective, objectives_in

__all__ = [
    "Constraint",
    "Metrics",
    "Objective",
    "Patience",
    "Returns",
    "make_objective",
    "objectives_in",
]
