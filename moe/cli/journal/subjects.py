"""Options that identify a person: a pseudonym, or the user's own id."""

import re
from collections.abc import Callable
from typing import TypeVar
from unicodedata import normalize

import click

from libs.core.key_roots import PSEUDONYMS
from libs.core.subjects import PSEUDONYM_CHARS, pseudonym
from moe.cli.context.root_keys import root_keys

C = TypeVar("C", bound=Callable[..., object])
_USER = f"{__name__}.user"
_PSEUDONYM = re.compile(rf"[0-9a-f]{{{PSEUDONYM_CHARS}}}")


def of_subject(command: C) -> C:
    """Add `--subject` and `--user`."""
    told = "The user's id; the pseudonym is computed from it."
    user = click.option("--user", default="", metavar="ID", help=told, expose_value=False, callback=_remember)
    subject = click.option("--subject", default="", metavar="PSEUDONYM", help="The pseudonym, 32 hex digits.")
    return subject(user(command))


def subjects_named(tenant: str, subject: str) -> tuple[str, ...]:
    """Pseudonyms of `--subject` or `--user`; empty without both. Raises click.UsageError.

    A user has one pseudonym for each pseudonym key so far and each spelling, the current key and the given one first.
    """
    user = click.get_current_context().meta.get(_USER, "")
    if subject and user:
        raise click.UsageError("use either --subject or --user")
    if subject and not _PSEUDONYM.fullmatch(subject):
        raise click.UsageError(f"--subject: a pseudonym is {PSEUDONYM_CHARS} hex digits; --user takes the user's id")
    if subject or not user:
        return (subject,) if subject else ()
    keys = root_keys(PSEUDONYMS).all
    return tuple(pseudonym(key, tenant, spelling) for spelling in spellings(user) for key in keys)


def spellings(user: str) -> tuple[str, ...]:
    """The id as given, and in the normal forms of Unicode: equal on every screen, and other bytes in a request."""
    return tuple(dict.fromkeys((user, normalize("NFC", user), normalize("NFD", user))))


def _remember(context: click.Context, _option: click.Parameter, user: str) -> None:
    context.meta[_USER] = user
