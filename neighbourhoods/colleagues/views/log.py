"""Who did what, and when: to read, to search, to take along."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Event
from core.files import csv_response
from core.ids import is_id
from neighbourhoods.access import staff
from neighbourhoods.colleagues.forms.log import LogForm
from neighbourhoods.settings.views.settings import require_municipality, settings_tabs
from neighbourhoods.states import Role

_PAGE_SIZE = 100


@staff(Role.ADMINISTRATOR)
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Newest first, paged by key."""
    require_municipality(request)
    form = LogForm(request.GET)
    found = form.found()
    if is_id(before := request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    page = list(found[: _PAGE_SIZE + 1])
    asked = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context = {
        "tabs": settings_tabs(request, "events"),
        "form": form,
        "asked": urlencode(asked),
        "events": page[:_PAGE_SIZE],
        "next_url": f"?{urlencode(asked | {'before': page[_PAGE_SIZE - 1].pk})}"
        if len(page) > _PAGE_SIZE
        else "",
        "previous_url": f"?{urlencode(asked)}" if before else "",
    }
    return render(request, "neighbourhoods/events.html", context)


@staff(Role.ADMINISTRATOR)
@require_safe
def events_download(request: HttpRequest) -> StreamingHttpResponse:
    """All that the search found, oldest first, in the language of who asks."""
    require_municipality(request)
    head = [_("When"), _("Who"), _("What"), _("About"), _("Note")]
    found = LogForm(request.GET).found().order_by("pk").iterator(chunk_size=2_000)
    return csv_response("nabij-log", head, map(_cells, found))


def _cells(event: Event) -> list[str]:
    moment = timezone.localtime(event.at).isoformat(timespec="seconds")
    return [moment, event.who, event.said, event.thing, event.details]
