"""What admins have switched off, for the whole installation."""

from typing import Protocol


class Switches(Protocol):
    """Things by name, each on until somebody switches it off."""

    def off(self, name: str) -> bool:
        """Return whether it is switched off; another instance's act is known within two seconds.

        Takes microseconds. Raises Retryable while nobody can tell.
        """
        ...

    async def turn(self, name: str, actor: str, *, on: bool) -> None:
        """Switch it on or off, for every instance and past every restart. `actor` is who does it, for the audit.

        May be repeated. Raises Retryable where it cannot be kept.
        """
        ...
