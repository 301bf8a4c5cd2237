"""Scripted models behind the gateway. A word in the question selects the fate of its request."""

import json
import re

from libs.testing.model_server import Fault, Prompt, Reply, Rule, ToolUse, error_reply, pipeline_script

UNANSWERABLE = "unanswerable"
_CITY = re.compile(r"\b(Bern|Rome|Oslo)\b")
_ASKING = r'### Task:(?s:.)*\{{ "{name}":'
_FILE = re.compile(r"Read the file (\S+)")


def script() -> tuple[Rule, ...]:
    """Rules before those of the usual pipeline."""
    return (
        Rule(error_reply(400, "the model refuses"), user=UNANSWERABLE),
        Rule(Reply("Too late.", delay_s=60), user="Think slowly"),
        Rule(Reply(_asked_before), stage="chat", user="asked before"),
        Rule(Reply("So many words.", reasoning="Let me see."), stage="chat", user="Reason first"),
        Rule(Reply("So many", finish="length"), stage="chat", user="Stop early"),
        Rule(Reply("So many", finish="content_filter"), stage="chat", user="Filter this"),
        Rule(Reply("So many words and more", fault=Fault("truncate", 2)), stage="chat", user="Break off"),
        *_internal_prompts(),
        Rule(Reply(_with_results), tool_results=True),
        Rule(Reply(tool_calls=_weather), tool="weather", user=_CITY.pattern),
        Rule(Reply(tool_calls=_reading), tool="Read", user=_FILE.pattern),
        Rule(Reply(_pool), stage="chat", output_format="json_schema"),
        Rule(Reply(tool_calls=lambda prompt: (ToolUse("Pool", _pool(prompt)),)), tool="Pool"),
        Rule(Reply(_picture), user=r"in the picture"),
        *pipeline_script(),
    )


def _internal_prompts() -> tuple[Rule, ...]:
    """Open WebUI requests JSON by its prompt, and shows nothing for any other reply. Only a model that is
    asked straight knows these."""
    answers = {
        "title": "Connection Pools",
        "tags": ["Databases"],
        "follow_ups": ["And how large for a batch job?"],
        "text": "ection pool be?",
    }
    patterns = {name: _ASKING.format(name=name) for name in answers}
    return tuple(
        Rule(Reply(json.dumps({name: answers[name]})), stage="chat", user=pattern) for name, pattern in patterns.items()
    )


def _with_results(prompt: Prompt) -> str:
    return f"The tools say: {'; '.join(prompt.tool_results)} {prompt.token}"


def _weather(prompt: Prompt) -> tuple[ToolUse, ...]:
    """One call for each city that the question names."""
    return tuple(ToolUse("weather", json.dumps({"city": city})) for city in _CITY.findall(prompt.user))


def _reading(prompt: Prompt) -> tuple[ToolUse, ...]:
    """Claude Code and Continue both call their tool `Read`, with a parameter of another name."""
    found = _FILE.search(prompt.user)
    parameter = "filepath" if "Checklist" in prompt.tools else "file_path"
    return (ToolUse("Read", json.dumps({parameter: found[1]})),) if found else ()


def _pool(prompt: Prompt) -> str:
    return json.dumps({"size": 8, "reason": f"small pools wait least, see {prompt.token}"})


def _picture(prompt: Prompt) -> str:
    return f"I see {prompt.images} picture, see {prompt.token}."


def _asked_before(prompt: Prompt) -> str:
    return "You asked: " + "; ".join(message.content for message in prompt.messages[:-1] if message.role == "user")
