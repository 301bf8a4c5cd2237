"""Maps a choice to its stores."""

from pathlib import Path

from libs.embedded.choice import EmbeddedChoice
from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.kafka.store import Kafka
from libs.embedded.llama import Llama, default_model
from libs.embedded.postgres import Postgres
from libs.embedded.store import Folders, Store, StoreName
from libs.embedded.tansu import Tansu
from libs.embedded.valkey import Valkey


def chosen_stores(choice: EmbeddedChoice) -> tuple[Store, ...]:
    """The stores in stop order: the broker stops before the journal's database."""
    stores: list[Store] = []
    if choice.model is not None:
        file = default_model() if choice.model == "default" else choice.model.resolve()
        stores.append(Llama(_folders(choice.data_dir, "model"), file))
    if choice.valkey:
        stores.append(Valkey(_folders(choice.data_dir, "valkey")))
    if choice.kafka is not None:
        stores.append(_broker(choice))
    if choice.postgres:
        stores.append(Postgres(_folders(choice.data_dir, "postgres")))
    return tuple(stores)


def _broker(choice: EmbeddedChoice) -> Store:
    folders = _folders(choice.data_dir, "kafka")
    if choice.kafka == "tansu":
        return Tansu(folders)
    return Kafka(folders, choice.kafka_libs or choice.data_dir / "kafka-libs")


def _folders(data_dir: Path, name: StoreName) -> Folders:
    """Create the folder of a store and truncate its log."""
    data_dir = data_dir.resolve()  # the working directory of a store is its own folder
    folders = Folders(home=data_dir / name, log=data_dir / "logs" / f"{name}.log")
    try:
        for folder in (folders.home, folders.log.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folders.log.write_bytes(b"")
    except OSError as error:
        raise EmbeddedStoreFailed(f"MOE_DATA_DIR: cannot write to {data_dir}: {error}") from error
    return folders
