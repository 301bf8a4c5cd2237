"""Ownership of responses: by the user of the requesting key. Admins see all responses of their tenant."""

from libs.contracts.account import Account
from libs.ports.identity import Caller


def may_see(caller: Caller, account: Account) -> bool:
    """For a response of the caller's own tenant, requested on `account`.

    Responses from before requests had accounts belong to the whole tenant.
    """
    return caller.admin or not account.user or account.user == caller.user
