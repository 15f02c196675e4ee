"""The part of the reference vectors that concerns significance, so that these run without the
reference folder; with it, the copy is compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

VECTORS = json.loads((Path(__file__).parent / "significance_vectors.json").read_text())
RETURNS = np.array(VECTORS["fixture_returns"])
M = np.array(VECTORS["cscv_pbo"]["M_T64_N6"])
M2 = np.array(VECTORS["cscv_pbo"]["M2_T96_N8"])
TRAP = np.array(VECTORS["spa"]["TRAP_arch_not_studentized"]["X"])
# The tolerance the vectors state for closed forms; bootstrap p-values at 20,000 replications: 0.01.
CLOSED = 1e-9
BOOTSTRAP = 0.01
