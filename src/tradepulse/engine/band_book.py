"""What the engine and the guard beside it tell each other of live activations."""

from __future__ import annotations

from tradepulse.risk.drawdown_band import DrawdownBand


class BandBook:
    """Drawdown bands, worked out by the guard, and how far below its peak each activation is, as
    the engine sees it at every bar. Read and written from any thread: one value at a time."""

    def __init__(self) -> None:
        self._bands: dict[str, DrawdownBand] = {}
        self._falls: dict[str, float] = {}

    def band(self, activation_id: str) -> DrawdownBand | None:
        """None as long as it is not known."""
        return self._bands.get(activation_id)

    def fall_pct(self, activation_id: str) -> float | None:
        """Percent below its peak; None where it does not run in this process."""
        return self._falls.get(activation_id)

    def allow(self, activation_id: str, band: DrawdownBand | None) -> None:
        """The band by now, None if there is none."""
        if band is None:
            self._bands.pop(activation_id, None)
        else:
            self._bands[activation_id] = band

    def fell(self, activation_id: str, fall_pct: float) -> None:
        """It is that far below its peak."""
        self._falls[activation_id] = fall_pct

    def forget(self, activation_id: str) -> None:
        """It does not run here any more."""
        self._bands.pop(activation_id, None)
        self._falls.pop(activation_id, None)
