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


def attributed(operator: str) -> str:
    """Return a claimed name with the account that ran the command, or the account alone. Idempotent.

    Anybody may claim a name; the account is what the machine knows.
    """
    account = operator_name()
    proof = f"(account {account})"
    return operator if operator == account or operator.endswith(proof) else f"{operator} {proof}"


class OperatorType(click.ParamType[str]):
    """The value of `--operator`, attributed."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return attributed(str(value))


def by_operator(command: C) -> C:
    """Add `--operator`."""
    return click.option(
        "--operator",
        type=OperatorType(),
        default=operator_name,
        show_default="the account",
        help="Operator's name for the audit, recorded next to the account.",
    )(command)
