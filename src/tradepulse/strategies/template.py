"""The file that `tradepulse strategies new NAME` writes: it works, and says what to change."""

from __future__ import annotations

import re

from tradepulse.domain.errors import UsageError

_TEMPLATE = '''"""{title}: one line on what it does and why it might work."""

from tradepulse.strategies.api import Bars, Float, Int, Signals, Strategy


class {class_name}(Strategy):
    """Long when the close leaves its channel upwards while the trend is up.

    Say where the idea is from and what speaks for and against it: the trainer measures the rest.
    """

    # A parameter is declared once: its range is searched, checked, and shown as a form.
    channel_bars = Int(10, 100, default=40)
    trend_bars = Int(50, 300, default=150)
    stop_atr = Float(1.0, 5.0, default=2.5)

    def signals(self, bar: Bars) -> Signals:
        # Expressions over closed bars. There is no way to write down a later bar.
        ceiling, floor = bar.donchian(self.channel_bars)
        trend = bar.close.ema(self.trend_bars)
        return Signals(
            enter_long=bar.close.crosses_above(ceiling) & (bar.close > trend),
            exit_long=bar.close < floor,
            # Distances are in price, measured from the fill: here so many average true ranges.
            stop=self.stop_atr * bar.atr(14),
            # More: enter_short, exit_short, target, trail, stop_price, target_price, max_bars,
            # strength, tag. Higher time frames: bar.at("4h").close. Your own columns:
            # bar.column("score"). Your own step function: tradepulse.strategies.api.indicator.
        )
'''


def new_strategy(name: str) -> tuple[str, str]:
    """(snake_case name, source) of a working strategy file. Error `bad_name` for a bad name."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).lower().replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", snake):
        raise UsageError("bad_name", f"{name!r} cannot name a strategy",
                         expected="letters, digits and _, starting with a letter",
                         found=repr(name))  # fmt: skip
    class_name = "".join(word.capitalize() for word in snake.split("_") if word)
    title = snake.replace("_", " ").capitalize()
    return snake, _TEMPLATE.format(title=title, class_name=class_name)
