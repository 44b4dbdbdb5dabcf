"""Pages for colleagues and their roles, the welcome of a new one, and the log."""

from urllib.parse import urlencode

from allauth.account.utils import perform_login
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Event, User
from core.actions import domain_errors_in, form_status
from core.errors import DomainError
from core.files import csv_response
from core.forms import search_text
from core.rows import is_id
from neighbourhoods.access import resident, staff
from neighbourhoods.colleagues.forms import (
    InvitationForm,
    LogForm,
    MembershipForm,
    OwnProfileForm,
    WelcomeForm,
)
from neighbourhoods.colleagues.services import (
    InvalidInvitation,
    accept,
    change_membership,
    deactivate,
    duties_of,
    end_membership,
    find_valid_invitation,
    invite_and_mail,
    may_deactivate,
    reset_mfa,
    update_own_profile,
    withdraw_invitation,
)
from neighbourhoods.models import Area, Invitation, Membership, Municipality
from neighbourhoods.settings.views import require_municipality, settings_tabs
from neighbourhoods.states import ROLE_DESCRIPTIONS, Power, Role

# --- colleagues --------------------------------------------------------------------------------


_PAGE_SIZE = 50


def _colleagues_of(user: User) -> QuerySet[User]:
    """Colleagues with a role in an area of which `user` is an administrator."""
    return User.objects.filter(memberships__in=Membership.objects.visible_to(user)).distinct()


@staff(Role.ADMINISTRATOR)
@require_safe
def colleagues(request: HttpRequest) -> HttpResponse:
    search, after = search_text(request), request.GET.get("after", "").replace("\0", "")
    found = _colleagues_of(request.user).order_by("email").filter(email__gt=after)
    if search:
        found = found.filter(
            Q(email__icontains=search)
            | Q(title__icontains=search)
            | Q(memberships__area__name__icontains=search)
        )
    visible = Membership.objects.visible_to(request.user).select_related("area")
    page = list(found.prefetch_related(Prefetch("memberships", queryset=visible))[: _PAGE_SIZE + 1])
    more = urlencode({"q": search, "after": page[_PAGE_SIZE - 1].email}) if len(page) > _PAGE_SIZE else ""
    invited = Invitation.objects.visible_to(request.user).open().select_related("user", "area")
    return render(
        request,
        "neighbourhoods/colleagues.html",
        {
            "tabs": settings_tabs(request, "colleagues"),
            "colleagues": page[:_PAGE_SIZE],
            "invitations": invited[: _PAGE_SIZE * 2] if not after else [],
            "search": search,
            "roles": [
                {"name": role.label, "may": may, "second_step": role in Municipality.current().roles_with_mfa}
                for role, may in ROLE_DESCRIPTIONS.items()
            ],
            "next_url": f"{reverse('colleagues')}?{more}" if more else "",
        },
    )


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def colleague_invite(request: HttpRequest) -> HttpResponse:
    areas = Area.objects.where(request.user, least=Power.ADMINISTRATOR)
    form = InvitationForm(request.POST if request.method == "POST" else None, areas=areas)
    if request.method == "POST" and form.is_valid():
        with domain_errors_in(form):
            invitation = invite_and_mail(by=request.user, **form.cleaned_data)
            messages.success(request, _("The invitation is on its way to %s.") % invitation.user.email)
            return redirect("colleagues")
    return render(
        request,
        "neighbourhoods/colleague_invite.html",
        {"form": form, "tabs": settings_tabs(request, "colleagues")},
        status=form_status(form),
    )


