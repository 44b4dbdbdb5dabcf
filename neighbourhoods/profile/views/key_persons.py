"""Pages for key persons: roles for all colleagues, names for few, and the privacy notice."""

from copy import copy
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import dispatch
from neighbourhoods.access import find_area, staff
from neighbourhoods.models import Area, KeyPerson, Municipality
from neighbourhoods.profile.forms import KeyPersonForm
from neighbourhoods.profile.services import inventory
from neighbourhoods.profile.views.inventory import at, back_to, context_of, find_in_area, form_page
from neighbourhoods.states import Power, Role


@staff(Role.VIEWER)
@require_safe
def key_persons(request: HttpRequest, slug: str) -> HttpResponse:
    """Roles for everybody with a role in the area; names for coordinators and up."""
    area = find_area(request, slug)
    named = KeyPerson.objects.with_a_name().filter(area__in=Area.objects.inside([area.pk]))
    named = named.filter(area__in=Area.objects.where(request.user, least=Power.COORDINATOR)).in_bulk()
    there = inventory.what_there_is(area)
    people = [(person, named.get(person.pk)) for person in there.key_persons]
    return render(
        request,
        "neighbourhoods/key_persons.html",
        context_of(request, area, "key_persons", there) | {"people": people},
    )


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def key_person_new(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.COORDINATOR)
    form = KeyPersonForm(**at(request, area))
    return form_page(
        request,
        form,
        lambda data: inventory.save_key_person(by=request.user, **data),
        reverse("key_persons", args=[area.slug]),
        "neighbourhoods/key_person_form.html",
        area=area,
        heading=_("Who knows the neighbourhood?"),
    )


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def key_person_change(request: HttpRequest, pk: int) -> HttpResponse:
    person = find_in_area(request, KeyPerson, pk)
    form = KeyPersonForm(**at(request, person.area), instance=copy(person))
    return form_page(
        request,
        form,
        lambda data: inventory.save_key_person(by=request.user, person=person, **data),
        reverse("key_persons", args=[person.area.slug]),
        "neighbourhoods/key_person_form.html",
        area=person.area,
        heading=person.role,
        thing=person,
    )


@staff(Role.COORDINATOR)
@require_POST
def key_person_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    person = find_in_area(request, KeyPerson, pk)
    actions = {
        "spoken": lambda: inventory.speak(person=person, by=request.user),
        "forget": lambda: inventory.forget_key_person(person=person, by=request.user),
        "remove": lambda: inventory.remove_key_person(person=person, by=request.user),
    }
    return dispatch(
        request, actions, verb, back=back_to(request, "key_persons", person.area), said=_("Noted.")
    )


@staff(Role.COORDINATOR)
@require_safe
def key_person_notice(request: HttpRequest, slug: str) -> HttpResponse:
    """The notice for a person whose name is stored (GDPR article 14): to copy, print or mail."""
    area = find_area(request, slug, to=Role.COORDINATOR)
    texts = []
    for code in Municipality.current().languages:
        with override(code):
            subject = _("What we keep about you")
            text = render_to_string(
                "neighbourhoods/notice.txt", {"area": area, "municipality": Municipality.current()}
            ).strip()
        mail = f"mailto:?subject={quote(subject)}&body={quote(text)}"
        texts.append({"code": code, "subject": subject, "text": text, "mail": mail})
    return render(request, "neighbourhoods/notice.html", {"area": area, "texts": texts})
