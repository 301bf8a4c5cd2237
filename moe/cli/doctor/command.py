"""`moe doctor`: check an installation and advise on repairs."""

import asyncio

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all findings.")
def doctor(*, as_json: bool) -> None:
    """Check settings, stores, topics and models, and say what to do.

    Looks at what is configured and, for the rest, at the fleet that runs on MOE_DATA_DIR. Changes nothing. Exit code 1
    if something that is needed does not work.
    """
    from moe.cli.doctor import findings as found
    from moe.cli.doctor.checks import run_checks

    findings = asyncio.run(run_checks())
    for line in [found.as_json(findings)] if as_json else found.as_table(findings):
        click.echo(line)
    if found.has_failed(findings):
        raise SystemExit(1)
