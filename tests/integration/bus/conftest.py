"""How long the bus waits for a broker that these tests know to be there."""

import pytest

from libs.runtime import kafka, kafka_commits, kafka_producer

PATIENT_S = 5.0


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for a second is no broker that is away: what was done must be committed all the
    same where a test looks for it."""
    monkeypatch.setattr(kafka_commits, "COMMIT_TIMEOUT_S", PATIENT_S)
    monkeypatch.setattr(kafka_producer, "CLOSE_TIMEOUT_S", PATIENT_S)
    monkeypatch.setattr(kafka, "LISTEN_TIMEOUT_S", 3 * PATIENT_S)
