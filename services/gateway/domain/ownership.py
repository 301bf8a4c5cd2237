"""Whose a response is: the user's whose key asked for it. Admins of the tenant see all of theirs."""

from libs.contracts.account import Account
from libs.ports.identity import Caller


def may_see(caller: Caller, account: Account) -> bool:
    """Return whether a response of the caller's own tenant, asked for on `account`, is the caller's to see.

    What was asked before requests had accounts belongs to the tenant.
    """
    return caller.admin or not account.user or account.user == caller.user
