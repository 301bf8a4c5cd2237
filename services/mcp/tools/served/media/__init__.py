"""Images and speech, by servers of the operator; the files are stored like all others."""

from pydantic import SecretStr

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.settings import NOT_SET
from services.mcp.tools.served.media.image import generate_image
from services.mcp.tools.served.media.settings import MediaSettings
from services.mcp.tools.served.media.speech import generate_speech
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Site

_TOTAL_S = 180.0
_NO_IMAGES = "MOE_IMAGE_URL is not set: there is no image server"
_NO_SPEECH = "MOE_SPEECH_URL is not set: there is no speech server"


def build(settings: MediaSettings, outside: Outside, links: FileLinks | None) -> tuple[AnyServedTool, ...]:
    """Contacts no server."""
    no_links = None if links is not None else NOT_SET
    images = _site("the image server", settings.image_url, settings.image_key, outside)
    speech = _site("the speech server", settings.speech_url, settings.speech_key, outside)
    return (
        generate_image(images, links, no_links if settings.image_url else _NO_IMAGES),
        generate_speech(speech, links, no_links if settings.speech_url else _NO_SPEECH),
    )


def _site(name: str, url: str, key: SecretStr, outside: Outside) -> Site:
    secret = key.get_secret_value()
    fetcher = outside.service(url, _TOTAL_S) if url else outside.web
    return Site(name, url, fetcher, secrets=(("authorization", f"Bearer {secret}"),) if secret else ())
