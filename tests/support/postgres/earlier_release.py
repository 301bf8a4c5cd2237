"""A database as the release before the renamed roles and tables left it, with data and roles that log in."""

from libs.adapters.postgres.migrate import migrate, shipped
from libs.adapters.postgres.sessions import Connection
from libs.core.database_roles import RENAMED_ROLES, ROLES, derived_password, salt_of, scram_verifier

LAST = "0018_deletions.sql"
TENANT = "acme"
_OLD_NAMES = {current: old for old, current in RENAMED_ROLES.items()}
EARLIER_ROLES = tuple(_OLD_NAMES.get(role, role) for role in ROLES)
_DATA = f"""
INSERT INTO moe.subject_keys (tenant, subject, wrapped) VALUES ('{TENANT}', 'ada', 'wrapped');
INSERT INTO moe.accepted (tenant, response_id, kind, log_id, key_id, tag, content)
SELECT '{TENANT}', 'r1', 'opened', 'log-1', key_id, 'tag', 'content' FROM moe.subject_keys;
INSERT INTO moe.acts (tenant, action, actor, target) VALUES ('{TENANT}', 'hold-placed', 'ada', 'h1');
INSERT INTO moe.budgets (tenant, kind, holder, period, amount) VALUES ('{TENANT}', 'user', 'julia', 'daily', 1000);
INSERT INTO moe.budget_chunks (tenant, kind, holder, amount, reserved, expires_at)
VALUES ('{TENANT}', 'user', 'julia', 1000, 700, now() + interval '1 hour');
"""


async def install_earlier_release(owner: Connection, key: str) -> None:
    """Apply the migrations up to `LAST` as they were applied then. `owner` is a superuser."""
    await migrate(owner, ())
    for migration in shipped():
        if migration.name <= LAST:
            await owner.execute(migration.sql)
            await owner.execute("INSERT INTO moe.migrations VALUES ($1, $2)", migration.name, migration.sha256)
    await owner.execute(_DATA)
    for role in EARLIER_ROLES:
        password = derived_password(key, role)
        verifier = scram_verifier(password, salt_of(password))
        await owner.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{verifier}'")


async def roles_in(owner: Connection) -> set[str]:
    """Roles of the fleet on this server."""
    rows = await owner.fetch("SELECT rolname FROM pg_roles WHERE rolname ~ '^moe_'")
    return {row["rolname"] for row in rows}
