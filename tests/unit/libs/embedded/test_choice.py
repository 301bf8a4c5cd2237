from pathlib import Path

import pytest

from libs.embedded.choice import EmbeddedChoice, EmbeddedStores, together
from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.store import Owner
from libs.embedded.table import chosen_stores


def test_what_single_stores_give_is_joined() -> None:
    parts = (EmbeddedStores(kafka="a:1", kafka_durable=True), EmbeddedStores(redis_url="r"))
    assert together(parts) == EmbeddedStores(kafka="a:1", kafka_durable=True, redis_url="r")


def test_nothing_chosen_starts_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    assert chosen_stores(EmbeddedChoice(tmp_path / "data")) == ()
    assert not (tmp_path / "data").exists()


def test_stores_stop_in_the_order_that_loses_nothing(tmp_path: Path) -> None:
    choice = EmbeddedChoice(tmp_path, kafka="tansu", valkey=True, postgres=True, model=tmp_path / "x.gguf")
    assert [store.name for store in chosen_stores(choice)] == ["model", "valkey", "kafka", "postgres"]


def test_logs_begin_anew(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "valkey.log").write_text("yesterday")
    chosen_stores(EmbeddedChoice(tmp_path, valkey=True))
    assert (tmp_path / "logs" / "valkey.log").read_text() == ""


async def test_a_model_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (store,) = chosen_stores(EmbeddedChoice(tmp_path, model=tmp_path / "none.gguf"))
    with pytest.raises(EmbeddedStoreFailed, match=r"MOE_EMBEDDED_MODEL: there is no file .*none\.gguf"):
        await store.prepare(Owner(list[str]().append))
