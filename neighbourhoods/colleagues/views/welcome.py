"""From the invitation in the mailbox to the desk; and what a colleague says about themselves."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from core.actions import refused
from core.errors import DomainError
from neighbourhoods.access import resident, staff
from neighbourhoods.colleagues.forms.colleagues import MeForm, WelcomeForm
from neighbourhoods.colleagues.services import invitations, memberships
from neighbourhoods.states import Role


@resident
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Shown by the link in the mail; the button accepts. A mail scanner that opens the link accepts nothing."""
    try:
        invitation = invitations.open_invitation(token)
    except invitations.InvitationGone as gone:
        return render(request, "neighbourhoods/welcome_gone.html", {"reason": str(gone)}, status=410)
    user = invitation.user
    form = WelcomeForm(
        request.POST if request.method == "POST" else None,
        user=user,
        # Who never signed in chose no language yet: that of this page then.
        initial={"title": user.title, "language": user.language if user.is_active else get_language()},
    )
    if request.method == "POST" and form.is_valid():
        newcomer = "password" in form.fields
        try:
            invitations.accept(invitation=invitation, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Welcome. Your role is yours now."))
            return perform_login(request, user, email_verification="none") if newcomer else redirect("desk")
    context = {"invitation": invitation, "form": form}
    return render(request, "neighbourhoods/welcome.html", context, status=refused(form))


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """What residents call you, the language of mails, and the ways to your sign-in."""
    user = request.user
    form = MeForm(
        request.POST if request.method == "POST" else None,
        initial={"title": user.title, "language": user.language},
    )
    if request.method == "POST" and form.is_valid():
        memberships.describe_oneself(user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("me")
    return render(request, "neighbourhoods/me.html", {"form": form}, status=refused(form))


@staff(Role.VIEWER)
@require_safe
def account_email(request: HttpRequest) -> HttpResponse:
    """Stands at the address where allauth lets people change theirs: here it is the one they were invited at."""
    return redirect("me")
