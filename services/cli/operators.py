"""Who gives a command, as the audit names them."""

import os
import pwd
from collections.abc import Callable
from typing import TypeVar

import click

C = TypeVar("C", bound=Callable[..., object])


def operator_name() -> str:
    """Return the name of the account that runs this process."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def by_operator(command: C) -> C:
    """Add `--operator`."""
    return click.option(
        "--operator", default=operator_name, show_default="the account", help="Who does it, for the audit."
    )(command)
