"""Fixtures every room shares."""

from __future__ import annotations

import os
from pathlib import Path

# The test workers are the parallelism: BLAS threads in each would only get in each other's way.
# Set before anything imports NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

# Before any test imports one: rooms share them.
for suite in (Path(__file__).parent / "conformance").glob("*.py"):
    pytest.register_assert_rewrite(f"conformance.{suite.stem}")

settings.register_profile(
    "tradepulse",
    deadline=None,  # the first example pays for compilation
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "40")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
settings.load_profile("tradepulse")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference vectors and real bars that stands beside a developer's checkout."""
    if not (SHARED / "reference" / "quant_vectors.json").is_file():
        pytest.skip(f"needs the reference folder {SHARED.name}/ beside the checkout")
    return SHARED
