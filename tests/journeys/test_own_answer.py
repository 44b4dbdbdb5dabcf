"""One resident, from the poster to the last word: answer, go on elsewhere, hear back, withdraw, erase."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Contact, Receipt
from feedback.answers.services.replies import REPLY_TERM
from feedback.contacts.services.hearing_back import confirm_key
from feedback.models import AnswerOwed, Contribution, Message
from feedback.private.services import withdrawal_undo_until
from feedback.states import Owed
from surveys.models import DayCount, Publication, Response, Tally
from surveys.publication.services import take_snapshot
from tests.feedback.factories import today
from tests.feedback.journey import answer
from tests.people import make_municipality
from tests.surveys.polls import make_survey
from tests.surveys.test_answering import code_of, first_layer

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor):
    return make_survey(areas=[area], owner=editor)


def new_phone() -> Client:
    return Client(headers={"accept-language": "nl"})


def counted() -> list[tuple[str, str, int]]:
    return sorted(Tally.objects.filter(n__gt=0).values_list("question", "option", "n"))


@pytest.fixture
def code(survey) -> str:
    """The private code that the phone showed when somebody finished the first layer."""
    phone = new_phone()
    first_layer(phone, survey)
    page = phone.post(reverse("done", args=[code_of(survey)])).content.decode()
    return re.search(r"[a-z]+-\d{3}-[a-z]+-[a-z]+", page)[0]


@pytest.fixture
def own(code) -> str:
    """Their own page, opened on another phone with the code."""
    return new_phone().post("/v/", {"code": code}).url


def test_their_page_shows_what_they_chose_and_what_is_owed(own, survey):
    said = new_phone().get(own).content.decode()
    assert "Keuze 0.0" in said and "Hier komt ons antwoord" in said
    assert "Wij wissen uw antwoorden." in said and "Go on, or change your answers" not in said


def test_withdrawn_answer_counts_for_nothing_until_it_is_put_back(own):
    phone, before = new_phone(), counted()
    assert before

    phone.post(f"{own}withdraw/", {"action": "withdraw"})
    assert not counted() and not AnswerOwed.objects.waiting().exists()

    phone.post(f"{own}withdraw/", {"action": "put_back"})
    assert counted() == before and AnswerOwed.objects.waiting().exists()


def test_erased_answer_leaves_the_counters_as_if_it_never_was(own, code):
    new_phone().post(f"{own}erase/", {"code": code})
    assert not counted() and not DayCount.objects.filter(n__gt=0).exists()
    assert (
        not Receipt.objects.exists() and not Response.objects.exists() and not Contribution.objects.exists()
    )


def test_download_holds_the_answers_in_words(own, code):
    file = new_phone().post(f"{own}download/", {"code": code, "as": "file"}).json()
    (answers,) = file["Uw antwoorden"]
    assert answers["peiling"] == "Wat heeft de buurt nodig?" and len(answers["antwoorden"]) == 4
    assert file["Wat u zei"]


def test_hear_back_later_then_answer_then_no(own, code):
    phone = new_phone()
    fields = {"email": "bewoner@example.nl", "consent": "on", "is_16_or_older": "on", "code": code}
    phone.post(f"{own}address/", fields)
    contact = Contact.objects.get()
    assert Message.objects.get(purpose="confirm").receipt == contact.receipt and confirm_key(contact)

    item = answer(AnswerOwed.objects.filter(contribution__kind="choice").get())
    said = phone.get(own).content.decode()
    assert "Dit gaat door." in said and "Geeft dit antwoord op uw vraag?" in said

    phone.post(f"{own}react/{item.pk}/", {"answer": "no"})
    again = AnswerOwed.objects.get(reopened=1)
    assert (again.state, again.due_on) == (Owed.OPEN, today(REPLY_TERM.days))


def test_go_on_from_their_own_page(own, survey):
    phone = new_phone()
    said = phone.get(own).content.decode()
    form = re.search(r'<form method="post" action="(/p/[^"]+)">.*?name="link" value="([^"]+)"', said, re.S)
    assert phone.post(form[1], {"link": form[2]}).url == reverse("thanks", args=[code_of(survey)])
    assert phone.get(reverse("thanks", args=[code_of(survey)])).status_code == 200


def test_timeline_leads_to_the_published_outcome(own, survey):
    for _ in range(9):
        first_layer(new_phone(), survey)
    take_snapshot(survey=survey)
    link = f'<a href="{reverse("outcome", args=[code_of(survey)])}">Bekijk de uitkomst</a>'
    said = html.unescape(new_phone().get(own).content.decode())
    assert "Zo'n 10 mensen deden mee." in said and link not in said
    Publication.objects.create(survey=survey)
    assert link in html.unescape(new_phone().get(own).content.decode())


def test_day_of_erasing_is_that_of_what_was_withdrawn(own, survey):
    phone = new_phone()
    survey.refresh_from_db()
    put_back = withdrawal_undo_until(today())
    assert put_back < survey.erase_on
    assert phone.get(own).context["talk"].moments[-1].on == survey.erase_on
    phone.post(f"{own}withdraw/", {"action": "withdraw"})
    assert phone.get(own).context["talk"].moments[-1].on == put_back


def test_a_school_that_asks_for_many_mails_still_answers(survey):
    phone = new_phone()
    first_layer(phone, survey)
    hear = reverse("hear", args=[code_of(survey)])
    fields = {"email": "bewoner@example.nl", "consent": "on", "is_16_or_older": "on"}
    for number in range(60):
        phone.post(hear, fields | {"email": f"kind{number}@example.nl"})
    refused = phone.post(hear, fields)
    assert refused.status_code == 422 and "te vaak gevraagd" in refused.content.decode()
    assert 'value="bewoner@example.nl"' in refused.content.decode()
    assert first_layer(new_phone(), survey) == reverse("thanks", args=[code_of(survey)])


@pytest.mark.parametrize(
    ("by", "fields", "title"),
    [
        ("mail", {"email": "bewoner@example.nl"}, "Liever geen e‑mail?"),
        ("text", {"mobile": "06 12345678"}, "Uw code"),
        ("letter", {"street": "Kade 3", "postcode": "1234 AB", "town": "Waterdam"}, "Uw code"),
    ],
)
def test_above_the_code_stands_what_it_is_for(survey, settings, by, fields, title):
    settings.SMS_URL = "console://"
    make_municipality(text_price=8, letter_price=130)
    phone = new_phone()
    first_layer(phone, survey)
    hear = f"{reverse('hear', args=[code_of(survey)])}?by={by}"
    for page in (phone.get(hear), phone.post(hear, fields | {"consent": "on", "is_16_or_older": "on"})):
        said = page.content.decode()
        assert page.status_code == 200 and "nabij-code" in said
        assert title in said and (by == "mail" or "Liever geen e‑mail?" not in said)
