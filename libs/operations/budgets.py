"""Budgets of users and teams of one tenant, named as operators name them."""

from collections.abc import Mapping

from libs.adapters.identity.directory_writer import DirectoryWriter
from libs.adapters.identity.users import UserStore
from libs.adapters.quota.budgets.admin import BudgetLine, PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder
from libs.ports import directory as names
from libs.ports.quota import Period


async def holder_of(directory: DirectoryWriter, named: Holder) -> Holder:
    """The holder by id, of one named by name or id. Raises NotInDirectory."""
    if (named.kind, named.id) == ("user", named.tenant):  # owner of the bootstrap key; has no directory entry
        return named
    async with directory.session() as session:
        found = await directory.id_of(session, names.Holder(named.kind, named.id))
    return Holder(named.tenant, named.kind, found)


async def set_budgets(
    admin: PostgresBudgetAdmin, holder: Holder, amounts: Mapping[Period, int | None], operator: str
) -> list[BudgetLine]:
    """Set or lift (None) budgets of a holder; return all that it then has. Audited."""
    await admin.set(holder, amounts, operator)
    return await budgets_of(admin, holder)


async def budgets_of(admin: PostgresBudgetAdmin, holder: Holder) -> list[BudgetLine]:
    return [line for line in await admin.lines() if (line.kind, line.holder) == (holder.kind, holder.id)]


async def display_names(directory: DirectoryWriter) -> Mapping[str, str]:
    """Names of the users and teams of the tenant, by id."""
    store = UserStore(directory)
    users = {user.user_id: user.name for user in await store.users()}
    return users | {team.team_id: team.name for team in await store.teams()}
