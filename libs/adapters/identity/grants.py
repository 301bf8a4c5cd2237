"""Grants in the directory: resources that users, teams and keys may use."""

from libs.adapters.identity.directory_writer import DirectoryWriter, NotInDirectory, UnfitName
from libs.adapters.postgres.sessions import Session
from libs.ports.directory import Grant, Holder, HolderKind

_COLUMNS: dict[HolderKind, str] = {"user": "user_id", "team": "team_id", "key": "lookup"}


class Permissions:
    def __init__(self, writer: DirectoryWriter) -> None:
        self._writer = writer

    async def grant(self, holder: Holder, grant: Grant) -> None:
        """Idempotent. Raises NotInDirectory and UnfitName."""
        async with self._writer.session() as session:
            named = Holder(holder.kind, await self._writer.id_of(session, holder))
            await write_grant(self._writer, session, named, grant)

    async def withdraw(self, holder: Holder, grant: Grant) -> None:
        """Raises NotInDirectory, also if the holder has no such grant of its own."""
        column = _COLUMNS[holder.kind]
        async with self._writer.session() as session:
            holder_id = await self._writer.id_of(session, holder)
            deleted = await session.fetchval(
                f"DELETE FROM moe.grants WHERE {column} = $1 AND kind = $2 AND resource = $3 RETURNING kind",
                *(holder_id, grant.kind, grant.resource),
            )
            if deleted is None:
                raise NotInDirectory(f"{holder.kind} {holder.name!r} has no grant of its own: {_words(grant)}")
            await self._writer.record_audit(session, "grant-withdrawn", holder_id, _words(grant))


async def write_grant(office: DirectoryWriter, session: Session, holder: Holder, grant: Grant) -> None:
    """`holder` is named by its id. Raises UnfitName."""
    if not grant.resource:
        raise UnfitName(f"a grant of {grant.kind} names nothing; `*` stands for all of it")
    await session.execute(
        f"INSERT INTO moe.grants (tenant, {_COLUMNS[holder.kind]}, kind, resource, granted_by) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        *(office.tenant, holder.name, grant.kind, grant.resource, office.actor),
    )
    await office.record_audit(session, "grant-given", holder.name, _words(grant))


def _words(grant: Grant) -> str:
    return f"{grant.kind} {grant.resource}"
