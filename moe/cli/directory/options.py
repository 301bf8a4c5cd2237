"""Options, stores and output that the directory commands share."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import click

from libs.ports.directory import Grant, Holder, KeyInfo, Team, Tenant, User
from libs.ports.identity import GRANT_KINDS, GrantKind
from moe.cli.context.operators import OperatorType, operator_name

if TYPE_CHECKING:
    from libs.adapters.identity.directory_writer import DirectoryWriter
    from libs.adapters.identity.users import UserStore

C = TypeVar("C", bound=Callable[..., object])
Entry = Tenant | User | Team | KeyInfo
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"([0-9]{1,6})([smhd])")


def span(text: str) -> float:
    """Seconds of a time span such as `30d`, `12h`, `15m` or `90s`. Raises click.BadParameter."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not a time span such as 30d, 12h or 15m")
    return float(int(found[1]) * _UNITS_S[found[2]])


def with_tenant(command: C) -> C:
    """Add `--tenant` and `--operator`; `directory_writer()` and `user_store()` read them."""
    whom = click.option(
        "--operator",
        type=OperatorType(),
        default=operator_name,
        show_default="the account",
        help="Operator's name for the audit, recorded next to the account.",
        expose_value=False,
        callback=remember,
    )
    where = click.option("--tenant", default="default", show_default=True, expose_value=False, callback=remember)
    return where(whom(command))


def remember(context: click.Context, option: click.Parameter, value: object) -> None:
    """Store an option that several commands share; `remembered` reads it."""
    context.meta[f"{__name__}.{option.name}"] = value


def remembered(name: str) -> object:
    return click.get_current_context().meta[f"{__name__}.{name}"]


def as_json_option(command: C) -> C:
    return click.option("--json", "as_json", is_flag=True, help="One JSON object per entry.")(command)


def of_grant(command: C) -> C:
    """Add the arguments KIND and RESOURCE."""
    resource = click.argument("resource")
    return click.argument("kind", type=click.Choice(GRANT_KINDS))(resource(command))


def directory_writer() -> "DirectoryWriter":
    """Raises ConfigurationError."""
    return directory_writer_of(str(remembered("tenant")), str(remembered("operator")))


def user_store() -> "UserStore":
    """Raises ConfigurationError."""
    from libs.adapters.identity.users import UserStore

    return UserStore(directory_writer())


def directory_writer_of(tenant: str, operator: str) -> "DirectoryWriter":
    """Raises ConfigurationError."""
    from libs.adapters.identity.directory_writer import DirectoryWriter
    from moe.cli.context.endpoints import database_passwords, postgres_url

    return DirectoryWriter(postgres_url(), database_passwords(), tenant, operator)


def grant_named(kind: str, resource: str) -> Grant:
    """Raises click.UsageError for an unknown kind."""
    return Grant(_kind(kind), resource)


def allow(holder: Holder, kind: str, resource: str) -> None:
    """Grant a resource and prints the result."""
    from libs.adapters.identity.grants import Permissions

    asyncio.run(Permissions(directory_writer()).grant(holder, grant_named(kind, resource)))
    click.echo(f"{holder.name} may use {kind} {resource}")


def revoke_grant(holder: Holder, kind: str, resource: str) -> None:
    """Revoke a grant of the holder itself and prints the result."""
    from libs.adapters.identity.grants import Permissions

    asyncio.run(Permissions(directory_writer()).withdraw(holder, grant_named(kind, resource)))
    click.echo(f"{holder.name} may not use {kind} {resource} any more")


def show(entries: Iterable[Entry], *, as_json: bool) -> None:
    """Print entries, one a line."""
    for entry in entries:
        click.echo(json.dumps(asdict(entry)) if as_json else line_of(entry))


def line_of(entry: Entry) -> str:
    """Human-readable line of an entry."""
    match entry:
        case Tenant():
            return f"{entry.tenant}  {entry.title}".rstrip()
        case User():
            state = "  disabled" if entry.disabled else ""
            return f"{entry.user_id}  {entry.name}{state}{_listed('teams', entry.teams)}{_granted(entry.grants)}"
        case Team():
            return f"{entry.team_id}  {entry.name}{_listed('members', entry.members)}{_granted(entry.grants)}"
        case KeyInfo():
            return f"{entry.lookup}  {entry.user}  {entry.state}{_about(entry)}{_granted(entry.grants)}"


def _about(key: KeyInfo) -> str:
    limits = key.limits
    told = {
        "name": key.name,
        "rpm": limits.requests_per_minute,
        "tpm": limits.tokens_per_minute,
        "streams": limits.streams,
        "profile": key.profile,
    }
    admin = "  admin" if key.admin else ""
    return admin + "".join(f"  {name}={value}" for name, value in told.items() if value)


def _listed(what: str, names: tuple[str, ...]) -> str:
    return f"  {what}={','.join(names)}" if names else ""


def _granted(grants: tuple[Grant, ...]) -> str:
    return _listed("grants", tuple(f"{grant.kind}:{grant.resource}" for grant in grants))


def _kind(word: str) -> GrantKind:
    for kind in GRANT_KINDS:
        if kind == word:
            return kind
    raise click.UsageError(f"{word!r} is not a kind of grant; valid kinds: {', '.join(GRANT_KINDS)}")
