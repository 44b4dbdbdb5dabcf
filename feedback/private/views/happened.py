"""“Did what was promised happen?”: from the private page, or from a mail. GET changes nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.links import LinkPurpose
from accounts.models import Receipt
from core.errors import DomainError
from feedback.answers.services import looking_back
from feedback.contacts.services.conversation import withdrawn_on
from feedback.models import FollowUpItem
from feedback.private.forms import HappenedForm
from feedback.private.views.holder import holder, invalid_link
from feedback.private.views.private import private_page
from neighbourhoods.access import resident


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@holder(LinkPurpose.ITEM)
def happened(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """From a mail: what was promised, and the question whether it happened."""
    asked = FollowUpItem.objects.shown().select_related("follow_up", "look_back__words")
    try:
        item = asked.get(pk=int(key), receipt=receipt, look_back__isnull=False)
    except (FollowUpItem.DoesNotExist, ValueError):
        return invalid_link(request)
    form = HappenedForm(request.POST if request.method == "POST" else None, auto_id=f"%s-{item.pk}")
    if form.is_valid() and _kept(item, form):
        return redirect("private_happened", token=token)
    form.item = item.pk if form.is_bound else None
    context = {"token": token, "item": item, "form": form, "withdrawn": withdrawn_on(receipt)}
    status = 422 if form.is_bound else 200
    return render(request, "feedback/private/happened.html", context, status=status)


@resident
@require_POST
@holder(LinkPurpose.PAGE)
def happened_here(request: HttpRequest, *, receipt: Receipt, key: str, token: str, item: int) -> HttpResponse:
    """From the private page."""
    asked = FollowUpItem.objects.shown().filter(look_back__isnull=False)
    found = get_object_or_404(asked, pk=item, receipt=receipt)
    form = HappenedForm(request.POST, auto_id=f"%s-{found.pk}")
    if form.is_valid() and _kept(found, form):
        return redirect(reverse("private_page", args=[token]) + f"#happened-{found.pk}")
    form.item = found.pk
    return private_page(request, receipt, token, unclear=form)


def _kept(item: FollowUpItem, form: HappenedForm) -> bool:
    """Save the reply. False if refused, with the reason on the form."""
    said = form.cleaned_data
    try:
        looking_back.look_back(item=item, happened=said["happened"], words=said["words"])
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True
