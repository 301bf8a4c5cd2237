"""What the tests of erasures share: gateways that know the journal's database, and operators who erase in it."""

from contextlib import AbstractAsyncContextManager

from libs.adapters.journal_erasure import ErasureRequest, erase
from libs.core.subjects import pseudonym
from libs.testing.keys import SIGNING_KEY, every_root
from tests.integration.gateway.town import Gateway, Town, gateway

CANARY = "xylophone-4711"


def checking(
    town: Town, url: str, ordinal: int = 0, *, settings: dict[str, str] | None = None
) -> AbstractAsyncContextManager[Gateway]:
    """Run a gateway that checks erasures."""
    given = {"POSTGRES_CHECKPOINT_URL": url, **every_root(SIGNING_KEY)}
    return gateway(town, ordinal, None, **given, **(settings or {}))


async def erase_user(url: str, user: str) -> None:
    """Erase somebody in the database alone, as the command does that reaches no Valkey."""
    person = pseudonym(SIGNING_KEY, "default", user)
    await erase(url, SIGNING_KEY, ErasureRequest("default", (person,), "tests"), dry_run=False)
