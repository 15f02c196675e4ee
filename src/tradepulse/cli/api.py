"""`tradepulse api`: serve the HTTP API and its page."""

from __future__ import annotations

from tradepulse.cli.options import ConfigOption, HomeOption, HostOption, JsonOption, PortOption
from tradepulse.cli.output import print_json, show_lines


def command(
    host: HostOption = None,
    port: PortOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the API and its page until stopped. No engine runs in this process: see `up`."""
    from tradepulse.api.server import ApiServer
    from tradepulse.bootstrap import open_home

    server = ApiServer(open_home(home, config), host=host, port=port)

    def ready(address: str) -> None:
        if as_json:
            print_json({"address": address})
        else:
            show_lines([f"serving {address} (documentation at {address}/docs)"])

    server.run(ready)
