"""Access control. Every view has exactly one of these marks; a test checks all URLs.

| visitor                                       | response                   |
|-----------------------------------------------|----------------------------|
| not signed in, on a page of the desk          | the sign-in page; 403 with |
|                                               | what was typed on a POST   |
| signed in, without a role, or not in the area | 404                        |
| signed in, with a role that is too small      | 403                        |
| role requires a second factor, none set up    | the page to set it up      |
"""

from collections.abc import Callable, Iterable
from functools import cached_property, wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from accounts.models import User
from core.actions import typed_words
from neighbourhoods.models import Area, Membership, Municipality, has_everywhere, has_in_each, memberships_of
from neighbourhoods.states import Power, Role, power

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    view.access = "public"  # type: ignore[attr-defined]
    return view


def resident(view: View) -> View:
    """For the holder of a private link or code. Never cached or indexed; the URL is not sent to other sites."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        # Not "no-referrer": browsers then send `Origin: null` with our own forms, which Django refuses.
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    wrapper.access = "resident"  # type: ignore[attr-defined]
    return wrapper


class Desk:
    """The permissions of the user of a request."""

    def __init__(self, user: User) -> None:
        self.user = user

    @property
    def memberships(self) -> list[Membership]:
        return memberships_of(self.user)

    @property
    def roles(self) -> set[str]:
        return {membership.role for membership in self.memberships}

    @property
    def power(self) -> int:
        return max((power(role) for role in self.roles), default=0)

    def has(self, role: str) -> bool:
        """The backer role must be held itself; any other role is implied by a larger one."""
        if role == Role.BACKER:
            return Role.BACKER in self.roles
        return self.power >= power(role)

    @property
    def requires_mfa(self) -> bool:
        return bool(self.roles & set(Municipality.current().roles_with_mfa))

    @cached_property
    def is_mfa_missing(self) -> bool:
        return self.requires_mfa and not is_mfa_enabled(self.user)

    @property
    def runs_municipality(self) -> bool:
        """Whether the user is an administrator of the whole municipality."""
        return has_everywhere(self.user, least=Power.ADMINISTRATOR)

    def can(self, role: str, areas: Iterable[Area]) -> bool:
        return has_in_each(self.user, areas, least=power(role))


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """The sign-in page; for a form that comes after the session ended, a page with what was typed."""
    if words := typed_words(request):
        return render(request, "signed_out.html", {"typed": words}, status=403)
    return redirect_to_login(
        request.get_full_path() if request.method in ("GET", "HEAD") else reverse("desk")
    )


def staff(role: Role) -> Callable[[View], View]:
    """Require at least this role in some area; sets `request.desk`."""

    def mark(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            desk = request.desk = Desk(request.user)  # type: ignore[attr-defined]
            if not desk.memberships:
                raise Http404
            if not desk.has(role):
                raise PermissionDenied
            if desk.is_mfa_missing:
                return redirect(f"{reverse('mfa_index')}?required=1")
            response = view(request, *args, **kwargs)
            response.setdefault("Cache-Control", "private, no-cache")
            return response

        wrapper.access = f"staff:{role.value}"  # type: ignore[attr-defined]
        return wrapper

    return mark


def require(request: HttpRequest, role: Role, *areas: Area) -> None:
    """403 unless the role is held in all these areas. The object itself must be loaded through `visible_to`."""
    if not request.desk.can(role, areas):  # type: ignore[attr-defined]
        raise PermissionDenied


def find_area(request: HttpRequest, slug: str, *, to: Role | None = None) -> Area:
    """The area with this slug and its parents. 404 if the user has no role there, 403 if it is smaller than `to`."""
    mine = Area.objects.visible_to(request.user).select_related("parent__parent")  # type: ignore[arg-type]
    area = get_object_or_404(mine, slug=slug)
    if to:
        require(request, to, area)
    return area
