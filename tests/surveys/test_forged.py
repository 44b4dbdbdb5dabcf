"""What no page sends: numbers that are none, NUL, somebody else's ids, and forms whose owner was just erased."""

import threading
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.codes import new_code
from accounts.links import LinkPurpose, sign_link
from accounts.models import Receipt
from core.keyed import code_hash
from feedback.models import Contribution
from feedback.private import services as private
from surveys.answering.services import answer
from surveys.models import Response
from tests.people import signed_in
from tests.surveys.polls import make_survey
from tests.surveys.test_answering import begin, code_of, first_layer, phone, survey  # noqa: F401

pytestmark = pytest.mark.django_db

NO_NUMBERS = ["²", "9" * 5_000, "-1", "1\x00", "1' OR 1=1", ""]


@pytest.mark.parametrize(
    "number", NO_NUMBERS, ids=["superscript", "endless", "negative", "nul", "sql", "empty"]
)
def test_a_neighbourhood_that_is_none_is_left_open(number, phone, survey):  # noqa: F811
    first_layer(phone, survey)
    answered = phone.post(reverse("where", args=[code_of(survey)]), {"area": number})
    assert answered.status_code == 302
    assert Response.objects.get().area_id == survey.area_id


@pytest.mark.parametrize(
    "number", NO_NUMBERS, ids=["superscript", "endless", "negative", "nul", "sql", "empty"]
)
def test_a_number_that_is_none_is_told_to_colleagues_as_well(number, survey, editor):  # noqa: F811
    desk = signed_in(editor)
    forged = {
        "survey_exports_name": {"remove": number},
        "survey_reach_plan": {"group": f"area:{number}"},
        "survey_suspects": {"channel": number, "day": "2026-05-01", "reason": "fast"},
        "survey_statements": {"statement": number},
    }
    for name, sent in forged.items():
        assert desk.post(reverse(name, args=[survey.pk]), sent).status_code in {302, 404}, name


@pytest.mark.parametrize("number", ["²", "9" * 5_000], ids=["superscript", "endless"])
def test_a_cookie_that_names_no_survey_is_nobodys(number, survey):  # noqa: F811
    # As the server hands it on: Python's own cookie jar refuses what a phone may send.
    phone = Client(HTTP_COOKIE=f"nabij-{number}=x")  # noqa: F811
    assert phone.get(reverse("thanks", args=[code_of(survey)])).status_code == 404


def test_a_short_address_with_nul_is_not_found(phone, survey):  # noqa: F811
    first_layer(phone, survey)
    for rest in ("", "thanks/", "where/", "hear/"):
        assert phone.get(f"/p/{code_of(survey)}%00/{rest}").status_code == 404


def test_a_theme_with_nul_keeps_the_words(phone, survey):  # noqa: F811
    first_layer(phone, survey)
    layer = survey.layers.get(order=1)
    asked = layer.questions.get()
    entered = phone.post(reverse("layer", args=[code_of(survey)]), {"layer": layer.pk})
    sent = {f"q{asked.pk}": "Meer bankjes", f"q{asked.pk}-theme": "groen\x00"}
    assert phone.post(entered.url, sent).status_code == 302
    assert Contribution.objects.get(kind="text").text == "Meer bankjes"


@pytest.mark.parametrize("form", ["where", "layer", "hear"])
def test_a_form_of_somebody_who_was_just_erased_is_told_so(form, phone, survey, monkeypatch):  # noqa: F811
    """Erased from another phone between the look at the page and the action."""
    first_layer(phone, survey)
    module, action = {
        "where": ("surveys.answering.views.after", "save_home_area"),
        "layer": ("surveys.answering.views.after", "enter_layer"),
        "hear": ("feedback.private.views.choices", "leave_address"),
    }[form]
    sent = {
        "where": {"area": survey.area_id},
        "layer": {"layer": survey.layers.get(order=1).pk},
        "hear": {"email": "resident@example.org", "consent": "on", "is_16_or_older": "on"},
    }[form]
    original = getattr(import_module(module), action)

    def erased_first(**arguments):
        private.erase(receipt=Receipt.objects.get())
        return original(**arguments)

    monkeypatch.setattr(f"{module}.{action}", erased_first)
    assert phone.post(reverse(form, args=[code_of(survey)]), sent).status_code == 410
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("form", ["withdraw", "address"])
def test_a_private_page_of_somebody_who_was_just_erased_opens_nothing(form, phone, survey, monkeypatch):  # noqa: F811
    first_layer(phone, survey)
    code = new_code()
    Receipt.objects.update(code_hash=code_hash(code))
    receipt = Receipt.objects.get()
    module, action = {
        "withdraw": ("feedback.private.services", "withdraw_receipt"),
        "address": ("feedback.private.views.choices", "leave_address"),
    }[form]
    original = getattr(import_module(module), action)

    def erased_first(**arguments):
        private.erase_for_good(receipt.pk)
        return original(**arguments)

    monkeypatch.setattr(f"{module}.{action}", erased_first)
    sent = {"email": "resident@example.org", "consent": "on", "is_16_or_older": "on", "code": code}
    url = f"{reverse('private_page', args=[sign_link(receipt, LinkPurpose.PAGE)])}{form}/"
    assert phone.post(url, sent).status_code == 404


@pytest.mark.server_databases  # SQLite lets one writer in at a time
@pytest.mark.django_db(transaction=True)
def test_who_withdraws_while_answering_waits_and_nobody_deadlocks(area, editor, phone):  # noqa: F811
    survey = make_survey(areas=[area], owner=editor)  # noqa: F811
    first_layer(phone, survey)
    response = Response.objects.get()
    other = threading.Thread(target=_withdraw, args=[response.receipt])
    with transaction.atomic():
        answer.lock_response(pk=response.pk)
        other.start()
        other.join(1.0)
        # What saving words does: refer to the receipt that the other one holds.
        known = Contribution.objects.first()
        Contribution.objects.create(
            receipt=response.receipt, topic=known.topic, slot="x", kind="text", text="x", language="nl"
        )
    other.join()
    response.refresh_from_db()
    assert response.withdrawn_on


def _withdraw(receipt: Receipt) -> None:
    try:
        private.withdraw_receipt(receipt=receipt)
    finally:
        connection.close()
