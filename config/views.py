"""The front page, the first page of the desk, health, and error pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from config.first_steps import first_steps
from config.health import checks
from config.retention import policy
from config.today import due_from, hands_due, needs_without_link, reviews_due, topics_left
from core.actions import typed_words
from feedback.answers.services.approving import asked_now
from neighbourhoods.access import public, staff
from neighbourhoods.registries import Page, panels_on
from neighbourhoods.states import Role
from surveys.models import Snapshot


@public
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Open surveys, promises, recent results, and the link to the desk."""
    panels = panels_on(Page.FRONT)
    return render(
        request, "config/front.html", {"panels": panels, "taken_part": Snapshot.objects.times_taken_part()}
    )


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The retention policy: what we keep, why, how long, and what happens then."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    rules = [rule.in_words(language) for rule in policy().rules.values()]
    return render(request, "config/privacy.html", {"rules": rules})


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "config/accessibility.html")


@public
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "config/help.html")


@staff(Role.VIEWER)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    due = due_from(request.user)
    context = {
        "late": [answer for answer in due if answer.is_late],
        "soon": [answer for answer in due if not answer.is_late],
        "asked": asked_now(request.user),
        "reviews": reviews_due(request.user),
        "hands": hands_due(request.user),
        "needs_without_link": needs_without_link(request.user),
        "named_topics": topics_left(request.user),
        "steps": first_steps(request.desk),  # type: ignore[attr-defined]
    }
    return render(request, "config/desk.html", context)


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


@public
@never_cache
@require_GET
def health_live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"live": True})


@public
@never_cache
@require_GET
def health_ready(request: HttpRequest) -> HttpResponse:
    found = checks()
    ready = all(check["ok"] for check in found.values())
    return JsonResponse({"ready": ready, "checks": found}, status=200 if ready else 503)


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
def our_fault(request: HttpRequest) -> HttpResponse:
    """Must work without database and session, because something is already broken."""
    with translation.override(translation.get_language() or settings.LANGUAGE_CODE):
        return render(request, "500.html", status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "csrf.html", status=403)
