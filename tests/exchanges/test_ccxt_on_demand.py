"""ccxt as the engine imports it, beside ccxt as everybody else does: each in a process of its own,
for a package is imported once."""

from __future__ import annotations

import json
import subprocess
import sys

_PLAIN = "import ccxt.pro as pro"
_OURS = "from tradepulse.exchanges.ccxt_on_demand import ccxt_pro; pro = ccxt_pro()"
_LOOK = """
import json, sys
{imports}
import ccxt, ccxt.async_support
loaded = sum(name.startswith(("ccxt.pro.", "ccxt.async_support.")) for name in sys.modules)
found = {{
    "exchanges": [ccxt.exchanges, ccxt.async_support.exchanges, pro.exchanges],
    "ancestors": [
        [f"{{base.__module__}}.{{base.__qualname__}}" for base in kind.__mro__]
        for kind in (pro.binance, pro.okx, pro.myokx, ccxt.async_support.kraken, ccxt.kraken)
    ],
    "errors": [ccxt.RequestTimeout.__module__, pro.BadSymbol is ccxt.BadSymbol],
    "names": [sorted(set(dir(ccxt)) & set(ccxt.exchanges)), "binance" in dir(pro)],
    "unknown": hasattr(pro, "no_such_exchange"),
    "version": ccxt.__version__,
}}
print(json.dumps([loaded, found]))
"""


def _looked_at(imports: str) -> tuple[int, dict[str, object]]:
    code = _LOOK.format(imports=imports)
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120
    )
    loaded, found = json.loads(told.stdout)
    return loaded, found


def test_it_is_the_same_ccxt_with_fewer_modules() -> None:
    plain, expected = _looked_at(_PLAIN)
    ours, found = _looked_at(_OURS)
    assert found == expected
    assert ours < plain / 4
