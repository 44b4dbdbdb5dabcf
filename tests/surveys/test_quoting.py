"""Right after they wrote something: may others read it? And where it then stands."""

from html import unescape

import pytest
from django.urls import reverse

from feedback.contributions.services.contributions import allow_quoting, choose_quote
from feedback.contributions.services.listening import save_reading
from feedback.models import Contribution
from feedback.private import services as private
from feedback.states import Reading
from surveys.results.services.outcome import publish_page
from tests.surveys.test_answering import code_of
from tests.surveys.test_outcome import make_told, page_of

pytestmark = pytest.mark.django_db
WORDS = "Meer licht, bel Jan"


@pytest.fixture
def survey(area, editor):
    return make_told(area, editor)


@pytest.fixture
def wrote(survey, client) -> Contribution:
    """Somebody who answered the first layer, and then wrote a text of their own."""
    code = code_of(survey)
    url = client.post(reverse("begin", args=[code]), {"submit_key": "k" * 24}).url
    while "/q/" in url:
        url = client.post(url, {"go": "skip"}).url
    words = survey.layers.get(order=1)
    url = client.post(reverse("layer", args=[code]), {"layer": words.pk}).url
    question = words.questions.get()
    client.post(url, {f"q{question.pk}": WORDS})
    return Contribution.objects.get(text=WORDS)


def thanks_of(client, survey) -> str:
    return unescape(client.get(reverse("thanks", args=[code_of(survey)])).content.decode())


def answer(client, survey, **data):
    return client.post(reverse("may_quote", args=[code_of(survey)]), data)


def test_who_wrote_nothing_is_not_asked(survey, client):
    url = client.post(reverse("begin", args=[code_of(survey)]), {"submit_key": "k" * 24}).url
    while "/q/" in url:
        url = client.post(url, {"go": "skip"}).url
    assert "Ja, anderen mogen dit lezen." not in thanks_of(client, survey)


def test_the_box_is_off_and_a_yes_can_be_taken_back_there(wrote, survey, client):
    page = thanks_of(client, survey)
    assert "Ja, anderen mogen dit lezen." in page and WORDS in page and "checked" not in page
    answer(client, survey, asked=wrote.slot)
    assert not Contribution.objects.get(pk=wrote.pk).may_quote_since

    answer(client, survey, asked=wrote.slot, quote=wrote.slot)
    assert Contribution.objects.get(pk=wrote.pk).may_quote_since
    assert "checked" in thanks_of(client, survey)

    answer(client, survey, asked=wrote.slot)
    assert not Contribution.objects.get(pk=wrote.pk).may_quote_since


def test_what_was_not_asked_stays_as_it_was(wrote, survey, client):
    allow_quoting(contribution=wrote, allowed=True)
    answer(client, survey, asked="something else")
    assert Contribution.objects.get(pk=wrote.pk).may_quote_since


def test_other_words_are_asked_about_anew(wrote, survey, client):
    answer(client, survey, asked=wrote.slot, quote=wrote.slot)
    url = reverse("question", args=[code_of(survey), wrote.slot])
    client.post(url, {f"q{wrote.slot}": "Iets heel anders"})
    assert not Contribution.objects.get(pk=wrote.pk).may_quote_since


def test_nobody_says_yes_from_another_phone_or_after_it_is_gone(wrote, survey, client):
    said = {"asked": wrote.slot, "quote": wrote.slot}
    other = type(client)()
    assert other.post(reverse("may_quote", args=[code_of(survey)]), said).status_code == 410
    private.withdraw_receipt(receipt=wrote.receipt)
    assert answer(client, survey, **said).status_code == 409
    private.erase(receipt=wrote.receipt)
    assert answer(client, survey, **said).status_code == 410


@pytest.fixture
def quoted(wrote, survey, coordinator, editor) -> Contribution:
    allow_quoting(contribution=wrote, allowed=True)
    save_reading(contribution=wrote, seen=0, reading=Reading.CLEAR, themes=[], hide=["Jan"], by=coordinator)
    choose_quote(contribution=wrote, seen=1, chosen=True, by=coordinator)
    publish_page(survey=survey, words={}, by=editor)
    return wrote


def test_a_quote_stands_masked_with_the_outcome(quoted, survey):
    page = page_of(survey)
    assert "Meer licht" in page and "Jan" not in page and "In hun eigen woorden" in page


@pytest.mark.parametrize(
    "take_back",
    [
        lambda text: allow_quoting(contribution=text, allowed=False),
        lambda text: private.withdraw_receipt(receipt=text.receipt),
        lambda text: private.erase(receipt=text.receipt),
    ],
    ids=["no longer", "withdrawn", "erased"],
)
def test_a_quote_taken_back_is_gone_from_the_outcome(take_back, quoted, survey):
    take_back(quoted)
    assert "Meer licht" not in page_of(survey) and "In hun eigen woorden" not in page_of(survey)
