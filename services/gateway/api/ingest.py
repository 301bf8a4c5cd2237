"""POST /v1/memory/ingest: recorded on the log before the client gets its reply."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.account import Account
from libs.contracts.origin import Origin
from libs.core.ids import new_response_id
from libs.http.body import BodyLimits
from libs.http.context import caller_in, trace_of
from libs.http.responses import json_response
from libs.ports.identity import Caller
from services.gateway.domain.body.ingest import MAX_BODY_BYTES, IngestBody, knowledge_of, text_of
from services.gateway.domain.body.json import BodyMemoryLimit
from services.gateway.domain.errors import invalid
from services.gateway.domain.question.identity import subject_of
from services.gateway.http.body import posted_with_users
from services.gateway.pipeline.acceptance import record
from services.gateway.pipeline.app_context import AppContext

FEATURE = "memory_ingest"
KEPT_S = 7 * 24 * 3600.0  # retention of the topic: a consumer may read it until then


class Ingest:
    def __init__(self, front: AppContext) -> None:
        self._front = front
        self._limits = BodyLimits(MAX_BODY_BYTES, front.limits.body_timeout_s)
        self._body_memory = BodyMemoryLimit(front.limits.body_memory_bytes)

    async def take(self, request: Request) -> Response:
        """Record the summary of a session. Replies 202."""
        caller = caller_in(request.scope)
        body, users = await posted_with_users(request, IngestBody, self._limits, self._body_memory)
        if not (text := text_of(body)):
            raise invalid("The summary is empty.", param="session_summary")
        account = Account(key_id=caller.key_id, user=caller.user, team=caller.team)
        await record(self._front, knowledge_of(body, account).opening(self._origin(request, caller, users)))
        fields = {"status": "queued", "domain": body.domain, "length": len(text)}
        return json_response(orjson.dumps(fields), 202)

    def _origin(self, request: Request, caller: Caller, users: tuple[str, ...]) -> Origin:
        """A contribution belongs to no response; its own id groups the messages about it."""
        front, now = self._front, self._front.clock.now()
        return Origin(
            new_response_id(front.reply_partition, now),
            caller.tenant,
            deadline_at=now + KEPT_S,
            trace=trace_of(request.headers.get("traceparent", "")),
            subject=subject_of(front.pseudonym_keys, caller, users),
        )
