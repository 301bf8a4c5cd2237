"""API keys of one tenant, besides what the directory stores."""

from libs.adapters.identity.directory_writer import DirectoryWriter
from libs.adapters.templates.document_writer import PROFILES, Documents


async def has_profile(directory: DirectoryWriter, profile_id: str) -> bool:
    """Whether the tenant has a Claude Code profile of this id: a key may be bound to a profile that comes later."""
    return any(stored.document.id == profile_id for stored in await Documents(directory, PROFILES).all())
