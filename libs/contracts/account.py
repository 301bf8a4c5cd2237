"""Owner of a request, and the budgets that pay for it."""

from libs.contracts.message import Value


class Account(Value):
    """The key (its public part), its owner and the owner's team as ids, the last two empty for none.

    `reserved` tokens, weighed by cost, were set aside in each of the budget `chunks` (their ids) when it came in.
    `priced_as` names what serves it, however the client spelled it; empty: what the client asked for.
    """

    key_id: str = ""
    user: str = ""
    team: str = ""
    reserved: int = 0
    chunks: tuple[str, ...] = ()
    priced_as: str = ""
