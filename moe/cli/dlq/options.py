"""Options that the commands of `moe dlq` share."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from libs.operations.dead_letters.letters import Wanted
from moe.cli.context.operators import attributed, operator_name

C = TypeVar("C", bound=Callable[..., object])
_SPAN = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_META_KEY = "moe.dlq"


@dataclass(frozen=True)
class LetterOptions:
    """Parsed options. `since_ms` is Unix time in milliseconds, 0 for all times."""

    wanted: Wanted
    since_ms: int
    as_json: bool
    every: bool
    operator: str
    dry_run: bool


def letter_options(context: click.Context) -> LetterOptions:
    """Options of the running command."""
    text, flags = context.meta[f"{_META_KEY}.text"], context.meta.get(f"{_META_KEY}.flags", {})
    wanted = Wanted(
        letter=text.get("letter", ""),
        stage=text["stage"],
        topic=text["topic"],
        tenant=text["tenant"],
        error=text["error"],
        settled_too=flags.get("settled", False) or bool(text.get("letter")),
    )
    since_ms = _began_ms(text["since"])
    operator = attributed(text["operator"]) if "operator" in text else ""
    return LetterOptions(
        wanted, since_ms, flags["json"], flags.get("all", False), operator, flags.get("dry_run", False)
    )


def filters(command: C) -> C:
    """Add the options that filter letters."""
    return _with(
        command,
        _text("--stage", "Only letters of this service."),
        _text("--topic", "Only records of this topic."),
        _text("--tenant", "Only letters of this tenant (`system`: unsigned records)."),
        _text("--error", "Only this error code."),
        _text("--since", "Only letters younger than this: 30m, 2h, 7d."),
        _flag("--json", "One JSON object per letter."),
    )


def view(command: C) -> C:
    """Add the options of a list."""
    return _with(command, _flag("--settled", "Include replayed and dropped letters."))


def letter_and_act(command: C) -> C:
    """Add the options of commands that settle letters."""
    return _with(
        command,
        click.argument("letter", default="", expose_value=False, callback=_store_text),
        _flag("--all", "All open letters that match the filters."),
        _text(
            "--operator",
            "Operator's name for the audit, recorded next to the account; default: the account only.",
            operator_name,
        ),
        _flag("--dry-run", "Show what would be done; change nothing."),
    )


def _with(command: C, *options: Callable[[C], C]) -> C:
    for option in reversed(options):
        command = option(command)
    return command


def _text(name: str, explained: str, default: str | Callable[[], str] = "") -> Callable[[C], C]:
    return click.option(name, default=default, help=explained, expose_value=False, callback=_store_text)


def _flag(name: str, explained: str) -> Callable[[C], C]:
    return click.option(name, is_flag=True, help=explained, expose_value=False, callback=_store_flag)


def _store_text(context: click.Context, parameter: click.Parameter, value: str) -> None:
    kept: dict[str, str] = context.meta.setdefault(f"{_META_KEY}.text", {})
    kept[str(parameter.name)] = value
    if parameter.name == "since":
        _began_ms(value)


def _store_flag(context: click.Context, parameter: click.Parameter, value: object) -> None:
    kept: dict[str, bool] = context.meta.setdefault(f"{_META_KEY}.flags", {})
    kept[str(parameter.name)] = bool(value)


def _began_ms(span: str) -> int:
    """Start of a span such as `2h`, in Unix milliseconds; 0 for an empty one."""
    if not span:
        return 0
    if (found := _SPAN.fullmatch(span)) is None:
        raise click.BadParameter("give a time span, for example 30m, 2h or 7d", param_hint="--since")
    return int((time.time() - int(found[1]) * _SECONDS[found[2]]) * 1000)
