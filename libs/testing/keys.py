"""Random keys for tests: none is published, and each is strong enough for a start."""

import hmac

from libs.core.api_keys import new_api_key
from libs.core.key_roots import DATABASE, ENVELOPES, ROOTS, RootKeys
from libs.core.key_strength import new_secret_key
from libs.runtime.settings.role_passwords import VARIABLE, RolePasswords

API_KEY = new_api_key()
SIGNING_KEY = new_secret_key()
AUDIT_KEY = new_secret_key()
ANOTHER_KEY = new_secret_key()  # of another fleet


def every_root(key: str) -> dict[str, str]:
    """Variables of services inside a test with one key for all roots. A process would not start with them."""
    return _with_passwords({root.variable: key for root in ROOTS})


def roots_beside(signing_key: str) -> dict[str, str]:
    """Variables of an installation with this signing key; the other roots are the same at every call."""
    made = {root.variable: hmac.digest(signing_key.encode(), root.name.encode(), "sha256").hex() for root in ROOTS}
    return _with_passwords(made | {ENVELOPES.variable: signing_key})


def own_roots() -> dict[str, str]:
    """Variables of an installation with a key of its own for every root."""
    return _with_passwords({root.variable: new_secret_key() for root in ROOTS})


def _with_passwords(keys: dict[str, str]) -> dict[str, str]:
    return keys | {VARIABLE: RolePasswords.derived(RootKeys(keys[DATABASE.variable])).as_text()}
