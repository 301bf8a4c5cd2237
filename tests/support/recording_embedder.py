"""The embedded model that records its inputs."""

from libs.embedded.minilm import EmbeddedMiniLM


class Noting(EmbeddedMiniLM):
    """The embedded model, with a note of each text in place of its vector."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def _vector(self, text: str) -> tuple[tuple[float, ...], int]:
        self.embedded.append(text)
        return (1.0,), 1
