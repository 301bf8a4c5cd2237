"""Keys for tests, other ones in every run: none of them is published, and every one is strong enough to start with."""

import secrets

from libs.core.api_keys import new_api_key

API_KEY = new_api_key()
SIGNING_KEY = secrets.token_hex(32)
AUDIT_KEY = secrets.token_hex(32)
ANOTHER_KEY = secrets.token_hex(32)  # of another fleet
