"""A training run as one page that a person can judge it by."""

from tradepulse.training.report.page import training_page

__all__ = ["training_page"]
