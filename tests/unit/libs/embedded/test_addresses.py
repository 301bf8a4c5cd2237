"""What is known of embedded stores before they start."""

from pathlib import Path

import pytest

from libs.embedded.addresses import UNASSIGNED, addresses_before_start, valkey_url
from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.embedded.store import Folders
from libs.embedded.valkey import Valkey

FILE = Path("/models/mine-7b.gguf")


def test_a_store_that_is_not_chosen_has_no_address(tmp_path: Path) -> None:
    assert addresses_before_start(EmbeddedChoice(tmp_path)) == EmbeddedStores()


def test_the_name_of_the_embedded_model_is_known_before_it_starts(tmp_path: Path) -> None:
    names = [addresses_before_start(EmbeddedChoice(tmp_path, model=model)).model_name for model in ("default", FILE)]
    assert names == ["SmolLM2-135M-Instruct.Q4_1", "mine-7b"]


@pytest.mark.parametrize("port", [UNASSIGNED, 20_123])
def test_an_address_before_the_start_differs_in_port_and_credentials_alone(tmp_path: Path, port: int) -> None:
    started = Valkey(Folders(tmp_path, tmp_path / "log"), password="s3cret").launch(port).gives
    assert started.redis_url == valkey_url(port, "s3cret")
    before = addresses_before_start(EmbeddedChoice(tmp_path, valkey=True))
    assert before.redis_url == valkey_url(UNASSIGNED)
