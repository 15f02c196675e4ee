"""`tradepulse up`: the engine, the API and its page, in one process."""

from __future__ import annotations

from typing import Annotated

import typer

from tradepulse.cli.options import (
    ConfigOption,
    DryRunOption,
    HomeOption,
    HostOption,
    JsonOption,
    PortOption,
    WorkerOption,
)

DemoOption = Annotated[
    bool, typer.Option("--demo", help="Run the demo first, and paper trade on as it is shown.")
]


def command(
    demo: DemoOption = False,
    dry_run: DryRunOption = False,  # noqa: ARG001  (paper is the only mode there is yet)
    host: HostOption = None,
    port: PortOption = None,
    worker: WorkerOption = True,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Serve the API and its page, run every active configuration and every training job, until
    stopped."""
    from tradepulse.bootstrap import open_home
    from tradepulse.cli.demo import demonstrate
    from tradepulse.cli.serving import serve

    app = open_home(home, config)
    if demo:
        return demonstrate(app, once=False, host=host, port=port, as_json=as_json)
    serve(app, host, port, {} if as_json else None, with_worker=worker)
    return 0
