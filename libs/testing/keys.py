"""Random keys for tests: none is published, and each is strong enough for a start."""

from libs.core.api_keys import new_api_key
from libs.core.key_roots import DATABASE, ROOTS, RootKeys
from libs.core.key_strength import new_secret_key
from libs.runtime.settings.role_passwords import VARIABLE, RolePasswords

API_KEY = new_api_key()
SIGNING_KEY = new_secret_key()
AUDIT_KEY = new_secret_key()
ANOTHER_KEY = new_secret_key()  # of another fleet


def every_root(key: str) -> dict[str, str]:
    """Variables of an installation with one key for all roots, for tests that are not about keys."""
    passwords = RolePasswords.derived(RootKeys(key)).as_text()
    return {root.variable: key for root in ROOTS} | {VARIABLE: passwords}


def own_roots() -> dict[str, str]:
    """Variables of an installation with a key of its own for every root."""
    made = {root.variable: new_secret_key() for root in ROOTS}
    return made | {VARIABLE: RolePasswords.derived(RootKeys(made[DATABASE.variable])).as_text()}
