"""Media are an allow-list: a model server is handed data and nothing that it would fetch or open."""

import pytest

from libs.testing.every import for_every
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.domain.body.media import MAX_MEDIA_BYTES, RemoteAddress, check_local, media_url
from services.gateway.domain.errors import RequestRefused

DATA = "data:image/png;base64,iVBORw0KGgo="
PDF = "data:application/pdf;base64,JVBERi0="


def asking(*parts: object) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": list(parts)}]}


def refusal_of(body: dict[str, object]) -> tuple[int, str, str | None]:
    with pytest.raises(RequestRefused) as refused:
        check_local(CHAT.read(body).raw)
    error = refused.value.error
    return error.status, error.code, error.param


def image(address: object) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": address}}


REMOTE = "remote_media_not_allowed"
URL = "messages[0].content[0].image_url.url"


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "HTTPS://example.org/cat.png",
        " http://10.0.0.1/",
        "\thttps://10.0.0.1/",
        "\x00http://10.0.0.1/",
        "\ufeffhttp://10.0.0.1/",
        "ht\ntp://10.0.0.1/",
        "http:/10.0.0.1/",
        "http:\\\\10.0.0.1\\",
        "//10.0.0.1/cat.png",
        "\\\\10.0.0.1\\share",
        "/etc/passwd",
        "../../etc/passwd",
        "C:\\windows\\win.ini",
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "ftp://10.0.0.1/",
        "gopher://10.0.0.1:6379/_FLUSHALL",
        "blob:https://example.org/1",
        "javascript:alert(1)",
        "s3://bucket/key",
        "gs://bucket/key",
        "view-source:data:image/png;base64,AA==",
        "url(data:image/png;base64,AA==)",
        "iVBORw0KGgo=",
        "",
    ],
)
def test_what_is_no_data_url_is_refused(address: str) -> None:
    assert refusal_of(asking(image(address))) == (400, REMOTE, URL)


@pytest.mark.parametrize(
    "address",
    [
        "data:,x",
        "data:image/png,raw",
        "data:image/png;base64",
        "data:text/html;base64,PGI+",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:application/pdf;base64,JVBERi0=",
        "data:;base64,AA==",
        "data:image/png;base64,http://10.0.0.1/",
        "data:image/png;base64,AA=",
        "data:image/png;base64,A===",
        "data:image/png;base64,AA==AA==",
        "data:image/png;base64,AA\n==",
        "data:image/png;base64,_-==",
        "data:image/png;base64,\u0430A==",
        "data:image/png;x=http://10.0.0.1;base64,AA==",
        "data:image/png;" + "a=b;" * 100 + "base64,AA==",
        f"data:image/png;base64,{'AAAA' * (MAX_MEDIA_BYTES // 3 + 1)}",
        None,
        7,
        {"url": "https://10.0.0.1/"},
        [DATA],
    ],
)
def test_data_of_another_kind_is_refused(address: object) -> None:
    assert refusal_of(asking(image(address))) == (400, "invalid_media", URL)


PART = "messages[0].content[0]"


