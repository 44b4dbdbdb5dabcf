"""“You said, we did”: what was asked, what came of it, and what is still owed, for everybody to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.services.public_record import public_record
from neighbourhoods.access import public


@public
@require_safe
def said(request: HttpRequest) -> HttpResponse:
    """Answers first as they came, then what is owed; late ones can't be hidden."""
    return render(request, "feedback/said.html", {"record": public_record()})
