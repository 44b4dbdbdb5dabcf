"""Webhooks of the mail provider and the SMS service, and the preflight of mail.

The preflight tells whether our mail authenticates at a receiver, before the first answer is sent.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from hmac import compare_digest

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from core.actions import form_status
from feedback.delivery import returned
from feedback.delivery.forms import PreflightForm
from feedback.delivery.preflight import AuthenticationResults, Finding, Verdict, read_authentication_results
from feedback.delivery.returned import IncomingMailKind
from feedback.delivery.services import inbox
from feedback.delivery.services.outbox import message_id_of_reference, queue_message
from feedback.delivery.services.sms import STATUSES
from feedback.models import build_key
from feedback.states import MessagePurpose
from neighbourhoods.access import public, require, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role


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
    if int(request.META.get("CONTENT_LENGTH") or 0) > returned.MAX_HOOK_BYTES:
        return _said("Too much at once.", 413)
    try:
        told = returned.parse_provider_events(request.read(returned.MAX_HOOK_BYTES + 1))
    except returned.Unreadable:
        return _said("This is no JSON with events.", 400)
    outcomes = inbox.record_provider_events(told)
    counts = {"taken": outcomes.count(inbox.EVENT_RECORDED), "unknown": outcomes.count(inbox.EVENT_UNKNOWN)}
    return JsonResponse(counts, status=503 if inbox.EVENT_TOO_EARLY in outcomes else 200)


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
    if int(request.META.get("CONTENT_LENGTH") or 0) > returned.MAX_HOOK_BYTES:
        return _said("Too much at once.", 413)
    try:
        told = json.loads(request.read(returned.MAX_HOOK_BYTES + 1))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return _said("This is no JSON about a text.", 400)
    reference, status = str(told.get("reference", ""))[:100], str(told.get("status", ""))
    if "\0" in reference or status not in STATUSES:
        return JsonResponse({"taken": 0, "unknown": 1})
    event = returned.ProviderEvent(
        f"text:{reference}:{status}",
        IncomingMailKind(STATUSES[status]),
        message_id_of_reference(reference),
        status,
    )
    (outcome,) = inbox.record_provider_events([event])
    counts = {"taken": int(outcome == inbox.EVENT_RECORDED), "unknown": int(outcome == inbox.EVENT_UNKNOWN)}
    return JsonResponse(counts, status=503 if outcome == inbox.EVENT_TOO_EARLY else 200)


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


# --- views ---------------------------------------------------------------------------------------
# Preflight: does our mail authenticate at a receiver? For use before the first answer is sent.


@dataclass(frozen=True)
class PreflightResult:
    """SPF, DKIM or DMARC in plain words: the result, what it means, and what to ask of whom ("" if nothing)."""

    name: str
    good: bool
    bad: bool
    sentence: str
    ask: str = ""


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def preflight(request: HttpRequest) -> HttpResponse:
    """Nothing that is pasted here is stored."""
    require(request, Role.ADMINISTRATOR, Area.root())
    sent = request.method == "POST"
    form = PreflightForm(request.POST, request.FILES) if sent else PreflightForm()
    flight = read_authentication_results(form.cleaned_data["source"]) if form.is_valid() else None
    context = {
        "form": form,
        "address": request.user.email,
        "flight": flight,
        "told": _preflight_results(flight) if flight else [],
        "warnings": warnings(flight) if flight else [],
    }
    return render(request, "feedback/preflight.html", context, status=200 if flight else form_status(form))


@staff(Role.ADMINISTRATOR)
@require_POST
def preflight_send(request: HttpRequest) -> HttpResponse:
    """Send a mail to oneself, the way residents get theirs; at most once a minute."""
    require(request, Role.ADMINISTRATOR, Area.root())
    queue_message(
        purpose=MessagePurpose.TRIAL,
        dedupe_key=build_key("preflight", request.user.pk, f"{timezone.now():%Y%m%d%H%M}"),
        language=get_language() or settings.LANGUAGE_CODE,
        user=request.user,
        subject=_("Does our mail arrive well?"),
        text=_(
            "This mail was sent to look at its headers. Show its source, copy all of it, and paste it on the page."
        )
        + "\n",
    )
    messages.success(request, _("On its way to you. Look among unwanted mail as well."))
    return redirect("preflight")


def warnings(flight: AuthenticationResults) -> list[str]:
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()
    found = []
    if not flight.from_domain:
        found.append(_("No sender stands in it. Copy all of the source, also the first lines."))
    elif flight.from_domain != ours:
        found.append(
            _("It was sent by %(theirs)s, and our mail is sent by %(ours)s. Is this the mail that you sent?")
            % {"theirs": flight.from_domain, "ours": ours}
        )
    if flight.froms > 1:
        found.append(_("More than one sender stands in it. Receivers throw such mail away."))
    if not flight.has_results:
        found.append(
            _("The server that received it did not write down what it thinks (Authentication-Results). "
              "Send it to an address elsewhere, for example at a large mail provider, and paste that one.")
        )  # fmt: skip
    return found


def _preflight_results(flight: AuthenticationResults) -> list[PreflightResult]:
    return [_told("SPF", flight.spf, SPF, flight), _told("DKIM", flight.dkim, DKIM, flight), _dmarc(flight)]


_VerdictWords = dict[Verdict, tuple[Callable[[], str], Callable[[], str]]]


def _told(
    name: str, finding: Finding, words: _VerdictWords, flight: AuthenticationResults
) -> PreflightResult:
    sentence, ask = words[finding.verdict]
    facts = {"domain": finding.domain or "–", "seen": flight.from_domain or "–", "said": finding.said or "–"}
    good = finding.verdict == Verdict.ALIGNED
    strictly = ""
    if good and not finding.strict:
        strictly = " " + _(
            "Not the very same name: if your DMARC record asks for strict alignment, it fails."
        )
    bad = finding.verdict in (Verdict.FAILS, Verdict.ABSENT, Verdict.NOT_ALIGNED)
    return PreflightResult(name, good, bad, sentence() % facts + strictly, ask() % facts)


def _nothing() -> str:
    return ""


SPF: _VerdictWords = {
    Verdict.ALIGNED: (
        lambda: _("%(domain)s says that this server may send its mail, and that is who readers see (%(seen)s)."),
        _nothing,
    ),
    Verdict.NOT_ALIGNED: (
        lambda: _("It is right for %(domain)s, but readers see %(seen)s. For DMARC it does not count."),
        lambda: _("Ask who runs the mail relay to leave the address it comes back to (Return-Path) within %(seen)s."),
    ),
    Verdict.FAILS: (
        lambda: _("%(domain)s does not say that this server may send its mail (“%(said)s”)."),
        lambda: _("Ask who manages the DNS of %(domain)s to add the mail relay to the SPF record. What has to be in it "
                  "the supplier of the relay knows (“include:…”)."),
    ),
    Verdict.ABSENT: (
        lambda: _("%(domain)s says nothing about who may send its mail."),
        lambda: _("Ask who manages the DNS of %(domain)s for an SPF record with the mail relay in it."),
    ),
    Verdict.UNKNOWN: (lambda: _("The server that received it says nothing about SPF."), _nothing),
}  # fmt: skip
DKIM: _VerdictWords = {
    Verdict.ALIGNED: (
        lambda: _("It is signed by %(domain)s, the signature is right, and that is who readers see (%(seen)s)."),
        _nothing,
    ),
    Verdict.NOT_ALIGNED: (
        lambda: _("It is signed by %(domain)s, but readers see %(seen)s. For DMARC it does not count."),
        lambda: _("Ask the supplier of the mail relay to sign with %(seen)s, and who manages its DNS to put the key "
                  "there that they give."),
    ),
    Verdict.FAILS: (
        lambda: _("The signature of %(domain)s is not right (“%(said)s”)."),
        lambda: _("Ask who runs the mail relay whether the key in the DNS of %(domain)s is theirs, and whether "
                  "something changes mail after it was signed (a footer, a virus scanner)."),
    ),
    Verdict.ABSENT: (
        lambda: _("It is not signed, or the signature was not looked at."),
        lambda: _("Ask the supplier of the mail relay to sign mail with %(seen)s (DKIM), and who manages its DNS to "
                  "put the key there that they give."),
    ),
    Verdict.SIGNED: (
        lambda: _("A signature of %(domain)s is there; nobody says whether it is right."),
        _nothing,
    ),
    Verdict.UNKNOWN: (lambda: _("The server that received it says nothing about DKIM."), _nothing),
}  # fmt: skip
DMARC: _VerdictWords = {
    Verdict.ALIGNED: (
        lambda: _("DMARC passes: SPF or DKIM is right, and about %(seen)s."),
        _nothing,
    ),
    Verdict.FAILS: (
        lambda: _("DMARC fails (“%(said)s”): neither SPF nor DKIM is right and about %(seen)s. Many receivers throw "
                  "such mail away."),
        lambda: _("Mend SPF or DKIM as it stands above. One of them is enough; both is better."),
    ),
    Verdict.ABSENT: (
        lambda: _("%(seen)s has no DMARC record, so anybody can write in its name."),
        lambda: _("Ask who manages the DNS of %(seen)s for a DMARC record. Begin with p=none and an address for "
                  "reports, and go on to quarantine and reject when the reports are clean."),
    ),
    Verdict.SIGNED: (
        lambda: _("The server says nothing about DMARC. As far as we can see it would pass: SPF or DKIM is right, and "
                  "about %(seen)s."),
        _nothing,
    ),
    Verdict.UNKNOWN: (
        lambda: _("The server says nothing about DMARC. As far as we can see it would fail: neither SPF nor DKIM is "
                  "known to be right and about %(seen)s."),
        lambda: _("Mend SPF or DKIM as it stands above. One of them is enough; both is better."),
    ),
}  # fmt: skip


def _dmarc(flight: AuthenticationResults) -> PreflightResult:
    told = _told(
        "DMARC", Finding(flight.dmarc.verdict, flight.dmarc.domain, flight.dmarc.said, True), DMARC, flight
    )
    if told.good and flight.policy == "none":
        watching = _("The record asks receivers to look and do nothing (p=none).")
        ask = _("When the reports are clean, ask who manages the DNS for p=quarantine, and then p=reject.")
        return PreflightResult(told.name, told.good, told.bad, f"{told.sentence} {watching}", ask)
    return told
