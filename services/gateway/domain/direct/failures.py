"""Errors of direct requests. The texts are the gateway's: those of a server may contain hosts, files and keys."""

import re
from collections.abc import Mapping

from libs.core.error_objects import status_in
from libs.core.json_values import JsonObject
from services.gateway.domain.direct.overflow import overflow_in
from services.gateway.domain.errors import ApiError, prompt_too_long

_SLUG = re.compile(r"[a-z][a-z_]{2,47}")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]]{0,99}")
_PASSED = frozenset({400, 404, 408, 409, 413, 415, 422, 425})
_LONGEST_PAUSE_S = 120


def refused_by_server(status: int, error: JsonObject, retry_after_s: float | None, response_id: str) -> ApiError:
    """For HTTP statuses of 300 and above."""
    return _error_for(status, error, retry_after_s, response_id)


def upstream_error(error: Mapping[str, object], response_id: str) -> ApiError:
    """For an error object inside an answer that began with 200."""
    if (status := status_in(error)) is not None:
        return _error_for(status, error, None, response_id)
    return ApiError(
        502, "model_failed", f"The model server reported an error{_words(error)}. [{response_id}]", final=True
    )


def unreachable(response_id: str) -> ApiError:
    """For a server that accepts no connection: no work started, so a client may retry."""
    message = f"The model server cannot be reached. Try again shortly. [{response_id}]"
    return ApiError(503, "model_unavailable", message, retry_after_s=2)


def broken_off(how: str, response_id: str) -> ApiError:
    return ApiError(502, "stream_broken", f"The answer of the model stopped {how}. [{response_id}]", final=True)


def too_late(response_id: str) -> ApiError:
    message = f"The model did not answer within the time limit. [{response_id}]"
    return ApiError(504, "deadline_exceeded", message, final=True)


def fell_silent(response_id: str) -> ApiError:
    """For an answer without further pieces."""
    return ApiError(504, "model_stalled", f"The model stopped sending within its answer. [{response_id}]", final=True)


def stopped(response_id: str) -> ApiError:
    """For a call that the shutdown of the gateway aborted."""
    return ApiError(503, "stopping", f"This gateway is stopping. Try again. [{response_id}]", retry_after_s=1)


def cancelled(response_id: str) -> ApiError:
    return ApiError(499, "cancelled", f"The request was cancelled. [{response_id}]", final=True)


def restarted(response_id: str) -> ApiError:
    """For a call that ended with its gateway process."""
    message = f"The gateway restarted before the model answered. Try again. [{response_id}]"
    return ApiError(503, "gateway_restarted", message)


def _error_for(status: int, error: Mapping[str, object], retry_after_s: float | None, response_id: str) -> ApiError:
    words = f"HTTP {status}{_words(error)}"
    if status == 429:
        pause = min(_LONGEST_PAUSE_S, max(1, round(retry_after_s or 1)))
        message = f"The model server accepts no more requests now ({words}). [{response_id}]"
        return ApiError(429, "rate_limit_exceeded", message, retry_after_s=pause)
    if status in _PASSED and (overflow := overflow_in(error)) is not None:
        return prompt_too_long(overflow.tokens, overflow.window)
    if status in _PASSED:
        code, param = _slug(error, "code") or _slug(error, "type") or "model_refused", _param(error)
        return ApiError(status, code, f"The model server refused the request ({words}). [{response_id}]", param)
    if status in {503, 529}:
        pause = min(_LONGEST_PAUSE_S, max(1, round(retry_after_s or 2)))
        message = f"The model server is overloaded ({words}). [{response_id}]"
        return ApiError(503, "model_unavailable", message, retry_after_s=pause)
    # Redirects and rejected keys are the operator's faults: the client's own key is valid.
    code = "model_failed" if status >= 500 else "model_server_misconfigured"
    return ApiError(502, code, f"The model server does not answer ({words}). [{response_id}]", final=True)


def _words(error: Mapping[str, object]) -> str:
    words = dict.fromkeys(word for name in ("type", "code") if (word := _slug(error, name)))
    return "".join(f", {word}" for word in words)


def _slug(error: Mapping[str, object], name: str) -> str:
    value = error.get(name)
    return value if isinstance(value, str) and _SLUG.fullmatch(value) else ""


def _param(error: Mapping[str, object]) -> str | None:
    value = error.get("param")
    return value if isinstance(value, str) and _FIELD.fullmatch(value) else None
