"""`moe secrets`: make keys."""

import click


@click.group()
def secrets() -> None:
    """Make the secret keys of an installation."""


@secrets.command()
def generate() -> None:
    """Print a new secret key: 256 random bits in hex. It is kept nowhere."""
    from libs.core.key_strength import new_secret_key

    click.echo(new_secret_key())
