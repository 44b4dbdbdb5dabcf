"""Following a neighbourhood: an address with its own consent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from core import limits
from core.actions import domain_errors_in
from feedback.contacts.forms import FollowForm
from feedback.contacts.services.following import follow_area as begin
from feedback.private.services.ways_in import TOO_OFTEN
from neighbourhoods.access import public
from neighbourhoods.models import Area


@public
@require_http_methods(["GET", "HEAD", "POST"])
def follow_area_page(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_object_or_404(Area.objects.existing(), slug=slug)
    form = FollowForm(request.POST if request.method == "POST" else None)
    sent_to = ""
    if form.is_valid() and limits.is_spent(request, limits.MAILS):
        form.add_error("email", TOO_OFTEN)
    elif form.is_valid():
        limits.spend(request, limits.MAILS)
        with domain_errors_in(form, "email"):
            contact = begin(
                area=area,
                email=form.cleaned_data["email"],
                language=get_language() or "nl",
                is_16_or_older=form.cleaned_data["is_16_or_older"],
                consent_sentence=form.consent_sentence,
            )
            sent_to = contact.email
    return render(
        request,
        "feedback/follow.html",
        {"area": area, "form": form, "sent_to": sent_to},
        status=422 if form.errors else 200,
    )
