"""The embedded embedding model, with its real weights, in a process of its own: they take 170 MB."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from libs.ports.embeddings import Embedded, EmbeddingRefused

DIMENSIONS, MAX_TOKENS = 384, 256  # of all-MiniLM-L6-v2

Vector = tuple[float, ...]


class Model:
    """The model in another process."""

    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process

    async def embed(self, texts: Sequence[str], dimensions: int | None = None) -> Embedded:
        return await asyncio.get_running_loop().run_in_executor(self._process, embedded, texts, dimensions)


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        yield Model(process)


def embedded(texts: Sequence[str], dimensions: int | None) -> Embedded:
    from libs.embedded.minilm import EmbeddedMiniLM

    async def embed() -> Embedded:
        async with EmbeddedMiniLM() as model:
            return await model.embed(texts, dimensions)

    return asyncio.run(embed())


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("text", "like", "unlike"),
    [
        ("A man is eating food.", "A man eats a piece of bread.", "The girl is carrying a baby."),
        ("How do I reset my password?", "I forgot my login and want a new one.", "The cheetah runs behind its prey."),
        ("Postgres keeps rows in pages.", "A relational database stores tuples on disk.", "She plays the violin."),
        ("The capital of France is Paris.", "Paris is France's largest city.", "Boil the eggs for six minutes."),
    ],
)
async def test_what_means_the_same_is_nearer_than_what_does_not(
    model: Model, text: str, like: str, unlike: str
) -> None:
    vectors = (await model.embed([text, like, unlike])).vectors
    assert cosine(vectors[0], vectors[1]) > cosine(vectors[0], vectors[2]) + 0.2


async def test_vectors_lie_on_the_unit_sphere_in_384_dimensions(model: Model) -> None:
    (vector,) = (await model.embed(["Why is the sky blue?"])).vectors
    assert len(vector) == DIMENSIONS
    assert math.isclose(math.hypot(*vector), 1.0, abs_tol=1e-5)


async def test_a_text_has_one_vector_whatever_it_is_sent_with(model: Model) -> None:
    alone = (await model.embed(["short"])).vectors[0]
    together = (await model.embed(["a much longer text " * 20, "short", "and another"])).vectors[1]
    assert alone == together


async def test_tokens_are_counted_and_what_is_too_long_is_cut(model: Model) -> None:
    assert (await model.embed(["hello world", "hello"])).tokens == 4 + 3  # with the two that frame each text
    assert (await model.embed(["word " * 5000])).tokens == MAX_TOKENS


async def test_other_dimensions_are_refused(model: Model) -> None:
    assert len((await model.embed(["hello"], DIMENSIONS)).vectors[0]) == DIMENSIONS
    with pytest.raises(EmbeddingRefused, match="384 dimensions"):
        await model.embed(["hello"], 256)
