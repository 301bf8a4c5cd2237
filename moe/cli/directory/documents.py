"""Commands shared by `moe templates` and `moe profiles`: import, export, list, show, delete."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TypeVar

import click

from libs.adapters.identity.directory_writer import DirectoryWriter
from libs.adapters.templates.document_writer import TEMPLATES, Documents, Kind, Put, StoredDocument
from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate
from libs.contracts.template_parsing import UnfitDocument
from moe.cli.context.operators import by_operator
from moe.cli.directory.document_files import STANDARD, export_of, read_documents, write
from moe.cli.directory.options import as_json_option, directory_writer_of

D = TypeVar("D", ExpertTemplate, Profile)
_IDS = click.argument("ids", nargs=-1)
_IN_TENANT = click.option("--tenant", default="default", show_default=True)


def add_commands(group: click.Group, kind: Kind[D]) -> None:
    """Add the commands for one kind of document to a group."""
    for make in (_import, _export, _list, _show, _delete):
        group.add_command(make(kind))


def _import(kind: Kind[D]) -> click.Command:
    @click.command("import")
    @click.argument("files", nargs=-1, required=True)
    @_IN_TENANT
    @by_operator
    @as_json_option
    def command(files: tuple[str, ...], tenant: str, operator: str, *, as_json: bool) -> None:
        """Keep what FILES hold (JSON; - is standard input), all of it or, if one does not fit, nothing.

        What is there under an id is replaced. Gateways follow within 5 s; requests that run are not changed.
        """
        done = asyncio.run(_put(_stored_documents(kind, tenant, operator), kind, files))
        for each in done:
            click.echo(json.dumps(asdict(each)) if as_json else f"{each.id}  version {each.version}  {each.change}")

    return command


def _export(kind: Kind[D]) -> click.Command:
    @click.command("export")
    @_IDS
    @click.option("--output", "-o", default=STANDARD, metavar="FILE", help="Where to; default: standard output.")
    @_IN_TENANT
    def command(ids: tuple[str, ...], output: str, tenant: str) -> None:
        """Write the documents with these IDS, without IDS all of them, as `import` reads them."""
        kept = asyncio.run(_stored_documents(kind, tenant, "").all(ids))
        write(output, export_of((_fields(each) for each in kept), kind.words))

    return command


def _list(kind: Kind[D]) -> click.Command:
    @click.command("list")
    @_IN_TENANT
    @as_json_option
    def command(tenant: str, *, as_json: bool) -> None:
        """Print what the tenant has, one a line."""
        for each in asyncio.run(_stored_documents(kind, tenant, "").all()):
            click.echo(json.dumps(_about(each)) if as_json else _line(each))

    return command


def _show(kind: Kind[D]) -> click.Command:
    @click.command("show")
    @click.argument("document_id", metavar="ID")
    @_IN_TENANT
    def command(document_id: str, tenant: str) -> None:
        """Print one document as JSON, with its version and who changed it last."""
        (kept,) = asyncio.run(_stored_documents(kind, tenant, "").all([document_id]))
        click.echo(json.dumps({**_fields(kept), **_history(kept)}, indent=2, ensure_ascii=False))

    return command


def _delete(kind: Kind[D]) -> click.Command:
    @click.command("delete")
    @click.argument("ids", nargs=-1, required=True)
    @_IN_TENANT
    @by_operator
    def command(ids: tuple[str, ...], tenant: str, operator: str) -> None:
        """Take documents away, all of IDS or none. Callers that are granted one or bound to it get 422 then."""
        asyncio.run(_stored_documents(kind, tenant, operator).delete(ids))
        for each in ids:
            click.echo(f"deleted {each}")

    return command


async def _put(stored_documents: Documents[D], kind: Kind[D], files: tuple[str, ...]) -> tuple[Put, ...]:
    from moe.cli.directory.document_checks import check_models

    documents: list[D] = []
    for name, value in read_documents(files, kind.words):
        try:
            read = kind.read(value)
        except UnfitDocument as error:
            raise UnfitDocument(f"{name}: {error}") from error
        _warn(*read.warnings)
        documents.append(read.document)
    _warn(*await check_models(documents), *await _without_template(stored_documents.writer, documents))
    return await stored_documents.put(documents)


async def _without_template(office: DirectoryWriter, documents: Sequence[ExpertTemplate | Profile]) -> list[str]:
    """A line for each profile whose template does not exist yet."""
    wanted = {each.expert_template_id: each.id for each in documents if isinstance(each, Profile)}
    if not any(wanted):
        return []
    there = {kept.document.id for kept in await Documents(office, TEMPLATES).all()}
    return [f"{who}: there is no template {name!r} yet" for name, who in wanted.items() if name and name not in there]


def _warn(*lines: str) -> None:
    for line in lines:
        click.echo(f"warning: {line}", err=True)


def _stored_documents(kind: Kind[D], tenant: str, operator: str) -> Documents[D]:
    return Documents(directory_writer_of(tenant, operator), kind)


def _fields(kept: StoredDocument[D]) -> dict[str, object]:
    fields: dict[str, object] = kept.document.model_dump(mode="json", exclude_defaults=True)
    return fields


def _history(kept: StoredDocument[D]) -> dict[str, object]:
    return {"version": kept.version, "updated_at": kept.updated_at, "updated_by": kept.updated_by}


def _about(kept: StoredDocument[D]) -> dict[str, object]:
    return {"id": kept.document.id, "name": kept.document.name, **_history(kept)}


def _line(kept: StoredDocument[D]) -> str:
    return f"{kept.document.id}  {kept.document.name}  version {kept.version}  by {kept.updated_by}"
