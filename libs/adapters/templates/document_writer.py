"""Writes, lists and deletes templates and profiles of a tenant in Postgres."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import asyncpg
import orjson

from libs.adapters.identity.directory_writer import DirectoryWriter, NotInDirectory
from libs.adapters.postgres.sessions import Session
from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate
from libs.contracts.template_parsing import Read, UnfitDocument, read_profile, read_template

D = TypeVar("D", ExpertTemplate, Profile)
Change = Literal["created", "changed", "unchanged"]
_PUT = """
INSERT INTO moe.{table} AS kept (tenant, {key}, name, document, updated_by) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, {key}) DO UPDATE SET name = excluded.name, document = excluded.document, updated_at = now(),
    updated_by = excluded.updated_by, version = nextval('moe.document_versions')
    WHERE kept.document <> excluded.document
RETURNING version, xmax = 0 AS created
"""
_VERSION = "SELECT version FROM moe.{table} WHERE {key} = $1"
_SHOW = """
SELECT version, document, updated_by, extract(epoch FROM updated_at)::float8 AS updated_at FROM moe.{table}
ORDER BY {key}
"""
_DELETE = "DELETE FROM moe.{table} WHERE {key} = $1 RETURNING {key}"


@dataclass(frozen=True, slots=True)
class Kind(Generic[D]):
    """`word` names one document, `words` its list in a file."""

    word: str
    words: str
    table: str
    key: str
    read: Callable[[object], Read[D]]

    def sql(self, statement: str) -> str:
        return statement.format(table=self.table, key=self.key)


TEMPLATES: Kind[ExpertTemplate] = Kind("template", "templates", "templates", "template_id", read_template)
PROFILES: Kind[Profile] = Kind("profile", "profiles", "profiles", "profile_id", read_profile)


@dataclass(frozen=True, slots=True)
class Put:
    id: str
    version: int
    change: Change


@dataclass(frozen=True, slots=True)
class StoredDocument(Generic[D]):
    """`updated_at` is Unix time."""

    document: D
    version: int
    updated_at: float
    updated_by: str


class Documents(Generic[D]):
    """The templates or the profiles of the writer's tenant."""

    def __init__(self, writer: DirectoryWriter, kind: Kind[D]) -> None:
        self._writer = writer
        self._kind: Kind[D] = kind

    @property
    def writer(self) -> DirectoryWriter:
        return self._writer

    async def put(self, documents: Sequence[D]) -> tuple[Put, ...]:
        """Store all documents or, if one is invalid, none; replaces documents with the same id.

        Raises UnfitDocument for two of one name and two default profiles, and UnknownTenant.
        """
        async with self._writer.session() as session:
            with _translated_errors(self._writer.tenant):
                done = [await self._put(session, each) for each in sorted(documents, key=_is_default)]
                await session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return tuple(done)

    async def all(self, ids: Sequence[str] = ()) -> tuple[StoredDocument[D], ...]:
        """The documents of `ids`, in that order; without ids all of them, by id. Raises NotInDirectory."""
        async with self._writer.session() as session:
            rows = await session.fetch(self._kind.sql(_SHOW))
        stored = {each.document.id: each for each in map(self._stored_document, rows)}
        if missing := [each for each in ids if each not in stored]:
            raise NotInDirectory(f"tenant {self._writer.tenant} has no {self._kind.word} {missing[0]!r}")
        return tuple(stored[each] for each in (ids or stored))

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete all of them or, if one is missing, none. Raises NotInDirectory."""
        async with self._writer.session() as session:
            for each in ids:
                if await session.fetchval(self._kind.sql(_DELETE), each) is None:
                    raise NotInDirectory(f"tenant {self._writer.tenant} has no {self._kind.word} {each!r}")
                await self._writer.record_audit(session, f"{self._kind.word}-deleted", each)

    async def _put(self, session: Session, document: D) -> Put:
        body = document.model_dump_json(exclude_defaults=True)
        values = (self._writer.tenant, document.id, document.name, body, self._writer.actor)
        row = await session.fetchrow(self._kind.sql(_PUT), *values)
        if row is None:
            version = await session.fetchval(self._kind.sql(_VERSION), document.id)
            return Put(document.id, int(version), "unchanged")
        change: Change = "created" if row["created"] else "changed"
        await self._writer.record_audit(
            session, f"{self._kind.word}-{change}", document.id, f"version {row['version']}"
        )
        return Put(document.id, row["version"], change)

    def _stored_document(self, row: asyncpg.Record) -> StoredDocument[D]:
        document = self._kind.read(orjson.loads(row["document"])).document
        return StoredDocument(document, row["version"], row["updated_at"], row["updated_by"])


def _is_default(document: ExpertTemplate | Profile) -> bool:
    """Sorts the new default last: the old one must lose the flag first."""
    return isinstance(document, Profile) and document.default


@contextmanager
def _translated_errors(tenant: str) -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        what = "two default profiles" if error.constraint_name == "one_default_profile" else "two templates of one name"
        raise UnfitDocument(f"tenant {tenant} would have {what}") from error
