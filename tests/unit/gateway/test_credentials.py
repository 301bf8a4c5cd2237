import pytest

from libs.core.credentials import Keys

KEYS = Keys.of("secret-key-1", "default")


@pytest.mark.parametrize("authorization", [b"Bearer secret-key-1", b"bearer secret-key-1", b"BEARER  secret-key-1 "])
def test_the_key_opens(authorization: bytes) -> None:
    assert KEYS.tenant_of(authorization) == "default"


@pytest.mark.parametrize(
    "authorization",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer secret-key-2",
        b"Basic secret-key-1",
        b"secret-key-1",
        b"Bearer secret-key-1\xff",
    ],
)
def test_nothing_else_does(authorization: bytes) -> None:
    assert KEYS.tenant_of(authorization) is None


def test_the_key_itself_is_not_kept() -> None:
    assert "secret-key-1" not in repr(KEYS)
