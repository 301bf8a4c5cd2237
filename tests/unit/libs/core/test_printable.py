"""No text that a command prints controls the terminal, and printed JSON keeps its value."""

import json
import logging
import sys

import click
import pytest

from libs.core.printable import printable, printable_output
from moe.cli import root

HOSTILE = [
    "\x1b[31mred", "\x1b]0;title\x07", "\x9b2J", "\x90q\x9c", "\x00", "\x08\x08", "\rover", "\x7f", "\x0b", "\x0c",
    "\u202eturned", "\u2066isolated\u2069", "\u200f", "\u061c", "\u2028", "\ufeff", "\u200b", "\U000e0041",
    "\ud800", "\udcff",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_controls_a_terminal_is_escaped_and_json_keeps_its_value(text: str) -> None:
    shown = printable(f"a{text}z")
    assert shown.isprintable()
    assert shown.startswith("a\\u") or "\\u" in shown
    written = json.dumps({"text": text}, ensure_ascii=False)
    assert json.loads(printable(written)) == {"text": text}


def test_plain_text_stays_as_it_is() -> None:
    for text in ("Grüße, 世界 👩‍👩‍👧", "one\ttwo\nthree\n", "\\u001b", ""):
        assert printable(text) == text


def test_all_that_is_printed_goes_through_it(capfd: pytest.CaptureFixture[str]) -> None:
    hostile = "".join(HOSTILE)
    with printable_output():
        click.echo(hostile)
        click.echo(hostile, err=True)
        sys.stdout.write(hostile + "\n")
        handler = logging.StreamHandler(sys.stderr)
        handler.handle(logging.LogRecord("a", logging.ERROR, "a", 1, hostile, None, None))
    for printed in capfd.readouterr():
        assert len(printed.splitlines()) == 2
        assert all(line.isprintable() for line in printed.splitlines())


def test_the_command_prints_errors_so(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["moe", "\x1b[31mno-such\u202e"])
    before = sys.stdout
    with pytest.raises(SystemExit):
        root.main()
    printed = capfd.readouterr().err
    assert "no-such" in printed
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert sys.stdout is before


def test_the_traceback_of_a_defect_is_printed_so(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ExceptionGroup("a", [RuntimeError("".join(HOSTILE))])

    monkeypatch.setattr(root, "moe", broken)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(ExceptionGroup) as ended:
        root.main()
    sys.excepthook(ended.type, ended.value, ended.tb)  # as Python does
    printed = capfd.readouterr().err
    assert "RuntimeError: \\u001b[31mred" in printed
    assert all(line.isprintable() for line in printed.splitlines())
