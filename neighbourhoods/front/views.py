"""What stands around the front page: privacy, accessibility, help, language, files at a fixed address, error pages."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST, require_safe

from core.actions import typed_words
from neighbourhoods.access import public
from neighbourhoods.models import Municipality
from neighbourhoods.settings.retention import retention_policy

# Private pages, desk pages and survey channels, whose addresses contain codes.
DISALLOWED_PATHS = (
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
ALLOWED_PATHS = ("/p/*/results",)
SECURITY_TXT_VALID_DAYS = 180
"""RFC 9116 recommends less than a year."""


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The retention policy: what we keep, why, how long, and what happens then."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    rules = [rule.in_words(language) for rule in retention_policy().rules.values()]
    return render(request, "neighbourhoods/privacy.html", {"rules": rules})


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "neighbourhoods/accessibility.html")


@public
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "neighbourhoods/help.html")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Store the language in a cookie and redirect to the page the reader was on."""
    language = request.POST.get("language", "")
    goal = request.POST.get("next", "")
    # redirect() would take a target without a slash for the name of a view.
    if not goal.startswith("/") or not url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        goal = "/"
    response = redirect(goal)
    if check_for_language(language) and language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 86_400,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    return response


# --- files that programs expect at a fixed address: robots.txt, and security.txt (RFC 9116) -------


@public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}" for path in DISALLOWED_PATHS]
    lines += [f"Allow: {path}" for path in ALLOWED_PATHS]
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
    last_day = timezone.now().astimezone(UTC).date() + timedelta(days=SECURITY_TXT_VALID_DAYS)
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


# --- error pages ----------------------------------------------------------------------------------


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", {"typed": typed_words(request)}, status=404)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Must work without database and session, because something is already broken."""
    with translation.override(translation.get_language() or settings.LANGUAGE_CODE):
        return render(request, "500.html", status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "csrf.html", status=403)
