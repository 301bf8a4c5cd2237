"""The verifier as a command is fooled by nothing: whatever is not honest and signed ends with 1 and a reason."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import ed25519
import pytest
import verify_export
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.tools.exports import EVERY, OTHER_SIGNER, SIGNER, Forge, Line, checkpoint_line, lines_of

ROWS = 2 * EVERY
TRUSTED = ("--public-key", SIGNER.public_key)
# Points of small order in their canonical spelling, and spellings of them with a coordinate that is no remainder.
SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
NOT_CANONICAL = (
    "0100000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
)
Verify = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, dict[str, object]]]:
    """Run the verifier on the bytes of an export and return exit code and report."""
    export = tmp_path / "export.jsonl"

    def run(content: bytes, *arguments: str) -> tuple[int, dict[str, object]]:
        export.write_bytes(content)
        monkeypatch.setattr(sys, "argv", ["verify_export.py", str(export), "--json", *(arguments or TRUSTED)])
        code = verify_export.main()
        told: dict[str, object] = json.loads(capsys.readouterr().out)
        return code, told

    return run


def written(lines: list[Line]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def honest() -> list[Line]:
    return lines_of(Forge().rows(ROWS))


def refused(outcome: tuple[int, dict[str, object]]) -> str:
    code, told = outcome
    assert (code, told["ok"]) == (1, False)
    assert told["reason"]
    return str(told["reason"])


def others(value: object) -> Iterator[object]:
    """Yield values that stand where one belongs: of another type, of another spelling, or almost equal."""
    yield from (None, True, False, 0, 1, -1, 1.0, 10**30, "", "x", "\x00", [], {}, [value], {"x": value})
    match value:
        case bool():
            pass
        case int():
            yield from (value + 1, value - 1, -value - 1, float(value), str(value))
        case str():
            yield from (value + "0", value[:-1], value.upper(), f" {value}", value[1:] + value[:1], f"{value}\n")
        case list():
            yield from ([*value, None], value[:-1], value[::-1])
            for place, inner in enumerate(value):
                yield from ([*value[:place], other, *value[place + 1 :]] for other in others(inner))


def same(one: object, other: object) -> bool:
    return json.dumps(one) == json.dumps(other)


def test_an_honest_export_is_verified(command: Verify) -> None:
    assert command(written(honest())) == (
        0,
        {
            "ok": True, "tenant": "acme", "rows": ROWS, "checkpoints": 2, "without_content": 0,
            "after_the_last_checkpoint": 0, "requests_ended": 5, "requests_open": 0,
        },
    )  # fmt: skip


def test_every_field_of_every_kind_of_line_counts(command: Verify) -> None:
    lines = honest()
    for place in (0, 1, 4, EVERY + 1, ROWS + 3):  # heading, rows, checkpoint, end
        line = lines[place]
        changed = [
            {**line, name: other} for name, value in line.items() for other in others(value) if not same(other, value)
        ]
        changed += [{key: value for key, value in line.items() if key != name} for name in line]
        changed.append({**line, "more": 1})
        for other in changed:
            assert refused(command(written([*lines[:place], other, *lines[place + 1 :]]))), other


def test_every_line_counts(command: Verify) -> None:
    lines = honest()
    for place, line in enumerate(lines):
        before, after = lines[:place], lines[place + 1 :]
        assert refused(command(written([*before, *after]))), ("dropped", line)
        assert refused(command(written([*before, line, line, *after]))), ("twice", line)
        if after:
            assert refused(command(written([*before, after[0], line, *after[1:]]))), ("swapped", line)
        assert refused(command(written([*before, {"kind": "row"}, line, *after]))), ("inserted", line)


def test_every_truncation_is_found(command: Verify) -> None:
    whole = written(honest())
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    cuts = {0, 1, 5, *ends, *(end - 1 for end in ends), *(end + 7 for end in ends), *range(0, len(whole), 97)}
    for cut in sorted(cut for cut in cuts if cut < len(whole)):
        assert refused(command(whole[:cut])), cut
        if cut:
            assert refused(command(whole[cut:])), cut


@pytest.mark.parametrize(
    "key", ["", "00", "x" * 64, SIGNER.public_key.upper(), f"{SIGNER.public_key}00", "ключ", "\x1b"]
)
def test_a_key_that_is_none_is_refused(command: Verify, key: str) -> None:
    assert "no public key" in refused(command(written(honest()), "--public-key", key))
    assert "no public key" in refused(command(written(honest()), *TRUSTED, "--public-key", key))


@pytest.mark.parametrize("key", [*SMALL_ORDER, *NOT_CANONICAL])
def test_a_key_that_fits_what_anybody_signs_is_refused(command: Verify, key: str) -> None:
    """With such a key the signature (neutral element, 0) fits some or all messages: no private key is needed."""
    raw = bytes.fromhex(key)
    assert not ed25519.is_valid_key(raw)
    for commit in (*SMALL_ORDER, *NOT_CANONICAL):
        signature = bytes.fromhex(commit) + bytes(32)
        assert not any(ed25519.verify(raw, bytes([number]), signature) for number in range(8))
    assert "no public key" in refused(command(written(honest()), "--public-key", key))


def test_a_key_of_mixed_order_is_refused() -> None:
    mixed = ed25519._plus(_point(bytes.fromhex(SIGNER.public_key)), _point(bytes.fromhex(SMALL_ORDER[4])))
    assert not ed25519.is_valid_key(_spelled(mixed))


def test_a_signature_has_one_spelling() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    key, signature = private.public_key().public_bytes_raw(), private.sign(b"message")
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little")
    assert ed25519.verify(key, b"message", signature)
    assert not ed25519.verify(key, b"message", signature[:32] + (scalar + order).to_bytes(32, "little"))
    assert not ed25519.verify(key, b"message", signature + b"\x00")
    assert not ed25519.verify(key, b"message", signature[:63])
    assert not ed25519.verify(key + b"\x00", b"message", signature)


def test_an_invented_export_is_refused_whatever_is_allowed_to_be_unsigned(command: Verify) -> None:
    invented = lines_of(Forge().rows(ROWS), unsigned_from=1)
    for unsigned in ("0", str(ROWS), str(10**9)):
        assert "nothing is proven" in refused(command(written(invented), *TRUSTED, "--unsigned", unsigned))


def test_the_key_inside_of_an_export_is_not_believed(command: Verify) -> None:
    assert "not trusted" in refused(command(written(lines_of(Forge().rows(ROWS), OTHER_SIGNER))))


def test_a_missing_tail_is_refused(command: Verify) -> None:
    signed_before = lines_of(Forge().rows(EVERY + 5))
    assert "--unsigned" in refused(command(written(signed_before)))
    assert command(written(signed_before), *TRUSTED, "--unsigned", "5")[0] == 0
    assert "--unsigned" in refused(command(written(signed_before), *TRUSTED, "--unsigned", "4"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has none of tenant acme"),
        (b"\n\n", "has none of tenant acme"),
        (b"{}\n", "has none of tenant acme"),
        (written([checkpoint_line("zeta", EVERY, b"h" * 32, SIGNER)]), "has none of tenant acme"),
        (written([checkpoint_line("acme", EVERY, b"h" * 32, OTHER_SIGNER)]), "not trusted"),
        (written([checkpoint_line("acme", EVERY, b"h" * 32, SIGNER)]), "another hash"),
        (written([checkpoint_line("acme", ROWS + 1, b"h" * 32, SIGNER)]), "rows are missing"),
        (b'{"chain": "acme"}\n', "cannot be read"),
        (b"\xff\n", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"kind": "checkpoint", "kind": "row"}', "not JSON"),
    ],
)
def test_checkpoints_that_were_kept_apart_have_to_be_there_and_to_agree(
    command: Verify, tmp_path: Path, content: bytes, reason: str
) -> None:
    apart = tmp_path / "checkpoints.jsonl"
    apart.write_bytes(content)
    assert reason in refused(command(written(honest()), *TRUSTED, "--checkpoints", str(apart)))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"NaN",
        b'{"kind": "end", "sequence": NaN}',
        b"[" * 200_000,
        b'{"kind":' * 200_000,
        b'{"kind": "\\ud800"}',
        b"\xff\xfe",
        b'{"kind": "\xc3\xa4"}',
        b'{"kind": "row"} {"kind": "row"}',
        b'{"kind": ' + b"9" * 5000 + b"}",
        b"\x00" * 10,
    ],
)
def test_lines_of_any_bytes_are_refused_without_a_traceback(command: Verify, line: bytes) -> None:
    whole = written(honest()).splitlines(keepends=True)
    for place in (0, 1, 5, len(whole)):
        assert refused(command(b"".join([*whole[:place], line + b"\n", *whole[place:]])))


def test_a_line_without_an_end_is_bounded(command: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("export_lines.MAX_LINE_BYTES", 4096)
    whole = written(honest())
    assert "longer than" in refused(command(whole[: whole.index(b"\n") + 1] + b" " * 100_000))
    assert "longer than" in refused(command(b" " * 100_000 + whole))


def test_a_name_that_stands_twice_is_refused(command: Verify) -> None:
    """Two readers of JSON may take another one of the two."""
    whole = written(honest())
    for old, new in (
        (b'"tenant": "acme"', b'"tenant": "zeta", "tenant": "acme"'),
        (b'"salt"', b'"salt": null, "salt"'),
    ):
        assert "not JSON" in refused(command(whole.replace(old, new, 1)))


def test_zero_has_one_spelling(command: Verify) -> None:
    lines = honest()
    place = next(
        number for number, line in enumerate(lines) if line["kind"] == "row" and " 0," in json.dumps(line["header"])
    )
    rows = written(lines).splitlines(keepends=True)
    rows[place] = rows[place].replace(b" 0,", b" -0,", 1)
    assert b"-0," in rows[place]
    assert refused(command(b"".join(rows))) == "a line is not JSON"


def test_content_has_one_spelling(command: Verify) -> None:
    lines = honest()
    row = lines[1]
    content = b"=== 16 bytes ==="  # its last letter of base64 has bits to spare
    rows = Forge().rows(ROWS)
    rows[0].content = content
    lines = lines_of(rows)
    encoded = str(lines[1]["content"])
    assert encoded.endswith("Q==")
    lines[1] = {**lines[1], "content": encoded[:-3] + "R=="}
    assert row != lines[1]
    assert "one spelling" in refused(command(written(lines)))


def test_what_is_printed_of_an_export_controls_no_terminal(
    command: Verify, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    export = tmp_path / "hostile.jsonl"
    export.write_bytes(written(lines_of(Forge("\x1b]0;owned\x07\u202e\ud800").rows(ROWS))))
    monkeypatch.setattr(sys, "argv", ["verify_export.py", str(export), *TRUSTED])
    assert verify_export.main() == 0
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert printed.rstrip("\n").isprintable()


def test_without_a_public_key_nothing_is_verified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    export = tmp_path / "export.jsonl"
    export.write_bytes(written(honest()))
    monkeypatch.setattr(sys, "argv", ["verify_export.py", str(export)])
    with pytest.raises(SystemExit) as stopped:
        verify_export.main()
    assert stopped.value.code == 2


@pytest.mark.parametrize("option", ["--unsigned", "--open-for"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e9", "", "٣"])
def test_a_number_that_is_none_is_a_wrong_call(monkeypatch: pytest.MonkeyPatch, option: str, value: str) -> None:
    monkeypatch.setattr(sys, "argv", ["verify_export.py", "export", *TRUSTED, f"{option}={value}"])
    with pytest.raises(SystemExit) as stopped:
        verify_export.main()
    assert stopped.value.code == 2


def test_a_file_that_cannot_be_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for path in (tmp_path / "missing", tmp_path):
        monkeypatch.setattr(sys, "argv", ["verify_export.py", str(path), *TRUSTED])
        assert verify_export.main() == 1
        assert "cannot read" in capsys.readouterr().out


def _point(raw: bytes) -> tuple[int, int, int, int]:
    point = ed25519._decoded(raw)
    assert point is not None
    return point


def _spelled(point: tuple[int, int, int, int]) -> bytes:
    prime = 2**255 - 19
    inverse = pow(point[2], -1, prime)
    x, y = point[0] * inverse % prime, point[1] * inverse % prime
    return (y | (x & 1) << 255).to_bytes(32, "little")
