"""From jobs to the parts of a plan: ids that name the work, and needs that end."""

import hashlib
import json

from libs.contracts.finding import PartKind
from libs.contracts.plan import PlannedPart
from services.planner.domain.jobs import Job
from services.planner.domain.offer import Roster


def parts_of(jobs: tuple[Job, ...], roster: Roster) -> tuple[PlannedPart, ...]:
    """Return one part for each job. Needs of unknown jobs, of itself, or that would close a circle are dropped."""
    ids = tuple(_part_id(job, number) for number, job in enumerate(jobs, start=1))
    named = {name: part_id for job, part_id in reversed(list(zip(jobs, ids, strict=True))) for name in job.names}
    needs: dict[str, tuple[str, ...]] = {}
    for job, part_id in zip(jobs, ids, strict=True):
        wanted = dict.fromkeys(named[name] for name in job.needs if name in named)
        needs[part_id] = tuple(need for need in wanted if not _leads_to(need, part_id, needs))
    return tuple(_part(job, part_id, needs[part_id], roster) for job, part_id in zip(jobs, ids, strict=True))


def _part(job: Job, part_id: str, needs: tuple[str, ...], roster: Roster) -> PlannedPart:
    if job.call is not None:
        return PlannedPart(id=part_id, kind="tool", task=job.task, call=job.call)
    tier = roster.tier_of(job.category)
    return PlannedPart(id=part_id, kind="expert", task=job.task, category=job.category, tier=tier, needs=needs)


def _part_id(job: Job, number: int) -> str:
    """The content is part of the id, so that parts of a plan that was drafted again never mix with the first one's."""
    kind: PartKind = "expert" if job.call is None else "tool"
    who = job.category if job.call is None else job.call.tool
    arguments = sorted(job.call.arguments.items()) if job.call is not None else []
    content = json.dumps([kind, who, job.task, arguments])
    return f"p{number}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _leads_to(start: str, goal: str, needs: dict[str, tuple[str, ...]]) -> bool:
    return start == goal or any(_leads_to(need, goal, needs) for need in needs.get(start, ()))
