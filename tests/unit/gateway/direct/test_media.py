"""Model servers fetch nothing for clients."""

import pytest

from services.gateway.domain.direct.media import check_media
from services.gateway.domain.errors import RequestRefused

DATA = "data:image/png;base64,iVBORw0KGgo="


def asking(*parts: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest/meta-data"}},
        {"type": "image_url", "image_url": {"url": "HTTPS://example.org/cat.png"}},
        {"type": "image_url", "image_url": " http://10.0.0.1/"},
        {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
        {"type": "video_url", "video_url": {"url": "http://10.0.0.1/film.mp4"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "https://10.0.0.1/a.pdf"}},
        {"type": "input_audio", "input_audio": {"data": ["ftp://10.0.0.1/a.wav"]}},
        {"type": "text", "text": "look", "image_url": "http://10.0.0.1/"},
    ],
)
def test_an_address_to_fetch_is_refused(part: object) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_media(asking({"type": "text", "text": "What is this?"}, part))
    assert (refused.value.error.status, refused.value.error.code) == (400, "remote_media_not_allowed")


@pytest.mark.parametrize(
    "body",
    [
        asking({"type": "image_url", "image_url": {"url": DATA, "detail": "low"}}),
        asking({"type": "file", "file": {"filename": "a.pdf", "file_data": DATA}}),
        asking({"type": "text", "text": "Is http://10.0.0.1/ up?"}),
        {"messages": [{"role": "user", "content": "Is http://10.0.0.1/ up?"}]},
        {"messages": "none"},
    ],
)
def test_data_and_words_pass(body: dict[str, object]) -> None:
    check_media(body)
