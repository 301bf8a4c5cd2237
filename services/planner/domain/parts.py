"""Converts jobs to the parts of a plan: ids derived from the work, and needs without cycles."""

import hashlib
import json
from dataclasses import replace
from itertools import chain

from libs.contracts.part_sources import EXPERT, TOOL
from libs.contracts.plan import PlannedPart
from services.planner.domain.jobs import Job
from services.planner.domain.offer import Capabilities


def parts_of(jobs: tuple[Job, ...], capabilities: Capabilities) -> tuple[PlannedPart, ...]:
    """One part per job, and one more per additional model of its category.

    Needs of unknown jobs or of itself, and needs that close a cycle, are dropped. A need covers all opinions on its
    job.
    """
    opinions = tuple(opinion for job in jobs for opinion in _opinions(job, capabilities))
    ids = tuple(_part_id(job, number) for number, job in enumerate(opinions, start=1))
    named = _ids_by_name(opinions, ids)
    needs: dict[str, tuple[str, ...]] = {}
    for job, part_id in zip(opinions, ids, strict=True):
        wanted = dict.fromkeys(chain.from_iterable(named.get(name, ()) for name in job.needs))
        needs[part_id] = tuple(need for need in wanted if not _leads_to(need, part_id, needs))
    return tuple(_part(job, part_id, needs[part_id], capabilities) for job, part_id in zip(opinions, ids, strict=True))


def _opinions(job: Job, capabilities: Capabilities) -> tuple[Job, ...]:
    """The job, and a copy for each model with an opinion of its own."""
    beside = capabilities.beside.get(job.category, ()) if job.call is None and not job.kind else ()
    return job, *(replace(job, model=model) for model in beside)


def _ids_by_name(opinions: tuple[Job, ...], ids: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Part ids by name; a name stands for the first task that has it."""
    named: dict[str, tuple[str, ...]] = {}
    for job in opinions:
        on_it = (
            part_id for part_id, other in zip(ids, opinions, strict=True) if replace(other, model=job.model) == job
        )
        named = dict.fromkeys(job.names, tuple(on_it)) | named
    return named


def _part(job: Job, part_id: str, needs: tuple[str, ...], capabilities: Capabilities) -> PlannedPart:
    if job.call is not None:
        return PlannedPart(id=part_id, kind=TOOL.kind, task=job.task, call=job.call)
    if job.kind:
        return PlannedPart(id=part_id, kind=job.kind, task=job.task, needs=needs)
    return PlannedPart(
        id=part_id,
        kind=EXPERT.kind,
        task=job.task,
        category=job.category,
        tier=capabilities.tier_of(job.category) if job.model is None else "T1",
        needs=needs,
        model=job.model,
    )


def _part_id(job: Job, number: int) -> str:
    """The id hashes the content, so that parts of a redrafted plan never mix with those of the first one."""
    kind = job.kind or (EXPERT.kind if job.call is None else TOOL.kind)
    who = job.category if job.call is None else job.call.tool
    arguments = sorted(job.call.arguments.items()) if job.call is not None else []
    alone = [job.model.model, job.model.server] if job.model is not None else []
    content = json.dumps([kind, who, job.task, arguments, *alone])
    return f"p{number}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _leads_to(start: str, goal: str, needs: dict[str, tuple[str, ...]]) -> bool:
    return start == goal or any(_leads_to(need, goal, needs) for need in needs.get(start, ()))
