"""The default executor: threads of this process over kernels without the GIL."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from conformance.trial_executor import Executors, TrialExecutorSuite
from tradepulse.training.evaluation import ThreadExecutor


class TestThreadExecutor(TrialExecutorSuite):
    @pytest.fixture(params=[1, 2, 5], ids=lambda n: f"{n} threads")
    def executors(self, request: pytest.FixtureRequest) -> Executors:
        return lambda strategy, data: nullcontext(ThreadExecutor(strategy, data, request.param))
