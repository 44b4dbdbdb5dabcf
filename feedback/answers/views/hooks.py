"""Webhooks of the mail provider and the SMS service."""

import base64
import binascii
import json
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from feedback.answers.services import inbox
from feedback.delivery import provider
from feedback.delivery.returned import IncomingMailKind
from feedback.delivery.services.outbox import of_reference
from feedback.delivery.services.sms import STATUSES
from neighbourhoods.access import public


# CSRF-exempt: a machine posts here without a cookie; the shared secret authenticates it.
@csrf_exempt
@public
@never_cache
@require_POST
def mail_hook(request: HttpRequest) -> HttpResponse:
    """Idempotent per event, so a provider may retry freely.

    503 asks it to post again: an event is about a mail that is being handed over right now.
    """
    if not settings.MAIL_HOOK_SECRET:
        raise Http404
    if not _knows_secret(request.headers.get("Authorization", ""), settings.MAIL_HOOK_SECRET):
        return _said("The secret is not right.", 401)
    if int(request.META.get("CONTENT_LENGTH") or 0) > provider.MAX_HOOK_BYTES:
        return _said("Too much at once.", 413)
    try:
        told = provider.parse_provider_events(request.read(provider.MAX_HOOK_BYTES + 1))
    except provider.Unreadable:
        return _said("This is no JSON with events.", 400)
    outcomes = inbox.take_events(told)
    counts = {"taken": outcomes.count(inbox.TAKEN), "unknown": outcomes.count(inbox.UNKNOWN)}
    return JsonResponse(counts, status=503 if inbox.EARLY in outcomes else 200)


# CSRF-exempt for the same reason.
@csrf_exempt
@public
@never_cache
@require_POST
def text_hook(request: HttpRequest) -> HttpResponse:
    """The status of one text by reference (NotifyNL and GOV.UK Notify). Non-final statuses change nothing.
    503 asks to post again: the text is being handed over right now."""
    if not settings.SMS_HOOK_SECRET:
        raise Http404
    if not _knows_secret(request.headers.get("Authorization", ""), settings.SMS_HOOK_SECRET):
        return _said("The secret is not right.", 401)
    if int(request.META.get("CONTENT_LENGTH") or 0) > provider.MAX_HOOK_BYTES:
        return _said("Too much at once.", 413)
    try:
        told = json.loads(request.read(provider.MAX_HOOK_BYTES + 1))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return _said("This is no JSON about a text.", 400)
    reference, status = str(told.get("reference", ""))[:100], str(told.get("status", ""))
    if "\0" in reference or status not in STATUSES:
        return JsonResponse({"taken": 0, "unknown": 1})
    event = provider.ProviderEvent(
        f"text:{reference}:{status}", IncomingMailKind(STATUSES[status]), of_reference(reference), status
    )
    (outcome,) = inbox.take_events([event])
    counts = {"taken": int(outcome == inbox.TAKEN), "unknown": int(outcome == inbox.UNKNOWN)}
    return JsonResponse(counts, status=503 if outcome == inbox.EARLY else 200)


def _said(error: str, status: int) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)


def _knows_secret(header: str, secret: str) -> bool:
    """`Bearer <secret>`, or the password of `Basic`, as providers allow only that in a URL."""
    how, _space, given = header[:1_000].partition(" ")
    if how.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif how.lower() != "bearer":
        return False
    return compare_digest(given.strip().encode(), secret.encode())
