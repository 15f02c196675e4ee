"""The one place that imports a command and turns what it did into an exit code.

A command module exports either `app`, a Typer application with sub-commands, or `command`, one
function. It is imported when it is called: `--help` reads the table in `commands.py` only.
A command returns nothing or an exit code; it raises `TradePulseError` to refuse or fail.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import Abort, TyperException

from tradepulse.cli.commands import ALIASES, COMMANDS
from tradepulse.cli.output import explain, show_error
from tradepulse.cli.words import EVERYWHERE, arrange
from tradepulse.domain.errors import FailedError, TradePulseError, UsageError
from tradepulse.domain.version import VERSION

STOPPED_BY_USER = 130
_HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}


class CommandTable(TyperGroup):
    """The root group: lists commands from the table, imports one only to run it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        words = [*ALIASES.get(args[0], args[:1]), *args[1:]]
        name, listed, rest = super().resolve_command(ctx, words)
        return name, listed if name is None else load(name), rest


def root() -> TyperGroup:
    """The root group with every command listed and none imported."""
    application = typer.Typer(cls=CommandTable, context_settings=_HELP_OPTIONS)
    application.callback()(_describe)
    table = typer.main.get_group(application)
    for entry in COMMANDS:
        table.add_command(TyperCommand(entry.name, help=entry.help, rich_help_panel=entry.panel))
    return table


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tradepulse {VERSION}")
        raise typer.Exit


def _describe(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """A crypto trading lab and engine: train, prove, paper trade, show."""


def load(name: str) -> Any:
    """The command called `name` in the table, imported."""
    entry = next(entry for entry in COMMANDS if entry.name == name)
    module = import_module(f"tradepulse.cli.{entry.module}")
    if hasattr(module, "app"):
        module.app.info.context_settings = _HELP_OPTIONS
        command: Any = typer.main.get_group(module.app)
    else:
        application = typer.Typer(add_completion=False, context_settings=_HELP_OPTIONS)
        application.command(entry.name)(module.command)
        command = typer.main.get_command(application)
    command.help = command.help or entry.help
    return command


def run(argv: Sequence[str] | None = None) -> int:
    """Exit code of the command line: 0 yes, 2 usage, 3 no, 4 not found, 5 failed, 130 stopped."""
    words, as_json, debug = arrange(sys.argv[1:] if argv is None else argv)
    try:
        answer = root().main(words, prog_name="tradepulse", standalone_mode=False)
    except TyperException as error:
        return _refuse(_as_usage_error(error), as_json)
    except (Abort, KeyboardInterrupt):
        return STOPPED_BY_USER
    except Exception as error:  # noqa: BLE001  (the last door: every failure leaves as a code)
        if debug:
            traceback.print_exception(error)
        return _refuse(explain(error), as_json)
    return answer if isinstance(answer, int) else 0


def _refuse(error: TradePulseError, as_json: bool) -> int:
    show_error(error, as_json)
    return error.exit_code


# The parser's own errors, in the codes scripts match on.
_USAGE_CODES = {
    "NoSuchOption": "unknown_option",
    "MissingParameter": "missing_option",
    "BadParameter": "bad_value",
    "NoArgsIsHelpError": "missing_command",
}


def _as_usage_error(error: TyperException) -> TradePulseError:
    if error.exit_code != UsageError.exit_code:
        return FailedError("internal", error.format_message())
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "tradepulse"
    hint = f"See `{where} --help`."
    option = getattr(error, "option_name", None)
    in_group = context is not None and isinstance(context.command, TyperGroup)
    message = error.message or error.format_message()
    if not message or message == "Missing command." or (in_group and option in EVERYWHERE):
        return UsageError("missing_command", "Missing command.", hint=hint)
    if message.startswith("No such command"):
        return UsageError("unknown_command", message, hint=hint)
    code = _USAGE_CODES.get(type(error).__name__, "usage")
    if code != "unknown_option":
        return UsageError(code, error.format_message(), found=option, hint=hint)
    close = " or ".join(sorted(getattr(error, "possibilities", None) or ()))
    return UsageError(code, message, expected=close or None, found=option, hint=hint)
