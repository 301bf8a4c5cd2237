"""The process of the embedded model: `python -m libs.embedded.llama_server MODEL --port=N --api-key-file=F`."""

import argparse
import os
import signal
from pathlib import Path

from xllamacpp import CommonParams, Server

from libs.embedded.ports import LOOPBACK

# An OpenAI-compatible server on loopback, until it is killed. A streamed call stops when its connection closes.
_SLOTS = 2
_CONTEXT_PER_SLOT = 8192  # the context length of the default model's training
_LONGEST_ANSWER = 512  # tokens, unless a request sets a limit: a small model may never stop
_HTTP_THREADS = 16  # each open connection takes one; queued requests must not block the health check
_PROMPT_CACHE_MIB = 128


def main() -> None:
    """Serve until killed."""
    options = _options()
    server = Server(_parameters(options.model, options.port, options.api_key_file.read_text()))
    while server.listening_address:
        signal.pause()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api-key-file", type=Path, required=True)
    return parser.parse_args()


def _parameters(model: Path, port: int, api_key: str) -> CommonParams:
    parameters = CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {model.stem}
    parameters.hostnames = [LOOPBACK]
    parameters.port = port
    parameters.api_keys = [api_key]
    parameters.cors_origins_explicit = True  # the default lets every web page in a local browser use the model
    parameters.cors_origins = ""
    parameters.cors_credentials = False
    parameters.ui = False
    parameters.offline = True
    parameters.n_parallel = _SLOTS
    parameters.n_ctx = _SLOTS * _CONTEXT_PER_SLOT
    parameters.n_predict = _LONGEST_ANSWER
    parameters.n_gpu_layers = 0
    parameters.fit_params = False
    parameters.cache_ram_mib = _PROMPT_CACHE_MIB
    parameters.n_threads_http = _HTTP_THREADS
    parameters.cpuparams.n_threads = threads_for(_cores())
    parameters.cpuparams_batch.n_threads = threads_for(_cores())
    return parameters


def threads_for(cores: int) -> int:
    """Number of compute threads: half of the cores."""
    # Each thread spins until the slowest one is done, so a thread that shares its core delays all others. With two
    # threads on two cores and one other busy process the default model wrote 3 to 20 tokens a second, with one thread
    # 55.
    return max(1, cores // 2)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
