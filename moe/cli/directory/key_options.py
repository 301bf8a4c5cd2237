"""Options that describe an API key."""

import click

from libs.core.api_keys import PREFIX
from libs.ports.directory import NewKey
from libs.ports.identity import KeyLimits
from moe.cli.directory.options import C, remember, remembered, span

_COUNT = click.IntRange(min=0, max=2**31 - 1)
_TEXTS = {
    "--profile": "Claude Code profile to bind the key to.",
    "--team": "Team of the owner that is charged; default: the first.",
    "--name": "Label of the key for people.",
}
_NUMBERS = {"--streams": "Streams at once", "--tpm": "Tokens a minute", "--rpm": "Requests a minute"}
_LIFETIME = "Lifetime: 30d, 12h, 15m; default: until it is revoked."


def of_key(command: C) -> C:
    """Add the argument LOOKUP. Keeps only the public part of a whole key: printed text holds no secret."""
    return click.argument("lookup", callback=_public_part)(command)


def of_wish(command: C) -> C:
    """Add the options; `wish_for` reads them."""
    command = click.option(
        "--admin", is_flag=True, help="The key is also valid for admin routes.", expose_value=False, callback=remember
    )(command)
    for name, what in _NUMBERS.items():
        told = f"{what}; 0: no limit of the key's own."
        command = click.option(name, type=_COUNT, default=0, help=told, expose_value=False, callback=remember)(command)
    command = click.option("--expires", type=span, help=_LIFETIME, expose_value=False, callback=remember)(command)
    for name, told in _TEXTS.items():
        command = click.option(name, default="", help=told, expose_value=False, callback=remember)(command)
    return command


def wish_for(user: str) -> NewKey:
    lifetime_s = remembered("expires")
    return NewKey(
        user=user,
        name=_text("name"),
        team=_text("team"),
        lifetime_s=lifetime_s if isinstance(lifetime_s, float) else None,
        limits=KeyLimits(_number("rpm"), _number("tpm"), _number("streams")),
        profile=_text("profile"),
        admin=bool(remembered("admin")),
    )


def _public_part(_context: click.Context, _argument: click.Parameter, given: str) -> str:
    return given.strip().removeprefix(PREFIX).partition("-")[0]


def _text(name: str) -> str:
    return str(remembered(name))


def _number(name: str) -> int:
    value = remembered(name)
    return value if isinstance(value, int) else 0
