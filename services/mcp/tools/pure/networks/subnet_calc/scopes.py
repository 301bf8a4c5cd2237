"""What a whole network is for, by the registered blocks around it and in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from libs.core.address_blocks import BLOCKS, Network, block_around, is_within


@dataclass(frozen=True, slots=True)
class Scope:
    """What a whole network is for; flags are None where its parts differ or nothing is defined."""

    purpose: str
    reachable: bool | None
    private: bool | None


def scope_of(network: Network) -> Scope:
    """Scope of a network: that of the smallest block around it, or `mixed` if it spans several."""
    around = block_around(network)
    inside = [block for block in BLOCKS if block is not around and is_within(block.network, network)]
    parts = (around, *inside)
    return Scope(
        purpose="mixed" if inside else around.purpose,
        reachable=_common(part.reachable for part in parts),
        private=_common(part.private for part in parts),
    )


def _common(flags: Iterable[bool | None]) -> bool | None:
    different = set(flags)
    return different.pop() if len(different) == 1 else None
