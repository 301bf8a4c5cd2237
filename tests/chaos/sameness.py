"""Rules for duplicate records: a consumer of a duplicate publishes nothing different, and nothing more."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.case import Case, Violation
from tests.chaos.load import kind_of

Profile = Mapping[str, int]  # topic and schema, to how many events there are


def the_chain_is_whole(case: Case) -> Iterator[Violation]:
    if case.evidence.chain:
        yield Violation("chain", "journal", case.evidence.chain)


def one_name_one_body(case: Case) -> Iterator[Violation]:
    """While only duplicates are injected, no event has two bodies, on the log or in the journal."""
    if not case.bars.copies:
        return
    bodies: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for named in case.evidence.named:
        bodies[(named.response_id, named.position[0], named.event_id)].add(named.value)
    for (response_id, topic, event_id), values in bodies.items():
        if len(values) > 1:
            yield Violation("same", response_id, f"{event_id} has {len(values)} bodies on {topic}")
    for topic, partition, offset in sorted(case.evidence.superseded):
        yield Violation("same", f"{topic}/{partition}@{offset}", "is superseded in the journal")


def the_same_events(case: Case) -> Iterator[Violation]:
    """A request whose records were copied has as many events of each kind as one of its like that was left alone."""
    if not case.bars.copies:
        return
    touched = {original for _, original in case.evidence.copies}
    profiles, copied = _profiles(case), set()
    for named in case.evidence.named:
        if named.position in touched:
            copied.add(named.response_id)
    likes: defaultdict[str, list[Profile]] = defaultdict(list)
    for response_id in profiles.keys() - copied:
        likes[_kind(case, response_id)].append(profiles[response_id])
    for response_id in sorted(profiles.keys() & copied):
        if profiles[response_id] not in likes[_kind(case, response_id)]:
            wanted = likes[_kind(case, response_id)][:1]
            yield Violation("same", response_id, f"has {dict(profiles[response_id])}, its like {[*map(dict, wanted)]}")


def enough_was_copied(case: Case) -> Iterator[Violation]:
    if (made := len(case.evidence.copies)) < case.bars.copies:
        yield Violation("guard", "all", f"only {made} copies were made, at least {case.bars.copies} must be")


def _profiles(case: Case) -> dict[str, Profile]:
    cancelled = {each.response_id for each in case.evidence.cancelled}
    answered = {each for each, end in case.first.items() if end.outcome == "answered"} - cancelled
    names = {(each.response_id, each.position[0], each.schema, each.event_id) for each in case.evidence.named}
    profiles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for response_id, topic, schema, _ in names:
        if response_id in answered:
            profiles[response_id][f"{topic} {schema}"] += 1
    return dict(profiles)


def _kind(case: Case, response_id: str) -> str:
    return kind_of(case.opened[response_id].token)
