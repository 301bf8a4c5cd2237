"""`moe secrets`: create, show and rotate the root keys of an installation."""

import asyncio
import json
from typing import TYPE_CHECKING

import click

from moe.cli.context.operators import by_operator

if TYPE_CHECKING:
    from moe.cli.fleet.key_rotation import Step


@click.group()
def secrets() -> None:
    """Make, show and rotate the secret keys of an installation; docs/keys.md lists them."""


@secrets.command()
@click.option("--env", "as_env", is_flag=True, help="All keys of a new installation, as lines NAME=value.")
def generate(*, as_env: bool) -> None:
    """Print a new secret key: 256 random bits in hex. Nothing is kept."""
    from libs.core.api_keys import new_api_key
    from libs.core.key_roots import ROOTS, RootKeys
    from libs.core.key_strength import new_secret_key
    from moe.cli.context.root_keys import variables_of_roots

    if not as_env:
        click.echo(new_secret_key())
        return
    made = variables_of_roots({root: RootKeys(new_secret_key()) for root in ROOTS})
    _print_variables(made | {"MOE_BOOTSTRAP_API_KEY": new_api_key()})


@secrets.command()
@click.option("--service", default="", help="Only keys held by this service.")
@click.option("--env", "as_env", is_flag=True, help="The keys themselves, as lines NAME=value.")
@click.option("--json", "as_json", is_flag=True, help="The key ids as a JSON object.")
def show(service: str, *, as_env: bool, as_json: bool) -> None:
    """Show the ids of the keys, or with --env the variables that a service needs."""
    from moe.cli.fleet.key_rotation import ids_of, variables_for

    if as_env:
        _print_variables(variables_for(service))
        return
    found = ids_of(service)
    if as_json:
        click.echo(json.dumps(found))
    else:
        for name, ids in found.items():
            click.echo(f"{name:<10}  {'  '.join(ids) or 'not set'}")


@secrets.command()
def migrate() -> None:
    """Print the variables of an installation that had MOE_SIGNING_KEY alone, with that key as a previous one of each.

    For services that run apart; `moe up` does it by itself. Then run `moe migrate`, which sets the passwords of the
    database's roles and puts the journal's keys under their new root.
    """
    from moe.cli.fleet.key_rotation import split

    _print_variables(split())


@secrets.command()
@click.argument("root", metavar="ROOT")
@click.option(
    "--step",
    type=click.Choice(["use", "announce", "retire"]),
    default="use",
    show_default=True,
    help="announce: accept the next key, use the present one; use: use the next one, accept those before; retire: "
    "accept none of before (not for journal, audit and pseudonyms).",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
@by_operator
@click.option("--json", "as_json", is_flag=True, help="What was done as a JSON object, without any key.")
def rotate(root: str, step: "Step", operator: str, *, dry_run: bool, as_json: bool) -> None:
    """Replace the key of ROOT: envelopes, database, journal, audit, pseudonyms, notes or downloads.

    Keys of the data directory are replaced there; of configured ones, the new variables are printed. Where services
    run apart, take the step `announce` first and restart them one by one, then the step `use`, and restart them once
    more: no service ever meets a key that it does not know.
    """
    from moe.cli.fleet.key_rotation import rotated

    done = asyncio.run(rotated(root, step, operator, dry_run=dry_run))
    click.echo(json.dumps(done.as_json()) if as_json else "\n".join(done.as_text()), err=bool(done.variables))
    _print_variables(done.variables)


def _print_variables(variables: dict[str, str]) -> None:
    for name, value in variables.items():
        click.echo(f"{name}={value}")
