"""`moe templates`: expert templates that requests name."""

import click

from libs.adapters.templates.document_writer import TEMPLATES
from moe.cli.directory.documents import add_commands


@click.group()
def templates() -> None:
    """Import, export, list, show and delete expert templates. What was done is audited.

    Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY or, when they are not set, those of the fleet on MOE_DATA_DIR.
    An import looks whether the servers and models are there: those of INFERENCE_SERVERS or of that fleet.
    """


add_commands(templates, TEMPLATES)
