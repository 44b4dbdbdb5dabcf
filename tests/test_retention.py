"""The retention file is whole, says what the code does, and is carried out."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db.models import CASCADE
from django.utils import timezone

from accounts.models import Contact, Event, Receipt, User
from accounts.states import ReceiptPurpose
from feedback.contacts.services import hearing_back
from feedback.models import Contribution, DeliveryAttempt, Following, Message
from feedback.private import services as private
from feedback.states import MessagePurpose, MessageState
from feedback.tasks import run_daily
from initiatives.models import Note
from initiatives.needs.services.notes import TalkNote, create_note
from neighbourhoods.registries import retention_jobs
from neighbourhoods.settings.retention import LEGAL_BASES, retention_policy, run_retention_jobs
from surveys.invitations.services import invitations, post
from surveys.models import Response, Tally
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_message,
    make_receipt,
)
from tests.feedback.journey import answered
from tests.house import our_models
from tests.people import make_municipality, make_user

LIBRARIES = {"account", "mfa", "socialaccount", "sessions", "usersessions"}

# Half past eleven in the evening of the last day of the year, in Waterdam.
NOW = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def ago(days: float):
    return NOW - timedelta(days=days)


# --- the file ---------------------------------------------------------------------------------


def models_of_sign_in() -> list[type]:
    """Tables of libraries about colleagues."""
    return [model for model in apps.get_models() if model._meta.app_label in LIBRARIES]


def test_every_field_has_a_line():
    fields = {
        f"{model._meta.label}.{field.name}"
        for model in (*our_models(), *models_of_sign_in())
        for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many)
    }
    known = retention_policy().fields()
    assert not fields - known, (
        "Give each a line in config/retention.toml: personal, under a rule, or not personal."
    )
    assert not known - fields, "config/retention.toml names fields that no longer exist."


def test_no_field_has_two_lines():
    found = retention_policy()
    twice = [
        f"{model}.{field}"
        for model, fields in found.not_personal.items()
        for field in fields
        if f"{model}.{field}" in found.personal
    ]
    assert not twice


def test_every_rule_says_everything_in_both_languages():
    for rule in retention_policy().rules.values():
        for texts in (rule.name, rule.purpose, rule.term, rule.then):
            assert all(texts.get(language, "").strip() for language in ("nl", "en")), rule.key


def test_every_job_is_named_by_a_rule_and_every_rule_by_a_job_that_is_there():
    named = {rule.job for rule in retention_policy().rules.values() if rule.job}
    assert named == dict(retention_jobs.items()).keys()


# Of rules without a job: kept until its holder asks otherwise, or moved on by the job that hands out an answer.
WITHOUT_END = {"accounts.Suppression", "feedback.FollowUp"}


def test_what_no_job_erases_goes_with_what_one_does():
    """A rule without a job says “goes along”: then a foreign key has to see to it."""
    models = {model._meta.label: model for model in (*our_models(), *models_of_sign_in())}
    found = retention_policy()
    along = {
        field.rpartition(".")[0] for field, rule in found.personal.items() if not found.rules[rule].job
    } - WITHOUT_END
    assert along and not [label for label in along if not goes_with_a_receipt(models[label], set())]


def goes_with_a_receipt(model: type, seen: set) -> bool:
    if model is Receipt:
        return True
    keys = [field for field in model._meta.concrete_fields if field.many_to_one or field.one_to_one]
    return any(
        goes_with_a_receipt(key.related_model, seen | {model})
        for key in keys
        if key.remote_field.on_delete is CASCADE and key.related_model not in seen
    )


def test_days_are_those_that_pages_promise():
    rules = retention_policy().rules
    assert rules["unconfirmed"].days == hearing_back.CONFIRM_DAYS
    assert rules["words"].days == private.UNDO_WITHDRAWAL_DAYS
    assert (rules["letters"].days, rules["invited"].days) == (
        post.LETTERS_KEPT_DAYS,
        invitations.ADDRESSES_KEPT_DAYS,
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_privacy_page_is_the_file(client, db, language):
    make_municipality()
    client.cookies["django_language"] = language
    said = client.get("/privacy/").content.decode()
    for rule in retention_policy().rules.values():
        for words in rule.in_words(language).values():
            assert words.replace("'", "&#x27;") in said
    assert "{days}" not in said and len(LEGAL_BASES) == 3


# --- what it does -----------------------------------------------------------------------------


@pytest.fixture
def municipality_there(db):
    return make_municipality()


pytestmark = pytest.mark.usefixtures("municipality_there")


def test_unconfirmed_addresses_go_after_seven_days():
    old = make_contact(confirmed=False, created_at=ago(7.1))
    young = make_contact(confirmed=False, created_at=ago(6.9))
    offer = make_contact(make_receipt(purpose=ReceiptPurpose.OFFER), confirmed=False, created_at=ago(30))
    assert run_retention_jobs(now=NOW) == {"unconfirmed addresses": 1}
    assert set(Contact.objects.all()) == {young, offer}
    assert Receipt.objects.filter(pk=old.receipt_id).exists()  # the answer stays


def contact_of(days: float, **fields) -> Contact:
    return make_contact(confirmed_at=ago(days), created_at=ago(days), **fields)


def test_address_stays_while_an_answer_is_owed():
    contact = contact_of(400)
    make_debt(receipt=contact.receipt)
    assert not run_retention_jobs(now=NOW) and Contact.objects.exists()


def test_address_stays_while_a_mail_is_under_way_or_was_lately():
    make_message(contact_of(400).receipt)
    make_message(contact_of(400).receipt, state=MessageState.SENT, settled_at=ago(59))
    assert not run_retention_jobs(now=NOW)


def test_address_goes_after_the_last_message():
    contact = contact_of(400)
    item = answered(contact.receipt)
    type(item).objects.update(created_at=ago(61))
    make_message(contact.receipt, state=MessageState.DELIVERED, settled_at=ago(61))
    assert run_retention_jobs(now=NOW)["addresses after the last message"] == 1
    assert not Contact.objects.exists() and Receipt.objects.exists()


@pytest.mark.parametrize(
    ("purpose", "stays"),
    [
        (ReceiptPurpose.PARTICIPATION, False),
        (ReceiptPurpose.NOTE, False),
        (ReceiptPurpose.OFFER, True),
        (ReceiptPurpose.FOLLOWING, True),
    ],
)
def test_whose_address_goes_after_the_last_message(purpose, stays, area):
    contact = contact_of(400, receipt=make_receipt(purpose=purpose))
    if purpose == ReceiptPurpose.FOLLOWING:
        Following.objects.create(receipt=contact.receipt, area=area)
    run_retention_jobs(now=NOW)
    assert Contact.objects.exists() is stays


def test_notes_of_talks_go_after_two_years(area):
    for days in (729, 731):
        create_note(
            area=area,
            talk_note=TalkNote("A bench."),
            language="nl",
            sent_key=uuid4(),
            by=make_user(),
            now=ago(days),
        )
    assert run_retention_jobs(now=NOW) == {"notes of talks": 1}
    assert Note.objects.get().noted_on == timezone.localdate(ago(729))


def test_withdrawn_answers_go_when_they_can_no_longer_be_put_back():
    gone = make_contribution(withdrawn_on=timezone.localdate(ago(31)))
    kept = make_contribution(withdrawn_on=timezone.localdate(ago(30)))
    assert run_retention_jobs(now=NOW) == {"withdrawn answers": 1}
    assert Contribution.objects.get() == kept
    assert not Receipt.objects.filter(pk=gone.receipt_id).exists()


def test_texts_of_mail_that_left_are_emptied_and_old_mail_goes():
    sent = make_message(state=MessageState.SENT, text="Dag", settled_at=ago(1))
    make_message(state=MessageState.SENT, purpose=MessagePurpose.CODE, settled_at=ago(91))
    waiting = make_message(text="Dag")
    DeliveryAttempt.objects.create(message=sent, at=ago(91), said="250 ok")
    run_retention_jobs(now=NOW)
    assert set(Message.objects.values_list("pk", "text")) == {(sent.pk, ""), (waiting.pk, "Dag")}
    assert not DeliveryAttempt.objects.exists()


def test_colleagues_who_left_keep_their_role_alone():
    gone = make_user(title="wijkmanager", is_active=False, last_login=ago(366), email="old@waterdam.example")
    stays = make_user(is_active=False, last_login=ago(300))
    run_retention_jobs(now=NOW)
    gone.refresh_from_db()
    assert gone.email == f"{gone.pk}@gone.invalid" and gone.title == "wijkmanager"
    assert not gone.has_usable_password() and User.objects.filter(email=stays.email).exists()
    assert not run_retention_jobs(now=NOW)


def test_log_goes_after_five_years():
    Event.objects.create(verb="old", kind="x", key="", at=ago(1826))
    Event.objects.create(verb="young", kind="x", key="", at=ago(1824))
    run_retention_jobs(now=NOW)
    assert set(Event.objects.values_list("verb", flat=True)) == {"young", "erased_by_retention"}


def test_answers_go_on_their_day_and_the_counters_stay(survey_with_answers):
    survey, counted = survey_with_answers
    type(survey).objects.update(erase_on=timezone.localdate(NOW))
    assert run_retention_jobs(now=NOW)["answers to surveys"] == 2
    survey.refresh_from_db()
    assert survey.answers_erased_on == timezone.localdate(NOW)
    assert (
        not Response.objects.exists() and not Contribution.objects.exists() and not Receipt.objects.exists()
    )
    assert sorted(Tally.objects.values_list("question", "option", "n")) == counted
    assert not run_retention_jobs(now=NOW)


@pytest.fixture
def survey_with_answers(area, editor):
    from tests.surveys.polls import make_survey

    survey = make_survey(areas=[area], owner=editor)
    channel = survey.channels.get()
    for number in range(2):
        receipt = make_receipt()
        Response.objects.create(
            survey=survey, version=survey.current, receipt=receipt, channel=channel, area=area,
            language="nl", submit_key=str(number), answers={"1": "2"},
        )  # fmt: skip
        make_debt(receipt=receipt)
    Tally.objects.create(
        survey=survey,
        epoch=1,
        question="1",
        option="2",
        area=area,
        channel=channel,
        respondent="resident",
        n=2,
    )
    return survey, [("1", "2", 2)]


def test_what_went_is_in_the_log_without_saying_whose():
    make_contact(confirmed=False, created_at=ago(8), email="bewoner@example.nl")
    run_retention_jobs(now=NOW)
    event = Event.objects.get()
    assert event.facts == {"what": "unconfirmed addresses", "number": 1}
    assert event.details == "aantal: 1 · wat: adressen die nooit bevestigd zijn"


def test_command_and_daily_job_carry_it_out():
    make_contact(confirmed=False, created_at=ago(8))
    call_command("retention", stdout=(told := StringIO()))
    assert "unconfirmed addresses: 1" in told.getvalue()
    assert run_daily()["retention"] == "nothing was due"
