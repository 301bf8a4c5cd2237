"""The request that creates SCRAM users (AlterUserScramCredentials, KIP-554), which the client library lacks."""

import hashlib
import secrets
from typing import ClassVar

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_SHA_512 = 2  # ScramMechanism of the request
_ITERATIONS = 8192  # more add no protection to a password with 192 random bits
_SALT_BYTES = 32


class _AlterScramUsersResponse(Response):  # type: ignore[misc]  # the library has no types
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScramUsersRequest(RequestStruct):  # type: ignore[misc]  # the library has no types
    FLEXIBLE_VERSION = True
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = _AlterScramUsersResponse
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class UpsertScramUser(Request[_AlterScramUsersRequest]):  # type: ignore[misc]  # the library has no types
    """Creates a user, or replaces its password."""

    API_KEY: ClassVar[int] = 51

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._salt = secrets.token_bytes(_SALT_BYTES)
        self._salted = hashlib.pbkdf2_hmac("sha512", password.encode(), self._salt, _ITERATIONS)

    def build(self, request_struct_class: type[_AlterScramUsersRequest]) -> _AlterScramUsersRequest:
        return request_struct_class([], [(self._username, _SHA_512, _ITERATIONS, self._salt, self._salted, {})], {})
