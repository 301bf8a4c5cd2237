"""Switches that admins turn off, for the whole installation."""

from typing import Protocol


class Switches(Protocol):
    """Named switches, each on by default."""

    def off(self, name: str) -> bool:
        """True if it is off; a change on another instance takes effect within two seconds.

        Takes microseconds. Raises Retryable while the state is unknown.
        """
        ...

    async def turn(self, name: str, actor: str, *, on: bool) -> None:
        """Turn it on or off, for every instance and across restarts. `actor` is for the audit.

        Idempotent. Raises Retryable while the store is unavailable.
        """
        ...
