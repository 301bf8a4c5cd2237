"""Migrates a database to this version: plain SQL files, each applied once, in order."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from libs.adapters.postgres.renamed_roles import rename_roles, with_renamed_roles
from libs.adapters.postgres.sessions import DURABLY_FOUND, Connection
from libs.core.errors import ConfigurationError

FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x6D6F65_4D494752  # "moe" and "MIGR": one migration at a time in a database
_PREPARE = """
CREATE SCHEMA IF NOT EXISTS moe;
CREATE TABLE IF NOT EXISTS moe.migrations (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT USAGE ON SCHEMA moe TO PUBLIC;
GRANT SELECT ON moe.migrations TO PUBLIC;
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file. It never changes after it was applied anywhere."""

    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def shipped() -> tuple[Migration, ...]:
    """The migrations of this version, in order."""
    return tuple(Migration(file.name, file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.sql")))


def pending(migrations: Sequence[Migration], applied: Mapping[str, str]) -> tuple[Migration, ...]:
    """The migrations to apply. `applied` maps names to checksums; unknown names belong to a newer version.

    Raises ConfigurationError if a migration differs from the applied one, or if a missing one precedes an applied one.
    """
    for migration in migrations:
        if applied.get(migration.name, migration.sha256) != migration.sha256:
            raise ConfigurationError(
                f"POSTGRES_CHECKPOINT_URL: migration {migration.name} differs from the applied one"
            )
    missing = tuple(migration for migration in migrations if migration.name not in applied)
    known = [migration.name for migration in migrations if migration.name in applied]
    if missing and known and missing[0].name < known[-1]:
        raise ConfigurationError(f"POSTGRES_CHECKPOINT_URL: migration {missing[0].name} was skipped in this database")
    return missing


async def migrate(owner: Connection, migrations: Sequence[Migration] | None = None) -> tuple[str, ...]:
    """Apply pending migrations in one transaction, one process at a time, and return their names. Idempotent.

    Roles of an earlier release are renamed first, so later migrations grant to the new names. `owner` must be able to
    create schemas and roles. Raises ConfigurationError as `pending` and `rename_roles` do, and asyncpg's errors.
    """
    async with owner.transaction():
        await owner.execute(f"SELECT pg_advisory_xact_lock($1), {DURABLY_FOUND}", _LOCK)
        await rename_roles(owner)
        await owner.execute(_PREPARE)
        missing = pending(shipped() if migrations is None else migrations, await applied_in(owner))
        for migration in missing:
            await owner.execute(with_renamed_roles(migration.sql))
            await owner.execute(
                "INSERT INTO moe.migrations (name, sha256) VALUES ($1, $2)", migration.name, migration.sha256
            )
    return tuple(migration.name for migration in missing)


async def applied_in(connection: Connection) -> dict[str, str]:
    """Checksums by name; empty for a database that was never migrated."""
    if await connection.fetchval("SELECT to_regclass('moe.migrations')") is None:
        return {}
    rows = await connection.fetch("SELECT name, sha256 FROM moe.migrations")
    return {row["name"]: row["sha256"] for row in rows}
