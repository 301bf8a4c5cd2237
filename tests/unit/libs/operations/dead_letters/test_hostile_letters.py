"""A letter with hostile numbers and texts, under a valid signature: all others are listed and replayed."""

import pytest

from libs.contracts.dead_letter import DeadLettered
from libs.operations.dead_letters.settling import settle_all
from libs.testing.hostile import cases_of, full_documents
from moe.cli.dlq.text import as_json, as_lines, whole
from tests.unit.libs.operations.dead_letters.test_letters import Letters, asked, letter_of

OTHER = letter_of(asked(), stage="merger", offset=7)


def hostile_letters() -> list[DeadLettered]:
    bound = letter_of(asked())
    letters = []
    for case in cases_of(full_documents()[DeadLettered], foreign=False):
        try:
            letters.append(DeadLettered.read(case.body, bound.envelope))
        except ValueError:
            continue
    return letters


HOSTILE = hostile_letters()


async def test_every_letter_is_listed_and_shown() -> None:
    assert len(HOSTILE) > 100
    for letter in HOSTILE:
        cases = await Letters(letter, OTHER).cases()
        lines = [*as_lines(cases)]
        assert len(lines) == 2
        assert lines[1].startswith(OTHER.letter)
        assert all(as_json(case) and whole(case) for case in cases)


async def test_a_letter_that_cannot_be_replayed_is_the_only_one() -> None:
    for letter in HOSTILE:
        letters = Letters(letter, OTHER)
        results = await settle_all(
            letters.resolver, await letters.cases(), lambda resolver, case: resolver.replay(case)
        )
        assert len(results) == 2
        assert results[1].done, letter


@pytest.mark.parametrize("field", ["key", "body"])
async def test_a_letter_that_is_not_base64_is_refused_with_its_reason(field: str) -> None:
    letter = letter_of(asked())
    changed = letter.model_copy(update={"record": letter.record.model_copy(update={field: "\N{SNOWMAN}"})})
    letters = Letters(changed.bound(letter.envelope))
    result = await letters.resolver.replay(await letters.case())
    assert (result.done, result.reason) == (False, "a field of the letter is not base64")
