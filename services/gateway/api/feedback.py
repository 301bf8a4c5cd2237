"""POST /v1/feedback: recorded on the log before the client gets its reply."""

import logging

import orjson
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.account import Account
from libs.contracts.records import FeedbackGiven
from libs.core.ids import response_id_in
from libs.http.body import BodyLimits
from libs.http.context import caller_in
from libs.http.responses import identify, json_response
from libs.ports.identity import Caller
from libs.ports.key_values import DataSubject, KeyValueStoreUnavailable
from services.gateway.domain.body.feedback import FeedbackBody, LatestRating, counted, feedback_of, with_persons
from services.gateway.domain.question.identity import subject_of
from services.gateway.http.body import MAX_BYTES, posted_with_users
from services.gateway.lookup.origins import OriginLookup
from services.gateway.pipeline.acceptance import record
from services.gateway.pipeline.app_context import AppContext

NOTED_FOR_S = 7 * 24 * 3600

log = logging.getLogger(__name__)


class Feedback:
    def __init__(self, front: AppContext) -> None:
        self._front = front
        self._personal = front.answer_cache.values

    async def record(self, request: Request) -> Response:
        """Record a caller's rating of its own response. A repeated rating is the same feedback."""
        front, caller = self._front, caller_in(request.scope)
        limits = BodyLimits(MAX_BYTES, front.limits.body_timeout_s)
        submitted, users = await posted_with_users(request, FeedbackBody, limits)
        body = submitted.model_copy(update={"response_id": response_id_in(submitted.response_id)})
        rated = await OriginLookup(front.lookup, front.straight).origin(caller, body.response_id)
        rated = with_persons(rated, subject_of(front.pseudonym_keys, caller, users))
        account = Account(key_id=caller.key_id, user=caller.user, team=caller.team)
        feedback = feedback_of(body, front.limits.feedback, account, rated, front.clock.now())
        note = self._note(caller, body.response_id)
        feedback = counted(feedback, rated, await self._before(caller, note))
        await record(front, feedback)
        if feedback.rating <= front.limits.feedback.negative_to:
            await front.answer_cache.evict(caller.tenant, body.response_id)
        await self._remember(note, feedback)
        return identify(_recorded(feedback, submitted.response_id), submitted.response_id)

    async def _before(self, caller: Caller, note: str) -> LatestRating | None:
        """None while the store is unavailable; then each rating counts as the first one."""
        try:
            return LatestRating.read(await self._personal.get(caller.tenant, note))
        except KeyValueStoreUnavailable:
            return None

    async def _remember(self, note: str, feedback: FeedbackGiven) -> None:
        person = DataSubject(feedback.envelope.tenant, feedback.envelope.subject, feedback.ts)
        try:
            await self._personal.put(person, note, LatestRating(feedback.changes, feedback.part_id).note(), NOTED_FOR_S)
        except KeyValueStoreUnavailable as error:
            log.warning("feedback on %s is recorded, but not noted: %s", feedback.response_id, error)

    def _note(self, caller: Caller, response_id: str) -> str:
        whose = f"{caller.user}\0{response_id}"
        return self._personal.name(caller.tenant, "feedback", whose.encode(errors="replace"))


def _recorded(feedback: FeedbackGiven, response_id: str) -> Response:
    fields = {"object": "feedback", "status": "recorded", "id": feedback.envelope.event_id}
    return json_response(orjson.dumps({**fields, "response_id": response_id, "rating": feedback.rating}))
