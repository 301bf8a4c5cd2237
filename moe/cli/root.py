"""The command `moe`. Subcommands are modules that are imported on use."""

import gc
import os
import sys
from importlib import import_module
from types import TracebackType
from typing import NoReturn

import click

from libs.core.errors import ConfigurationError, FleetError
from libs.core.printable import printable_output

# Imported objects stay, and messages form no cycles. At the default threshold of 700 objects, the collector spends a
# sixth of the start on the former, and scans the latter of a whole request again and again.
GC_THRESHOLDS = (50_000, 20, 20)

# name: (module with a click command of that name, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "audit": ("moe.cli.journal.audit", "Export the journal of a tenant for an auditor who checks it offline."),
    "budget": ("moe.cli.directory.budget", "Set and show what users and teams may spend, and what models cost."),
    "dlq": ("moe.cli.dlq.commands", "Look at records that could not be handled, put them back, or drop them."),
    "doctor": ("moe.cli.doctor.command", "Check settings, stores and models, and say what to do."),
    "erase": ("moe.cli.journal.erase", "Erase what a person said."),
    "hold": ("moe.cli.journal.hold", "Place, release and list legal holds."),
    "journal": ("moe.cli.journal.commands", "Look after the journal: take away what is kept long enough."),
    "keys": ("moe.cli.directory.keys", "Create, list, revoke and rotate API keys."),
    "mcp": ("moe.cli.fleet.mcp", "Serve the exact tools to a client on this machine (MCP over stdio)."),
    "laws": ("moe.cli.fleet.laws", "Download German federal law for the legal tools."),
    "migrate": ("moe.cli.fleet.migrate", "Bring the database to the shape that this version needs."),
    "profiles": ("moe.cli.directory.profiles", "Import, export and delete Claude Code profiles."),
    "replay": ("moe.cli.replay.command", "Show what happened to one request, from the journal."),
    "secrets": ("moe.cli.fleet.secrets", "Make the secret keys of an installation."),
    "serve": ("moe.cli.fleet.serve", "Run one service in the foreground, as in a container."),
    "teams": ("moe.cli.directory.teams", "Create teams, and say who is a member and what members may use."),
    "templates": ("moe.cli.directory.templates", "Import, export and delete expert templates."),
    "tenants": ("moe.cli.directory.tenants", "Create and list tenants."),
    "topics": ("moe.cli.fleet.topics", "Compare the broker's topics with the fleet's, and change them."),
    "up": ("moe.cli.fleet.up", "Start the fleet, with embedded stores for what is not configured."),
    "usage": ("moe.cli.directory.usage", "Show what was used, by user, team, key, model or day."),
    "users": ("moe.cli.directory.users", "Create users, and say what they may use."),
}


class Failed(click.ClickException):
    """An operator error, shown as one line."""

    def __init__(self, error: FleetError) -> None:
        super().__init__(" ".join(str(error).split()))


class Misconfigured(Failed):
    """A setting is missing or wrong."""

    exit_code = 2


class Commands(click.Group):
    """A group with static names and help of its commands: `moe --help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for number, argument in enumerate(args, start=1):
            if not _is_text(argument):
                raise click.UsageError(f"argument {number} is not UTF-8")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            raise Misconfigured(error) from error
        except FleetError as error:
            raise Failed(error) from error


def _is_text(argument: str) -> bool:
    """Whether the command line was valid text; the stores accept nothing else."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sovereign-fleet", prog_name="moe", message="%(prog)s %(version)s")
def moe() -> None:
    """Sovereign Fleet: run it, watch it, and see what it did."""


def _print_traceback(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Python prints an error that ends the process after the block of `main`, where output is not escaped."""
    with printable_output():
        sys.__excepthook__(kind, error, traceback)


def main() -> NoReturn:
    gc.set_threshold(*GC_THRESHOLDS)
    os.umask(0o077)  # only the owner may read files of a fleet, embedded stores included
    sys.excepthook = _print_traceback
    with printable_output():
        raise SystemExit(moe(prog_name="moe"))
