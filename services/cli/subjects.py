"""The options that name a person: a pseudonym, or the user's own id."""

import re
from collections.abc import Callable
from typing import TypeVar

import click

from libs.core.subjects import PSEUDONYM_CHARS, pseudonym

C = TypeVar("C", bound=Callable[..., object])
_USER = f"{__name__}.user"
_PSEUDONYM = re.compile(rf"[0-9a-f]{{{PSEUDONYM_CHARS}}}")


def of_subject(command: C) -> C:
    """Add `--subject` and `--user`."""
    told = "The user's id; the pseudonym is computed from it."
    user = click.option("--user", default="", metavar="ID", help=told, expose_value=False, callback=_remember)
    subject = click.option("--subject", default="", metavar="PSEUDONYM", help="The pseudonym, 32 hex digits.")
    return subject(user(command))


def subject_named(tenant: str, subject: str, signing_key: str) -> str:
    """Return the pseudonym that `--subject` or `--user` gives, empty without both. Raises click's UsageError."""
    user = click.get_current_context().meta.get(_USER, "")
    if subject and user:
        raise click.UsageError("give --subject or --user, not both")
    if subject and not _PSEUDONYM.fullmatch(subject):
        raise click.UsageError(f"--subject: a pseudonym is {PSEUDONYM_CHARS} hex digits; --user takes the user's id")
    return subject or pseudonym(signing_key, tenant, user)


def _remember(context: click.Context, _option: click.Parameter, user: str) -> None:
    context.meta[_USER] = user
