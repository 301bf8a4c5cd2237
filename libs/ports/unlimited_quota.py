"""The quota service of an installation without stores: admits every request."""

from libs.contracts.account import Account
from libs.contracts.model_call import Usage
from libs.ports.quota import QuotaRequest, QuotaStatus, Reservation


class UnlimitedReservation:
    """Reserves nothing, so settling and releasing it have no effect."""

    __slots__ = ("account",)

    def __init__(self, request: QuotaRequest) -> None:
        caller = request.caller
        self.account = Account(key_id=caller.key_id, user=caller.user, team=caller.team, priced_as=request.priced_as)

    def status(self) -> QuotaStatus:
        return QuotaStatus()

    def settle(self, usage: Usage | None) -> None:
        """No-op."""

    def release(self) -> None:
        """No-op."""


class UnlimitedQuota:
    async def reserve(self, request: QuotaRequest) -> Reservation:
        return UnlimitedReservation(request)
