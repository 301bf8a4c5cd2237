"""Operator names, as the audit records them."""

import os
import pwd
from collections.abc import Callable
from typing import TypeVar

import click

C = TypeVar("C", bound=Callable[..., object])


def operator_name() -> str:
    """Account name that runs this process."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def attributed(operator: str) -> str:
    """A claimed name with the account that ran the command, or the account alone. Idempotent.

    Any name may be claimed; the operating system vouches for the account only.
    """
    account = operator_name()
    proof = f"(account {account})"
    return operator if operator == account or operator.endswith(proof) else f"{operator} {proof}"


class OperatorType(click.ParamType[str]):
    """Attributed value of `--operator`."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return attributed(str(value))


def by_operator(command: C) -> C:
    return click.option(
        "--operator",
        type=OperatorType(),
        default=operator_name,
        show_default="the account",
        help="Operator's name for the audit, recorded next to the account.",
    )(command)
