"""The sandbox exchange on a port: Binance's REST and WebSocket protocol, faults on command."""

from tradepulse.sandbox.server.exchange import Settings
from tradepulse.sandbox.server.limits import RateLimits
from tradepulse.sandbox.server.server import SandboxServer
from tradepulse.sandbox.server.threaded import RunningSandbox, run_in_thread

__all__ = ["RateLimits", "RunningSandbox", "SandboxServer", "Settings", "run_in_thread"]
