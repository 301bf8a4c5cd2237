"""LiteLLM's proxy as a gateway to one model server: one worker, its master key, no storage and no counters."""

import json
import os
from pathlib import Path

from libs.embedded.ports import free_port
from libs.testing.processes import Program, ServerProcess
from tests.bench.rounds import LONG, PACED, SHORT

KEY = "sk-of-a-bench"
LITELLM = Path(__file__).parents[2] / ".venv-peers" / "bin" / "litellm"
CONNECTIONS = 8192  # to one server; its own default of 500 would let idle streams wait for each other
MODELS = ("whole", "idle", f"words-{SHORT}-2", f"words-{LONG}-2", PACED)


def litellm_process(folder: Path, models: str) -> ServerProcess:
    """Proxy before the OpenAI server at `models`. It starts without a network: its prices are bundled."""
    port = free_port()
    options = ("--host", "127.0.0.1", "--port", str(port), "--num_workers", "1")
    command = (str(LITELLM), "--config", str(_configuration(folder, models)), *options)
    variables = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LITELLM_MASTER_KEY": KEY,
        "LITELLM_LOG": "ERROR",
        "LITELLM_TELEMETRY": "False",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "AIOHTTP_CONNECTOR_LIMIT": str(CONNECTIONS),
        "AIOHTTP_CONNECTOR_LIMIT_PER_HOST": str(CONNECTIONS),
    }
    return ServerProcess(Program("litellm", command, variables, ready_path="/health/liveliness"), folder, port)


def _configuration(folder: Path, models: str) -> Path:
    """Write its configuration. Each model by name: a pattern would cost it a search for every request."""
    to_server = {"api_base": f"{models}/v1", "api_key": "none"}
    served = [{"model_name": name, "litellm_params": {"model": f"openai/{name}", **to_server}} for name in MODELS]
    settings = {"telemetry": False, "drop_params": True, "num_retries": 0}
    path = folder / "litellm.yaml"
    path.write_text(json.dumps({"model_list": served, "litellm_settings": settings}))  # JSON is YAML
    return path
