"""Whose request it is, and who pays for it."""

from libs.contracts.message import Value


class Account(Value):
    """The key (its public part), its owner and the owner's team as ids, the last two empty for none."""

    key_id: str = ""
    user: str = ""
    team: str = ""