@pytest.mark.parametrize(
    ("part", "code", "param"),
    [
        ({"type": "image_url", "image_url": " http://10.0.0.1/"}, REMOTE, ".image_url"),
        (
            {"type": "image_url", "image_url": {"url": DATA, "fallback": "http://a/"}},
            "invalid_media",
            ".image_url.fallback",
        ),
        (
            {"type": "image_url", "image_url": {"url": DATA, "detail": "http://a/"}},
            "invalid_media",
            ".image_url.detail",
        ),
        ({"type": "image_url", "image_url": {"url": DATA}, "video_url": "http://a/"}, "invalid_media", ".video_url"),
        ({"type": "video_url", "video_url": {"url": "http://10.0.0.1/film.mp4"}}, REMOTE, ".video_url.url"),
        ({"type": "audio_url", "audio_url": {"url": "http://10.0.0.1/a.wav"}}, REMOTE, ".audio_url.url"),
        ({"type": "file", "file": {"filename": "a.pdf", "file_data": "https://a/a.pdf"}}, REMOTE, ".file.file_data"),
        ({"type": "file", "file": {"file_id": "https://10.0.0.1/a.pdf"}}, "invalid_media", ".file.file_id"),
        ({"type": "file", "file": {"file_url": "https://10.0.0.1/a.pdf"}}, "invalid_media", ".file.file_url"),
        (
            {"type": "input_audio", "input_audio": {"data": "http://a/", "format": "wav"}},
            "invalid_media",
            ".input_audio.data",
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav;base64,A"}},
            "invalid_media",
            ".input_audio.format",
        ),
        ({"type": "text", "text": "look", "image_url": "http://10.0.0.1/"}, "invalid_media", ".image_url"),
        ({"type": "image_embeds", "image_embeds": "AAAA"}, "unsupported_content", ".type"),
        ({"type": "document_url", "document_url": "http://10.0.0.1/"}, "unsupported_content", ".type"),
        ({"type": "image", "source": {"type": "url", "url": "http://10.0.0.1/"}}, "unsupported_content", ".type"),
        ({"type": "input_image", "image_url": DATA}, "unsupported_content", ".type"),
    ],
)
def test_every_field_of_a_part_is_named_when_it_is_refused(part: object, code: str, param: str) -> None:
    assert refusal_of(asking(part)) == (400, code, PART + param)


@for_every(
    name=(
        *("image", "images", "image_url", "image_urls", "input_image", "audio", "audio_url", "input_audio"),
        *("video", "video_url", "input_video", "media", "file", "files", "file_id", "file_url", "file_data"),
        *("input_file", "document", "document_url", "source", "url", "uri"),
    )
)
def test_media_beside_the_content_are_refused(name: str) -> None:
    body: dict[str, object] = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi", name: ["http://10.0.0.1/"]}],
    }
    assert refusal_of(body) == (400, "invalid_media", f"messages[0].{name}")


def test_media_in_the_result_of_a_tool_and_in_a_prediction_are_looked_at() -> None:
    result: dict[str, object] = {
        "model": "m",
        "messages": [{"role": "tool", "tool_call_id": "c", "content": [image("http://a/")]}],
    }
    assert refusal_of(result) == (400, REMOTE, URL)
    predicted = {
        **asking({"type": "text", "text": "Hi"}),
        "prediction": {"type": "content", "content": [image("http://a/")]},
    }
    assert refusal_of(predicted) == (400, "unsupported_content", "prediction.content[0].type")


def test_what_an_assistant_was_sent_with_its_answer_is_left_out() -> None:
    said = {"role": "assistant", "content": "Here.", "audio": {"id": "a1"}, "images": [image(DATA)]}
    raw = CHAT.read({"model": "m", "messages": [said, {"role": "user", "content": "Thanks."}]}).raw
    assert raw["messages"] == [{"role": "assistant", "content": "Here."}, {"role": "user", "content": "Thanks."}]


@pytest.mark.parametrize(
    ("part", "passed"),
    [
        (image(DATA), image(DATA)),
        ({"type": "image_url", "image_url": DATA}, image(DATA)),
        (image(" \tDATA:Image/PNG;name=a.png;base64,AA==\n"), image("data:image/png;base64,AA==")),
        (
            {"type": "image_url", "image_url": {"url": DATA, "detail": "low"}, "uuid": "of another tenant"},
            {"type": "image_url", "image_url": {"url": DATA, "detail": "low"}},
        ),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        ),
        (
            {"type": "text", "text": "Is http://10.0.0.1/ up?", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "Is http://10.0.0.1/ up?"},
        ),
    ],
)
def test_data_and_words_pass_in_one_form(part: object, passed: object) -> None:
    raw = CHAT.read(asking(part)).raw
    check_local(raw)
    assert raw["messages"] == [{"role": "user", "content": [passed]}]


def test_plain_messages_are_passed_as_they_are() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Is http://10.0.0.1/ up?"}]}
    assert CHAT.read(body).raw["messages"] is body["messages"]


def test_an_operator_can_let_addresses_of_the_web_pass_and_nothing_else() -> None:
    assert isinstance(media_url(" https://example.org/a.png ", "image", "x"), RemoteAddress)
    with pytest.raises(RequestRefused):
        media_url("file:///etc/passwd", "image", "x")
