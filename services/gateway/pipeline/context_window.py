"""Fits a request into the context window of its profile."""

import asyncio

from services.gateway.domain.question.estimate import prompt_characters
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.routing.context_window import fit_to_window, window_of
from services.gateway.domain.routing.decide import Decision

LARGE_CHARS = 16 * 1024  # counting reads every word


async def fit_context_window(request: InferenceRequest, decision: Decision) -> Decision:
    """Shortens the request if needed. Raises RequestRefused (400) when it cannot fit."""
    if not window_of(decision):
        return decision
    if prompt_characters(request.raw) > LARGE_CHARS:
        return await asyncio.to_thread(fit_to_window, request, decision)
    return fit_to_window(request, decision)
