"""POST /v1/memory/ingest: on the log before the client is told so."""

import asyncio
import logging

import orjson
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.account import Account
from libs.contracts.envelope import Envelope
from libs.contracts.records import KnowledgeOffered
from libs.core.errors import Retryable
from libs.core.ids import new_response_id
from libs.ports.identity import Caller
from services.gateway.domain.errors import invalid, not_accepted, not_granted
from services.gateway.domain.ingest import IngestBody, knowledge_of, text_of
from services.gateway.domain.trace import trace_of
from services.gateway.http.answers import json_response
from services.gateway.http.front import Front
from services.gateway.http.posted import posted

FEATURE = "memory_ingest"
KEPT_S = 7 * 24 * 3600.0  # as long as the topic keeps it, somebody may learn it

log = logging.getLogger(__name__)


class Ingest:
    """The endpoint, around one front."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def take(self, request: Request) -> Response:
        """Queue what a client wants remembered."""
        caller: Caller = request.scope["caller"]
        if not caller.grants.allow("feature", FEATURE):
            raise not_granted("feature", FEATURE)
        body = await posted(request, IngestBody, self._front.rules.body_timeout_s)
        if not (text := text_of(body)):
            raise invalid("The summary is empty.", param="session_summary")
        account = Account(key_id=caller.key_id, user=caller.user, team=caller.team)
        await self._publish(knowledge_of(body, account).opening(self._envelope(request, caller)))
        fields = {"status": "queued", "domain": body.domain, "length": len(text)}
        return json_response(orjson.dumps(fields), 202)

    def _envelope(self, request: Request, caller: Caller) -> Envelope:
        """It belongs to no response; an id of its own keeps what is said about it together."""
        front, now = self._front, self._front.clock.now()
        return Envelope(
            event_id="",
            response_id=new_response_id(front.reply_partition, now),
            tenant=caller.tenant,
            causation_id="",
            deadline_at=now + KEPT_S,
            schema="",
            trace=trace_of(request.headers.get("traceparent", "")),
            subject=front.subject_of(caller, ""),
        )

    async def _publish(self, offer: KnowledgeOffered) -> None:
        try:
            async with asyncio.timeout(self._front.rules.accept_timeout_s):
                await self._front.publisher.publish(offer)
        except (Retryable, TimeoutError) as error:
            log.warning("what was to be remembered was not recorded: %s", error or "timeout")
            raise not_accepted() from error
