"""A response belongs to the tenant that opened it: messages of other tenants do not affect it."""

from dataclasses import replace

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.testing.fake_clock import JumpingLoop
from tests.support.runtime.small_join import Scene, Talk

loop_factory = JumpingLoop


def by_another(message: Message) -> Message:
    """Message of another tenant, under its own valid signature."""
    return message.bound(replace(message.envelope, tenant="globex"))


@pytest.mark.parametrize("word", ["cancelled", "end", "finished", "opened"])
async def test_whatever_another_tenant_says_changes_nothing(word: str) -> None:
    scene, talk = Scene(), Talk()
    foreign = {
        "cancelled": talk.cancelled(),
        "end": talk.part("end"),
        "finished": AnswerFinished(outcome="answered", text="stolen").opening(talk.origin),
        "opened": talk.opened(),
    }[word]
    await scene.take(talk.opened())
    await scene.take(by_another(foreign))
    await scene.take(talk.part("p1"))
    await scene.take(talk.part("end"))
    assert scene.published == ["after opened", "after p1", "answered p1"]
    assert sorted(scene.finished) == [0, 1, 2, 3]


async def test_it_becomes_a_dead_letter_and_is_audited() -> None:
    scene, talk = Scene(), Talk()
    await scene.take(talk.opened())
    await scene.take(by_another(talk.cancelled()))
    (letter,), (act,) = scene.publisher.letters, scene.publisher.acts
    assert (letter.error, letter.envelope.tenant, letter.record.offset) == ("foreign_tenant", "system", 1)
    assert (act.action, act.reason) == ("message-rejected", "foreign_tenant")
    assert act.target == "moe.pipeline.progress.v1/0/1"


async def test_also_what_another_tenant_said_before_the_response_was_opened() -> None:
    scene, talk = Scene(), Talk()
    await scene.take(by_another(talk.part("p0")))
    await scene.take(by_another(talk.part("p1")))
    assert scene.finished == []
    await scene.take(talk.opened())
    assert sorted(scene.finished) == [0, 1]
    assert [letter.record.offset for letter in scene.publisher.letters] == [0, 1]
    await scene.take(talk.part("end"))
    assert scene.published[-1] == "answered"
    assert sorted(scene.finished) == [0, 1, 2, 3]


async def test_after_the_close_too() -> None:
    scene, talk = Scene(), Talk()
    await scene.take(talk.opened())
    await scene.take(talk.part("end"))
    await scene.take(by_another(talk.part("p1")))
    assert [letter.error for letter in scene.publisher.letters] == ["foreign_tenant"]
    assert sorted(scene.finished) == [0, 1, 2]


async def test_what_comes_late_from_the_owner_is_no_dead_letter() -> None:
    scene, talk = Scene(), Talk()
    await scene.take(talk.opened())
    await scene.take(talk.part("end"))
    await scene.take(talk.part("p1"))
    assert scene.publisher.letters == []
    assert sorted(scene.finished) == [0, 1, 2]


async def test_a_bug_in_the_join_leaves_a_letter_of_the_record_at_which_it_showed() -> None:
    scene, talk = Scene(), Talk()
    await scene.take(talk.opened())
    await scene.take(talk.part("bug"))
    (letter,) = scene.publisher.letters
    assert (letter.error_class, letter.record.offset, letter.stage) == ("ValueError", 1, "join")
    assert scene.published == ["after opened", "failed"]
    assert sorted(scene.finished) == [0, 1]
