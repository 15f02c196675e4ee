"""`tradepulse api`: serve the HTTP API and its page."""

from __future__ import annotations

from contextlib import nullcontext

from tradepulse.cli.first_start import first_start
from tradepulse.cli.options import (
    ConfigOption,
    HomeOption,
    HostOption,
    JsonOption,
    PortOption,
    WorkerOption,
)
from tradepulse.cli.output import print_json, show_lines
from tradepulse.cli.worker_process import training_worker


def command(
    host: HostOption = None,
    port: PortOption = None,
    worker: WorkerOption = True,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the API and its page until stopped. No engine runs in this process: see `up`."""
    from tradepulse.api.server import ApiServer
    from tradepulse.bootstrap import open_home

    app = open_home(home, config)
    server = ApiServer(app, host=host, port=port)
    first = first_start(app, as_json)

    def ready(address: str) -> None:
        if as_json:
            print_json({**first, "address": address})
        else:
            show_lines([f"serving {address} (documentation at {address}/docs)"])

    with training_worker(app) if worker else nullcontext():
        server.run(ready)
