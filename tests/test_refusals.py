"""Forms that come too late, or with nothing in them: never an error of ours, and the words come back."""

from collections import Counter
from contextlib import suppress

import pytest
from django.contrib.messages import ERROR
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Receipt
from core.errors import InvalidTransition
from feedback.private import services as private
from surveys.builder.services.publish import publish_survey
from surveys.models import Survey
from surveys.states import SurveyState
from tests.addresses import ADDRESSES, World
from tests.feedback.factories import make_debt, make_receipt
from tests.feedback.journey import page_of
from tests.filled import Filled, forms_on, post
from tests.house import our_models
from tests.people import signed_in
from tests.test_access import address, pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def forms_of(world: World, client, wanted) -> list[tuple[str, Filled]]:
    return [
        (page.name, form)
        for page in pages()
        if wanted(page)
        for form in forms_on(client, address(world, page))
    ]


def close_all() -> None:
    Survey.objects.update(state=SurveyState.CLOSED, opened_at=timezone.now(), closed_at=timezone.now())


def lost(form: Filled, shown) -> list[str]:
    """Words that came back nowhere although the page says that something went wrong."""
    said = shown.content.decode()
    messages = shown.context.get("messages", []) if shown.context else []
    if not any(message.level >= ERROR for message in messages) and shown.status_code < 400:
        return []
    return [words for words in form.words if words not in said]


def assert_kind(client, forms: list[tuple[str, Filled]]) -> None:
    wrong = []
    for name, form in forms:
        status, shown = post(client, form, follow=True)
        missing = (
            [] if status in (405, 500) else lost(form, shown)
        )  # 405: its buttons name addresses of their own
        if status >= 500 or missing:
            wrong.append(f"{name} -> {form.url}: {status} {missing}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_poll_closed_meanwhile(world):
    client = signed_in(world.administrator)
    client.raise_request_exception = False
    forms = forms_of(world, client, lambda page: "/surveys/" in page.route and page.name in ADDRESSES)
    publish_survey(survey=world.draft, by=world.editor)
    close_all()
    assert len(forms) > 100
    assert_kind(client, forms)


@pytest.mark.parametrize("name", ["survey_question", "survey_layer", "survey_settings", "survey_card"])
def test_the_same_page_comes_back_with_a_sentence(world, name):
    client = signed_in(world.editor)
    page = next(page for page in pages() if page.name == name)
    url = address(world, page)
    form = next(form for form in forms_on(client, url) if form.url.startswith(url) and form.words)
    publish_survey(survey=world.draft, by=world.editor)
    close_all()
    status, shown = post(client, form, follow=True)
    assert status in (409, 422)
    assert "Deze peiling is gesloten" in shown.content.decode()
    assert form.words[0] in [field.value() for field in shown.context["form"]]


@pytest.mark.parametrize("name", ["survey_settings", "survey_card"])
def test_a_closed_poll_is_for_reading(world, name):
    publish_survey(survey=world.draft, by=world.editor)
    close_all()
    page = signed_in(world.editor).get(address(world, next(page for page in pages() if page.name == name)))
    fields = page.context["form"].fields.values()
    assert all({"readonly", "disabled"} & set(field.widget.attrs) for field in fields)
    assert "Deze peiling is gesloten, dus dit kunt u alleen lezen." in page.content.decode()


def test_everything_that_was_erased_meanwhile(world):
    """What a resident gave is gone between reading and sending; pages about it say so."""
    client = signed_in(world.administrator)
    client.raise_request_exception = False
    forms = forms_of(world, client, lambda page: page.name in ADDRESSES and "/surveys/" not in page.route)
    for receipt in Receipt.objects.all():
        private.erase(receipt=receipt)
    assert len(forms) > 100
    assert_kind(client, forms)


@pytest.mark.parametrize("state", ["ended", "closed"])
def test_everything_that_a_colleague_ended_meanwhile(world, state):
    client = signed_in(world.administrator)
    client.raise_request_exception = False
    forms = forms_of(world, client, lambda page: page.name in ADDRESSES and "/surveys/" not in page.route)
    for model in our_models():
        states = next((field.choices for field in model._meta.fields if field.name == "state"), None) or []
        if state in dict(states):
            with suppress(IntegrityError), transaction.atomic():
                model.objects.update(state=state)
    assert_kind(client, forms)


GARBAGE = "\u202e<b>x</b> 99999999999999999999"


def refused_with_200(answer) -> bool:
    """A page with a form that is wrong, with the status of a page where nothing is."""
    if answer.status_code != 200 or not answer.context or answer.context.get("filled_in") is not None:
        return False  # who asks for help with writing is refused nothing
    things = [thing for layer in answer.context for scope in layer for thing in scope.values()]
    return any(isinstance(thing, BaseForm) and thing.is_bound and thing.errors for thing in things)


def garbled(form: Filled) -> Filled:
    """What no page offers, in every field but the one that says which form it is."""
    return Filled(
        form.url, {name: said if name in ("action", "go") else [GARBAGE] for name, said in form.data.items()}
    )


@pytest.mark.parametrize("who", ["administrator", "backer"])
def test_what_is_refused_says_so_in_its_status(world, who):
    client = signed_in(world.people[who])
    client.raise_request_exception = False
    wrong, seen = [], Counter()
    for page in pages():
        url = address(world, page)
        for form in [Filled(url, {}), *map(garbled, forms_on(client, url))]:
            status, answer = post(client, form)
            seen[status] += 1
            if status >= 500 or refused_with_200(answer):
                wrong.append(f"{page.name} -> {form.url}: {status}")
    assert not wrong, "\n" + "\n".join(dict.fromkeys(wrong))
    assert seen[422] > 10, seen


def test_what_no_view_expects_is_a_page_with_the_words(monkeypatch):
    receipt = make_receipt()
    make_debt(receipt=receipt)

    def too_late(**_said):
        raise InvalidTransition("A colleague was first.")

    monkeypatch.setattr(private, "withdraw_receipt", too_late)
    answer = Client().post(
        page_of(receipt) + "withdraw/", {"why": "It is <b>mine</b>."}, headers={"Referer": "/v/"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "A colleague was first." in page
    assert "It is &lt;b&gt;mine&lt;/b&gt;." in page


def test_pages_for_signing_in_say_so_too(municipality):
    sent = {"login": "a@waterdam.example", "password": "wrong and secret"}
    answer = Client().post(reverse("account_login"), sent)
    assert answer.status_code == 422
    assert sent["password"] not in answer.content.decode()
