"""`tradepulse engine`: run what is active, without the API."""

from __future__ import annotations

from threading import Event

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import print_json, show_lines
from tradepulse.cli.stopping import stopping

_STOP_S = 8.0


def command(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Run every active configuration of this home until stopped: paper, testnet and live.

    The API is a process of its own (`tradepulse api`); several engines may share a PostgreSQL
    database, each activation runs in one of them. On SIGTERM no order is sent any more, stops stay
    at the exchange, and the next start goes on where the ledger ends. A file KILL in the home, or
    `tradepulse kill`, closes everything.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.bootstrap.trading import TradingFloor
    from tradepulse.bootstrap.wishes import WishWatch
    from tradepulse.cli.kernels import ready_kernels
    from tradepulse.engine.halting import KillWatch

    app = open_home(home, config)
    app.database  # noqa: B018  (errors of the database come before anything runs)
    ready_kernels()
    stop = Event()
    with TradingFloor(app) as floor, stopping(stop, "stopping: orders at exchanges stay"):
        manager = floor.manager()
        watch = KillWatch(
            floor.kill_file, lambda request: floor.kill(manager, request), manager.resume
        )
        wishes = WishWatch(app.database, manager.reload_active_configurations)
        with floor.readiness(manager):
            running = manager.reload_active_configurations()
            with watch, wishes, floor.board, floor.reporter(manager), floor.guard(manager):
                _say(running, as_json)
                stop.wait()
        ended = manager.stop(_STOP_S)
    return 0 if ended else 5


def _say(running: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        print_json({"activations": running})
    else:
        show_lines([f"running {len(running)} activations, Ctrl-C to stop"])
