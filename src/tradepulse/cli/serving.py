"""Serving the page and the API with the engine beside them, until somebody stops it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from tradepulse.cli.daily_judgement import daily_judgement
from tradepulse.cli.first_start import first_start
from tradepulse.cli.output import print_json, show_lines
from tradepulse.cli.worker_process import training_worker

if TYPE_CHECKING:
    from tradepulse.bootstrap import App


def serve(
    app: App,
    host: str | None,
    port: int | None,
    told: dict[str, Any] | None,
    bars_per_second: float | None = None,
    *,
    with_worker: bool = True,
) -> None:
    """Serves until SIGINT or SIGTERM, then lets the engine finish the batch at hand.

    `with_worker`: training jobs are run by a worker in a process of its own.

    `bars_per_second` paces kept bars as if they were closing now. The port is taken before the
    engine starts: two instances of one home would not trade at once by mistake. `told` is printed
    with the address as JSON; None prints a line for people.
    """
    from tradepulse.api.server import ApiServer
    from tradepulse.bootstrap.trading import TradingFloor
    from tradepulse.engine.halting import KillWatch

    floor = TradingFloor(app, bars_per_second)
    manager = floor.manager()
    server = ApiServer(app, manager, host=host, port=port)
    first = first_start(app, told is not None)
    watch = KillWatch(floor.kill_file, lambda request: floor.kill(manager, request), manager.resume)

    def ready(address: str) -> None:
        if told is not None:
            print_json({**told, **first, "address": address})
        else:
            show_lines([f"serving {address} (documentation at {address}/docs), Ctrl-C to stop"])

    judgement = daily_judgement(app, manager.on_configuration_deactivated)
    worker = training_worker(app) if with_worker else nullcontext()
    with (
        floor, floor.readiness(manager), manager, watch, floor.board, floor.reporter(manager),
        floor.guard(manager), judgement, worker,
    ):  # fmt: skip
        server.run(ready)
