"""Files that programs expect at a fixed address: robots.txt, and security.txt (RFC 9116)."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from neighbourhoods.access import public
from neighbourhoods.models import Municipality

# Private pages, desk pages and survey channels, whose addresses contain codes.
NOT_TO_BE_FOUND = (
    "/account/",
    "/desk/",
    "/hooks/",
    "/health/",
    "/language/",
    "/p/",
    "/v/",
    "/welcome/",
    "/b/*/begun/",
    "/challenges/*/asked/",
    "/task/*/yours/",
)
TO_BE_FOUND = ("/p/*/results",)
VALID_DAYS = 180
"""RFC 9116 recommends less than a year."""


@public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}" for path in NOT_TO_BE_FOUND]
    lines += [f"Allow: {path}" for path in TO_BE_FOUND]
    return _plain(lines)


@public
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """The contact for vulnerability reports: SECURITY_CONTACT, else the e-mail address of the municipality. 404
    without either.
    """
    contact = settings.SECURITY_CONTACT
    if not contact and (email := Municipality.current().email):
        contact = f"mailto:{email}"
    if not contact:
        raise Http404
    last_day = timezone.now().astimezone(UTC).date() + timedelta(days=VALID_DAYS)
    expires = datetime.combine(last_day, time.min, UTC)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: nl, en",
        f"Canonical: {settings.SITE_URL}{request.path}",
    ]
    if settings.SECURITY_POLICY:
        lines.append(f"Policy: {settings.SECURITY_POLICY}")
    return _plain(lines)


def _plain(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
