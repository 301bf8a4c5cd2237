"""The verifier finds twelve kinds of tampering, each at the right row, and nothing wrong where nothing is."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from verify_export import Bad, Rules, checkpoints_in, verify

from libs.contracts.checkpoint import ChainCheckpointed
from libs.core.chain import Checkpoint
from libs.testing.every import for_every
from tests.support.tools.exports import (
    EVERY,
    OTHER_SIGNER,
    SIGNER,
    Forge,
    Line,
    Row,
    checkpoint_line,
    lines_of,
    place_of,
    text_of,
)

ROWS = 100
KEYS = frozenset({SIGNER.public_key})
RULES = Rules(KEYS)
Attack = Callable[[list[Row], int, random.Random], tuple[list[Line], int]]


def flipped(text: str, chance: random.Random) -> str:
    raw = bytearray.fromhex(text)
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return raw.hex()


def next_checkpoint(number: int) -> int:
    return -(-number // EVERY) * EVERY


def change_header(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    header = lines[place_of(lines, number)]["header"]
    assert isinstance(header, list)
    field = chance.choice([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    header[field] = header[field] + 1 if isinstance(header[field], int) else f"{header[field]}x"
    return lines, number


def change_content(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    content = bytearray(rows[number - 1].content)
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    rows[number - 1].content = bytes(content)
    lines[place_of(lines, number)]["content"] = lines_of(rows)[place_of(lines, number)]["content"]
    return lines, number


def change_salt(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    line = lines[place_of(lines, number)]
    line["salt"] = flipped(str(line["salt"]), chance)
    return lines, number


def drop(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    del lines[place_of(lines, number)]
    return lines, number


def duplicate(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    place = place_of(lines, number)
    lines.insert(place, dict(lines[place]))
    return lines, number + 1


def swap(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    one, other = place_of(lines, number), place_of(lines, number + 1)
    lines[one], lines[other] = lines[other], lines[one]
    return lines, number


def insert(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    """A row is slipped in, and everything behind it is numbered and linked anew."""
    forged = replace(rows[number - 1].header, event_id="forged", topic="moe.requests", schema="x.v1")
    grown = [*rows[: number - 1], Row(forged, b"s" * 16, b"forged"), *rows[number - 1 :]]
    for place, row in enumerate(grown, start=1):
        row.header = replace(row.header, sequence=place)
    honest = {str(line["fields"]): line for line in lines_of(Forge().rows(ROWS)) if line["kind"] == "checkpoint"}
    lines = lines_of(grown, unsigned_from=number)
    for number_of, line in ((line["fields"][2], line) for line in honest.values()):  # type: ignore[index]
        if number_of >= number:
            lines.insert(place_of(lines, number_of) + 1, line)
    return lines, next_checkpoint(number)


def fork(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    """One row is replaced and everything behind it linked anew; the signatures are the old ones."""
    honest = [line for line in lines_of(rows) if line["kind"] == "checkpoint"]
    rows[number - 1].content = b"another answer"
    forged = [line for line in lines_of(rows) if line["kind"] != "checkpoint"]
    for line in honest:
        forged.insert(place_of(forged, line["fields"][2]) + 1, line)  # type: ignore[index]
    return forged, next_checkpoint(number)


def sign_with_another_key(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows, unsigned_from=number)
    rows[number - 1].content = b"another answer"
    forged = lines_of(rows, OTHER_SIGNER)
    before = {place_of(lines, each): lines[place_of(lines, each) + 1] for each in range(EVERY, number, EVERY)}
    for place, line in before.items():
        forged[place + 1] = line
    return forged, next_checkpoint(number)


def splice(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    foreign = lines_of(Forge("zeta").rows(ROWS))
    lines[place_of(lines, number)] = foreign[place_of(foreign, number)]
    return lines, number


def change_sequence(rows: list[Row], number: int, chance: random.Random) -> tuple[list[Line], int]:
    lines = lines_of(rows)
    header = lines[place_of(lines, number)]["header"]
    assert isinstance(header, list)
    header[2] = number + chance.choice([-1, 1, 1000])
    return lines, number


ATTACKS: list[Attack] = [
    change_header,
    change_content,
    change_salt,
    drop,
    duplicate,
    swap,
    insert,
    fork,
    sign_with_another_key,
    splice,
    change_sequence,
]


def bad(lines: list[Line], rules: Rules = RULES) -> Bad:
    with pytest.raises(Bad) as caught:
        verify(text_of(lines), rules)
    return caught.value


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
@for_every(seed=range(20))
def test_tampering_is_found_at_the_right_row(attack: Attack, seed: int) -> None:
    chance = random.Random(seed)
    lines, expected = attack(Forge().rows(ROWS), chance.randrange(1, ROWS), chance)
    assert bad(lines).index == expected


@pytest.mark.parametrize("seed", range(20))
def test_a_tail_that_was_cut_off_is_found_by_a_checkpoint_that_was_kept_apart(seed: int) -> None:
    left = random.Random(seed).randrange(1, ROWS)
    whole = lines_of(Forge().rows(ROWS))
    apart = checkpoints_in(text_of([line for line in whole if line["kind"] == "checkpoint"]), KEYS, "acme")
    cut = lines_of(Forge().rows(ROWS)[:left])
    rules = replace(RULES, unsigned=EVERY - 1)
    if left >= EVERY:
        assert verify(text_of(cut), rules).sequence == left  # on its own it is a valid, shorter chain
    assert bad(cut, replace(rules, outside=apart)).index == left + 1


def test_what_was_not_tampered_with_holds() -> None:
    state = verify(text_of(lines_of(Forge().rows(ROWS))), RULES)
    assert (state.sequence, state.checkpoints, state.signed, len(state.ended)) == (ROWS, ROWS // EVERY, ROWS, 25)


def test_rows_without_content_hold_by_their_commitment() -> None:
    lines = lines_of(Forge().rows(ROWS))
    lines[place_of(lines, 7)] |= {"salt": None, "content": None}
    assert verify(text_of(lines), RULES).without_content == 1


def test_content_that_is_said_to_be_erased_cannot_be_replaced() -> None:
    lines = lines_of(Forge().rows(ROWS))
    lines[place_of(lines, 7)] |= {"salt": None}
    assert bad(lines).index == 7


def test_a_missing_end_line_is_a_cut() -> None:
    assert bad(lines_of(Forge().rows(ROWS))[:-1]).index == ROWS + 1


def test_a_fork_without_its_checkpoints_is_found_by_one_that_was_kept_apart() -> None:
    rows = Forge().rows(ROWS)
    apart = checkpoints_in(text_of([line for line in lines_of(rows) if line["kind"] == "checkpoint"]), KEYS, "acme")
    rows[41].content = b"another answer"
    forged = lines_of(rows, unsigned_from=1)
    assert "nothing is proven" in bad(forged, replace(RULES, unsigned=ROWS)).reason
    assert bad(forged, replace(RULES, outside=apart)).index == 50


def test_two_checkpoints_that_differ_prove_a_fork() -> None:
    two = [checkpoint_line("acme", 10, bytes([number]) * 32, SIGNER) for number in (1, 2)]
    with pytest.raises(Bad, match="fork"):
        checkpoints_in(text_of(two), KEYS, "acme")


def test_checkpoints_as_they_stand_on_the_topic_are_understood() -> None:
    checkpoint, signature = SIGNER.signed(Checkpoint("acme", 10, (b"h" * 32).hex(), 10_000, ""))
    line = ChainCheckpointed.of(checkpoint, signature.hex()).body().decode()
    assert checkpoints_in([line, "\n"], KEYS, "acme") == {10: (b"h" * 32).hex()}
    assert checkpoints_in([line], KEYS, "zeta") == {}
    with pytest.raises(Bad, match="signature"):
        checkpoints_in([line.replace('"sequence":10', '"sequence":11')], KEYS, "acme")


def test_an_accepted_request_without_an_end_is_named() -> None:
    rows = Forge().rows(ROWS)
    rows[7].header = replace(rows[7].header, schema="other.v1")
    found = bad(lines_of(rows), replace(RULES, open_for_ms=10_000))
    assert (found.index, found.reason) == (5, "response-1 was accepted and has no end")
    assert len(verify(text_of(lines_of(rows)), RULES).opened) == 1  # it may still be open


def test_a_second_end_is_named_and_the_same_one_again_is_none() -> None:
    rows = Forge().rows(ROWS)
    rows[10].header = replace(rows[7].header, sequence=11)
    assert verify(text_of(lines_of(rows)), RULES).sequence == ROWS
    rows[10].header = replace(rows[7].header, sequence=11, event_id="another end")
    assert bad(lines_of(rows)).index == 11


def test_a_part_must_begin_where_a_known_checkpoint_is() -> None:
    whole = lines_of(Forge().rows(ROWS))
    head = next(line for line in whole if line["kind"] == "checkpoint")["fields"][3]  # type: ignore[index]
    start = place_of(whole, EVERY + 1)
    part = [
        whole[0] | {"first": EVERY + 1, "previous": head},
        *whole[start:-1],
        whole[-1] | {"checkpoints": ROWS // EVERY - 1},
    ]
    assert "in the middle" in bad(part).reason
    assert verify(text_of(part), replace(RULES, outside={EVERY: str(head)})).sequence == ROWS
    assert verify(text_of(part), replace(RULES, partial=True)).sequence == ROWS
    assert "where the chain was" in bad(part, replace(RULES, outside={EVERY: "00" * 32})).reason


@pytest.mark.parametrize("line", ["", "[]", "nonsense", '{"kind":"row"}', '{"kind":"secret"}', '{"kind":"checkpoint"}'])
def test_a_line_that_is_none_is_found_where_it_stands(line: str) -> None:
    lines = text_of(lines_of(Forge().rows(20)))
    with pytest.raises(Bad) as caught:
        verify([*lines[:6], line, *lines[6:]], RULES)
    assert caught.value.index in {5, 6}


@pytest.mark.parametrize("rules", [RULES, replace(RULES, unsigned=1000), replace(RULES, partial=True)])
def test_an_export_without_rows_proves_nothing(rules: Rules) -> None:
    heading = lines_of(Forge().rows(1))[0]
    empty: list[Line] = [heading, {"kind": "end", "sequence": 0, "hash": "00" * 32, "checkpoints": 0}]
    assert "no rows" in bad(empty, rules).reason


def test_rows_after_the_last_checkpoint_are_refused_unless_so_many_are_allowed() -> None:
    lines = lines_of(Forge().rows(ROWS - 3))
    assert bad(lines).index == ROWS - EVERY + 1
    assert bad(lines, replace(RULES, unsigned=6)).index == ROWS - EVERY + 1
    assert verify(text_of(lines), replace(RULES, unsigned=7)).signed == ROWS - EVERY


def test_a_checkpoint_that_was_kept_apart_covers_rows_as_well() -> None:
    lines = lines_of(Forge().rows(ROWS - 3))
    head = str(lines[-1]["hash"])
    assert verify(text_of(lines), replace(RULES, outside={ROWS - 3: head})).signed == ROWS - 3


def test_checkpoints_of_several_keys_are_trusted_after_a_rotation() -> None:
    lines, rotated = lines_of(Forge().rows(ROWS)), lines_of(Forge().rows(ROWS), OTHER_SIGNER)
    place = place_of(lines, ROWS // 2)
    both = [*lines[:place], *rotated[place:]]
    keys = frozenset({SIGNER.public_key, OTHER_SIGNER.public_key})
    assert verify(text_of(both), replace(RULES, public_keys=keys)).checkpoints == ROWS // EVERY
    assert "not trusted" in bad(both).reason


def test_an_export_of_the_first_format_holds() -> None:
    lines = lines_of(Forge().rows(ROWS))
    del lines[-1]["checkpoints"]
    lines[0]["format"] = 1
    assert verify(text_of(lines), RULES).checkpoints == ROWS // EVERY


def test_an_export_of_another_tenant_is_refused_where_the_tenant_is_given() -> None:
    lines = lines_of(Forge("zeta").rows(ROWS))
    assert verify(text_of(lines), replace(RULES, tenant="zeta")).tenant == "zeta"
    assert bad(lines, replace(RULES, tenant="acme")).reason == "this is an export of tenant zeta"