@staff(Role.ADMINISTRATOR)
@require_POST
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.visible_to(request.user), pk=pk)
    try:
        withdraw_invitation(invitation=invitation, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation is withdrawn; the link in the mail no longer works."))
    return redirect("colleagues")


@staff(Role.ADMINISTRATOR)
@require_POST
def invitation_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link for the same role; the old one stops working."""
    old = get_object_or_404(Invitation.objects.visible_to(request.user).open(), pk=pk)
    try:
        fresh = invite_and_mail(
            email=old.user.email, role=old.role, area=old.area, until=old.until, by=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation is on its way to %s.") % fresh.user.email)
    return redirect("colleagues")


# --- one colleague ----------------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_safe
def colleague(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, get_object_or_404(_colleagues_of(request.user), pk=pk))


def _show(request: HttpRequest, user: User, *, refused: Membership | None = None, form=None) -> HttpResponse:
    rows = [
        (
            membership,
            form
            if membership == refused
            else MembershipForm(
                initial={"role": membership.role, "until": membership.until}, prefix=f"m{membership.pk}"
            ),
        )
        for membership in Membership.objects.visible_to(request.user).filter(user=user).select_related("area")
    ]
    context = {
        "tabs": settings_tabs(request, "colleagues"),
        "colleague": user,
        "rows": rows,
        "duties": duties_of(user),
        "is_self": user == request.user,
        "may_let_go": may_deactivate(request.user, user),
        "has_second_factor": user.has_second_factor(),
        "refused_form": form,
    }
    return render(request, "neighbourhoods/colleague.html", context, status=422 if form else 200)


def _membership_of(request: HttpRequest, pk: int) -> Membership:
    visible = Membership.objects.visible_to(request.user).select_related("area", "user")
    return get_object_or_404(visible, pk=pk)


@staff(Role.ADMINISTRATOR)
@require_POST
def membership_change(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _membership_of(request, pk)
    form = MembershipForm(request.POST, prefix=f"m{membership.pk}")
    if form.is_valid():
        with domain_errors_in(form):
            change_membership(membership=membership, by=request.user, **form.cleaned_data)
            messages.success(request, _("Changed."))
            return redirect("colleague", pk=membership.user_id)
    return _show(request, membership.user, refused=membership, form=form)


@staff(Role.ADMINISTRATOR)
@require_POST
def membership_end(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _membership_of(request, pk)
    user = membership.user
    try:
        end_membership(membership=membership, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("colleague", pk=user.pk)
    messages.success(request, _("The role has ended."))
    return redirect("desk") if user == request.user else redirect("colleagues")


def _user_to_let_go(request: HttpRequest, pk: int) -> User:
    user = get_object_or_404(_colleagues_of(request.user), pk=pk)
    if not may_deactivate(request.user, user):
        raise PermissionDenied
    return user


@staff(Role.ADMINISTRATOR)
@require_POST
def colleague_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user_to_let_go(request, pk)
    try:
        deactivate(user=user, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("colleague", pk=pk)
    messages.success(request, _("%s can no longer sign in.") % user)
    return redirect("colleagues")


@staff(Role.ADMINISTRATOR)
@require_POST
def colleague_forget_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user_to_let_go(request, pk)
    reset_mfa(user=user, by=request.user)
    messages.success(request, _("At the next sign-in %s can set up a second factor again.") % user)
    return redirect("colleague", pk=pk)


# --- log ---------------------------------------------------------------------------------------


_LOG_PAGE_SIZE = 100


@staff(Role.ADMINISTRATOR)
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Newest first, paged by key."""
    require_municipality(request)
    form = LogForm(request.GET)
    found = form.found()
    if is_id(before := request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    page = list(found[: _LOG_PAGE_SIZE + 1])
    asked = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context = {
        "tabs": settings_tabs(request, "events"),
        "form": form,
        "asked": urlencode(asked),
        "events": page[:_LOG_PAGE_SIZE],
        "next_url": f"?{urlencode(asked | {'before': page[_LOG_PAGE_SIZE - 1].pk})}"
        if len(page) > _LOG_PAGE_SIZE
        else "",
        "previous_url": f"?{urlencode(asked)}" if before else "",
    }
    return render(request, "neighbourhoods/events.html", context)


@staff(Role.ADMINISTRATOR)
@require_safe
def events_download(request: HttpRequest) -> StreamingHttpResponse:
    """All events that match the filters, oldest first, in the language of the user."""
    require_municipality(request)
    head = [_("When"), _("Who"), _("What"), _("About"), _("Note")]
    found = LogForm(request.GET).found().order_by("pk").iterator(chunk_size=2_000)
    return csv_response("nabij-log", head, map(_cells, found))


def _cells(event: Event) -> list[str]:
    moment = timezone.localtime(event.at).isoformat(timespec="seconds")
    return [moment, event.who, event.said, event.thing, event.details]


# --- welcome -----------------------------------------------------------------------------------


@resident
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link in the mail. Only its button accepts, because mail scanners open links."""
    try:
        invitation = find_valid_invitation(token)
    except InvalidInvitation as gone:
        return render(request, "neighbourhoods/welcome_gone.html", {"reason": str(gone)}, status=410)
    user = invitation.user
    form = WelcomeForm(
        request.POST if request.method == "POST" else None,
        user=user,
        # A colleague who never signed in has no language of their own yet.
        initial={"title": user.title, "language": user.language if user.is_active else get_language()},
    )
    if request.method == "POST" and form.is_valid():
        newcomer = "password" in form.fields
        with domain_errors_in(form):
            accept(invitation=invitation, **form.cleaned_data)
            messages.success(request, _("Welcome. Your role is yours now."))
            return perform_login(request, user, email_verification="none") if newcomer else redirect("desk")
    context = {"invitation": invitation, "form": form}
    return render(request, "neighbourhoods/welcome.html", context, status=form_status(form))


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Title for residents, language of mails, and links to the sign-in settings."""
    user = request.user
    form = OwnProfileForm(
        request.POST if request.method == "POST" else None,
        initial={"title": user.title, "language": user.language},
    )
    if request.method == "POST" and form.is_valid():
        update_own_profile(user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("me")
    return render(request, "neighbourhoods/me.html", {"form": form}, status=form_status(form))


@staff(Role.VIEWER)
@require_safe
def account_email(request: HttpRequest) -> HttpResponse:
    """Replaces allauth's page for changing the address, which is fixed by the invitation."""
    return redirect("me")
