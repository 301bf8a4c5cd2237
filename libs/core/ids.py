"""Identifiers: a response id holds its reply partition; an event id is a function of the event it names."""

import hashlib
import os
import re
import uuid
from functools import lru_cache

RESPONSE_PREFIX = "chatcmpl-"
_PUBLIC_PREFIXES = ("resp_", "msg_", "cmpl-")  # other protocols use these instead
MAX_REPLY_PARTITIONS = 4096  # the 12 bits of RFC 9562's custom_b
_UUID8 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SYSTEM_TENANT = "system"  # owns all records that belong to no tenant


def new_response_id(reply_partition: int, now_s: float) -> str:
    """`chatcmpl-<UUIDv8>`: 48 bits of Unix milliseconds, 12 bits of reply partition, 62 random bits."""
    if not 0 <= reply_partition < MAX_REPLY_PARTITIONS:
        raise ValueError(f"reply partition {reply_partition} is not in 0..{MAX_REPLY_PARTITIONS - 1}")
    milliseconds = int(now_s * 1000) & 0xFFFF_FFFF_FFFF
    chance = int.from_bytes(os.urandom(8)) >> 2  # what `secrets` returns after three more calls
    time, random = f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}", chance & 0xFFFF_FFFF_FFFF
    return f"{RESPONSE_PREFIX}{time}-8{reply_partition:03x}-{0x8000 | chance >> 48:04x}-{random:012x}"


def reply_partition_of(response_id: str) -> int:
    """Raises ValueError for any text that is not one of our response ids."""
    return int.from_bytes(_bytes_of(response_id)[6:8]) & 0xFFF


def accepted_at_of(response_id: str) -> float:
    """Creation time in Unix seconds. Raises ValueError for any text that is not one of our response ids."""
    return int.from_bytes(_bytes_of(response_id)[:6]) / 1000


def response_uuid(response_id: str) -> uuid.UUID:
    """Raises ValueError for any text that is not one of our response ids."""
    return uuid.UUID(bytes=_bytes_of(response_id))


def system_response_id(name: str) -> str:
    """The id of a history without a request: a function of its name, with the last reply partition."""
    digest = int.from_bytes(hashlib.sha256(f"system/{name}".encode()).digest()[:16])
    value = digest & ~(0xFFFF << 64 | 0b11 << 62) | 0x8 << 76 | (MAX_REPLY_PARTITIONS - 1) << 64 | 0b10 << 62
    return RESPONSE_PREFIX + _written(f"{value:032x}")


def is_response_id(text: str) -> bool:
    try:
        response_uuid(text)
    except ValueError:
        return False
    return True


def public_id(response_id: str, prefix: str) -> str:
    """The response id as clients of another protocol know it."""
    return prefix + response_id.removeprefix(RESPONSE_PREFIX)


def response_id_in(text: str) -> str:
    """The response id in a client's text, with the prefix of any protocol; any other text is unchanged."""
    for prefix in _PUBLIC_PREFIXES:
        if text.startswith(prefix):
            return RESPONSE_PREFIX + text[len(prefix) :]
    return text


def event_id(response_id: str, stage: str, part: str = "", revision: int = 0) -> str:
    """The UUIDv5 of one event. Equal inputs give equal ids, so repeated work is recognised."""
    name = f"{stage}/{part}/{revision}".encode()
    digest = bytearray(hashlib.sha1(_bytes_of(response_id) + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return _written(digest.hex())


@lru_cache(maxsize=4096)
def _bytes_of(response_id: str) -> bytes:
    """The 16 bytes of a UUIDv8. Raises ValueError."""
    # `uuid.UUID` takes four times as long, and every event of a response needs these bytes.
    digits = response_id.removeprefix(RESPONSE_PREFIX)
    if len(digits) == len(response_id) or not _UUID8.fullmatch(digits):
        raise ValueError(f"not a response id: {response_id[:80]!r}")
    return bytes.fromhex(digits.replace("-", ""))


def _written(digits: str) -> str:
    # `uuid.UUID` takes three times as long.
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
