"""The pages that show something of every app: the front page and the first page of the desk."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.today import due_from, first_steps, hands_due, needs_without_link, reviews_due, topics_left
from feedback.answers.services.compose import asked_now
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
