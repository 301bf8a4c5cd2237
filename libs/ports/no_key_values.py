"""Key-value store of an installation without one: always unavailable."""

from collections.abc import Sequence

from libs.ports.key_values import KeyValueStoreUnavailable


class NoKeyValues:
    async def get(self, name: str) -> bytes | None:
        raise KeyValueStoreUnavailable("there is no store")

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        raise KeyValueStoreUnavailable("there is no store")

    async def put_if_absent(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> bytes | None:
        raise KeyValueStoreUnavailable("there is no store")

    async def compare_and_swap(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        raise KeyValueStoreUnavailable("there is no store")

    async def delete(self, *names: str) -> None:
        raise KeyValueStoreUnavailable("there is no store")
