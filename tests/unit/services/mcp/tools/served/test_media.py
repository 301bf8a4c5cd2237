"""Pictures and speech by servers in OpenAI's formats; results are stored for the caller's tenant alone."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from pydantic import JsonValue, SecretStr

from libs.adapters.files.object_folder import ObjectFolder
from libs.ports.objects import ObjectKey
from libs.testing.fake_clock import FakeClock
from libs.testing.scripted_web import reply
from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.links import DownloadLinks, key_from
from services.mcp.tools.served.media import build
from services.mcp.tools.served.media.settings import MediaSettings
from tests.support.mcp.outside_world import Play, playing

CALLER, ENGLISH, GERMAN = Caller("acme"), AnswerStyle(), AnswerStyle(language="de")
SETTINGS = MediaSettings(
    image_url="http://images:8000/v1/",
    image_key=SecretStr("image_hidden"),
    speech_url="http://speech:8880/v1",
    speech_key=SecretStr("speech_hidden"),
)
NAMES = ("generate_image", "generate_speech")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x64" + bytes(64)
IMAGE = orjson.dumps({"created": 1746093600, "data": [{"b64_json": base64.b64encode(PNG).decode()}]})
ANSWERS = {
    "POST images:8000/v1/images/generations": reply(200, IMAGE, ("content-type", "application/json")),
    "POST speech:8880/v1/audio/speech": reply(200, MP3, ("content-type", "audio/mpeg")),
}
EXAMPLE_ARGS: dict[str, dict[str, JsonValue]] = {
    "generate_image": {"prompt": "a red square", "size": "64x64"},
    "generate_speech": {"text": "Good morning."},
}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@asynccontextmanager
async def studio(play: Play, folder: Path) -> AsyncIterator[tuple[dict[str, AnyServedTool], ObjectFolder]]:
    clock = FakeClock()
    store = ObjectFolder(folder, clock)
    links = FileLinks(store, DownloadLinks(key_from("a key that signs links to files"), "http://127.0.0.1:8003"), clock)
    async with playing(play) as outside:
        yield {tool.name: tool for tool in build(SETTINGS, outside, links)}, store


@pytest.mark.parametrize("name", NAMES)
async def test_an_example_gives_its_result_but_for_the_name_that_the_store_gives(name: str, tmp_path: Path) -> None:
    async with studio(Play(ANSWERS), tmp_path) as (tools, _):
        example = tools[name].describe().example
        outcome = (await tools[name].invoke(example.args, ENGLISH, CALLER)).model_dump(mode="json")
        told = outcome["result"]["file"]
        known = example.result["file"]
    assert isinstance(known, dict)
    text = orjson.dumps(outcome).decode()
    text = text.replace(told["object_name"], str(known["object_name"])).replace(told["url"], str(known["url"]))
    outcome = orjson.loads(text)
    assert (outcome["result"], outcome["answer"]) == (example.result, example.answer)


async def test_a_picture_is_kept_for_its_tenant(tmp_path: Path) -> None:
    play = Play(ANSWERS)
    async with studio(play, tmp_path) as (tools, store):
        told = (await tools["generate_image"].invoke(EXAMPLE_ARGS["generate_image"], GERMAN, CALLER)).result["file"]
        assert isinstance(told, dict)
        assert await store.read(ObjectKey("acme", str(told["bucket"]), str(told["object_name"]))) == PNG
    asked = orjson.loads(play.asked[0].body)
    assert asked == {
        "model": "flux-schnell",
        "prompt": "a red square",
        "size": "64x64",
        "n": 1,
        "response_format": "b64_json",
    }
    assert play.asked[0].headers["authorization"] == "Bearer image_hidden"


async def test_speech_is_asked_for_as_openai_documents_it(tmp_path: Path) -> None:
    play = Play(ANSWERS)
    async with studio(play, tmp_path) as (tools, store):
        told = (await tools["generate_speech"].invoke(EXAMPLE_ARGS["generate_speech"], GERMAN, CALLER)).result["file"]
        assert isinstance(told, dict)
        assert await store.read(ObjectKey("acme", str(told["bucket"]), str(told["object_name"]))) == MP3
    asked = orjson.loads(play.asked[0].body)
    assert asked == {"model": "kokoro", "input": "Good morning.", "voice": "af_heart", "response_format": "mp3"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"url": "http://x/"}]}',
        b'{"data": [{"b64_json": "***"}]}',
        b"<svg onload=x>",
        orjson.dumps({"data": [{"b64_json": base64.b64encode(b"<html><script>").decode()}]}),
    ],
)
async def test_what_is_no_picture_and_no_sound_is_not_kept(name: str, said: bytes, tmp_path: Path) -> None:
    async with studio(Play({"POST ": reply(200, said)}), tmp_path) as (tools, _):
        with pytest.raises(ToolError) as caught:
            await tools[name].invoke(EXAMPLE_ARGS[name], ENGLISH, CALLER)
    assert caught.value.code == "outside_failed"
    assert "hidden" not in str(caught.value)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("size", ["1x1", "32x64", "9999x64", "64", "064x64", "64x64x64", "-1x64"])
async def test_a_size_out_of_bounds_is_refused_before_anything_is_asked(size: str, tmp_path: Path) -> None:
    play = Play(ANSWERS)
    async with studio(play, tmp_path) as (tools, _):
        with pytest.raises(ToolError) as caught:
            await tools["generate_image"].invoke({"prompt": "x", "size": size}, ENGLISH, CALLER)
    assert caught.value.code in {"invalid_argument", "limit_exceeded"}
    assert play.asked == []


async def test_without_a_server_or_a_place_for_files_tools_say_which_setting_is_missing() -> None:
    async with playing(Play({})) as outside:
        bare = build(MediaSettings(), outside, None)
        homeless = build(SETTINGS, outside, None)
    assert [(tool.unavailable or "").split()[0] for tool in bare] == ["MOE_IMAGE_URL", "MOE_SPEECH_URL"]
    assert [(tool.unavailable or "").split()[0] for tool in homeless] == ["MOE_DOWNLOADS_KEY", "MOE_DOWNLOADS_KEY"]


@pytest.mark.parametrize("name", NAMES)
async def test_making_something_is_no_reading(name: str, tmp_path: Path) -> None:
    async with studio(Play(ANSWERS), tmp_path) as (tools, _):
        told = tools[name].describe()
    assert (told.annotations.read_only, told.annotations.idempotent, told.annotations.open_world) == (
        False,
        False,
        True,
    )
