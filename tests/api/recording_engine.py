"""An engine that writes down what the API tells it."""

from __future__ import annotations


class RecordingEngine:
    """An engine that remembers what it was told; one method of each kind the API may meet."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.reloads = self.commands = 0

    async def on_configuration_activated(self, configuration_id: str) -> None:
        self.told.append(("activated", configuration_id))

    def on_configuration_deactivated(self, configuration_id: str) -> None:
        self.told.append(("deactivated", configuration_id))

    def on_commands(self) -> None:
        self.commands += 1

    def reload_active_configurations(self) -> None:
        self.reloads += 1
