"""Does this answer you? Every step between yes, no and no with a reason."""

import pytest

from core.errors import DomainError
from feedback.answers.services.replies import react
from feedback.models import AnswerOwed, Contribution, Reaction
from feedback.private import services as private
from feedback.states import ContributionKind, Owed, Reading
from tests.feedback.factories import make_debt, make_receipt, today
from tests.feedback.journey import answer, answered, item_url, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt():
    return make_receipt()


@pytest.fixture
def item(receipt):
    return answered(receipt)


def debts(receipt) -> list[tuple[str, int]]:
    return sorted(AnswerOwed.objects.filter(receipt=receipt).values_list("state", "reopened"))


def test_yes_leaves_it_answered(item, receipt):
    react(item=item, answers_me=True)
    assert debts(receipt) == [(Owed.PUBLISHED, 0)] and Reaction.objects.get().answers_me


def test_no_reopens_with_a_new_date_once(item, receipt):
    react(item=item, answers_me=False)
    react(item=item, answers_me=False)
    assert debts(receipt) == [(Owed.OPEN, 1)]
    assert AnswerOwed.objects.get().due_on == today(14) and Reaction.objects.count() == 1


def test_no_reopens_only_what_this_answer_named(item, receipt):
    other = make_debt(receipt=receipt)
    answer(other)
    react(item=item, answers_me=False)
    other.refresh_from_db()
    assert other.state == Owed.PUBLISHED


def test_reason_is_something_said_and_owed_an_answer(item, receipt):
    react(item=item, answers_me=False, reason="Wanneer precies?")
    said = Contribution.objects.get(kind=ContributionKind.REACTION)
    assert said.text == "Wanneer precies?" and said.topic.key == f"reaction:{item.follow_up_id}"
    assert said.owed.get().owner == item.follow_up.owner
    assert debts(receipt) == [(Owed.OPEN, 0), (Owed.OPEN, 1)]


def test_other_reason_replaces_the_first_and_must_be_read_anew(item):
    react(item=item, answers_me=False, reason="Wanneer?")
    Contribution.objects.filter(kind=ContributionKind.REACTION).update(reading=Reading.CLEAR)
    react(item=item, answers_me=False, reason="En hoe laat?")
    said = Contribution.objects.get(kind=ContributionKind.REACTION)
    assert (said.text, said.reading) == ("En hoe laat?", Reading.UNREAD)


def test_yes_after_no_settles_it_again(item, receipt):
    react(item=item, answers_me=False, reason="Wanneer?")
    react(item=item, answers_me=True)
    assert debts(receipt) == [(Owed.PUBLISHED, 1), (Owed.WAIVED, 0)]


def test_no_after_yes_after_no_opens_it_again(item, receipt):
    for answers_me in (False, True, False):
        react(item=item, answers_me=answers_me, reason="" if answers_me else "Wanneer?")
    assert debts(receipt) == [(Owed.OPEN, 0), (Owed.OPEN, 2)]


def test_more_said_after_the_reason_was_answered(item, receipt):
    react(item=item, answers_me=False, reason="Wanneer?")
    answer(AnswerOwed.objects.get(contribution__kind=ContributionKind.REACTION))
    react(item=item, answers_me=False, reason="Dat was mijn vraag niet.")
    assert debts(receipt) == [(Owed.OPEN, 0), (Owed.OPEN, 1)]


def test_who_withdrew_is_owed_nothing_whatever_they_say_then(item, receipt):
    private.withdraw_receipt(receipt=receipt)
    with pytest.raises(DomainError, match="trok"):
        react(item=item, answers_me=False, reason="Wanneer dan?")
    assert debts(receipt) == [(Owed.WITHDRAWN, 0)] and not Reaction.objects.exists()
    assert not Contribution.objects.filter(kind=ContributionKind.REACTION).exists()
    private.undo_withdrawal(receipt=receipt)
    react(item=item, answers_me=False, reason="Wanneer dan?")
    assert debts(receipt) == [(Owed.OPEN, 0), (Owed.OPEN, 1)], "Whoever speaks is owed an answer."


# --- over HTTP --------------------------------------------------------------------------------


def test_post_from_the_page_twice_is_once(client, item, receipt):
    for _ in range(2):
        response = client.post(f"{page_of(receipt)}react/{item.pk}/", {"answer": "no"})
        assert response.status_code == 302 and response.url.endswith(f"#item-{item.pk}")
    said = client.get(page_of(receipt)).content.decode()
    assert debts(receipt) == [(Owed.OPEN, 1)] and "Wat mist u nog?" in said


def test_page_shows_the_reason_and_when_more_comes(client, item, receipt):
    client.post(f"{page_of(receipt)}react/{item.pk}/", {"answer": "no", "reason": "Wanneer precies?"})
    said = client.get(page_of(receipt)).content.decode()
    assert (
        said.index("Fijn dat u het zegt")
        < said.index("Wanneer precies?")
        < said.index("Hier komt ons antwoord")
    )


@pytest.mark.parametrize("answer", ["", "maybe", "yes' OR 1=1"])
def test_something_else_than_yes_or_no_is_refused(client, item, receipt, answer):
    for url in (f"{page_of(receipt)}react/{item.pk}/", item_url(item)):
        response = client.post(url, {"answer": answer})
        assert response.status_code == 422 and "Kies ja of nee." in response.content.decode()
    assert not Reaction.objects.exists()


def test_too_long_a_reason_is_kept_on_screen(client, item, receipt):
    long = "Waarom dan niet? " * 150
    for url in (f"{page_of(receipt)}react/{item.pk}/", item_url(item)):
        said = client.post(url, {"answer": "no", "reason": long}).content.decode()
        assert "tekens te lang" in said and long.strip() in said
    assert not Reaction.objects.exists()


def test_button_on_the_item_page_does_the_work(client, item, receipt):
    response = client.post(item_url(item), {"answer": "no", "reason": "Wanneer?"}, follow=True)
    assert response.status_code == 200 and "Fijn dat u het zegt" in response.content.decode()
    assert Contribution.objects.filter(text="Wanneer?").exists()


def test_withdrawn_item_is_not_shown(client, item):
    type(item).objects.filter(pk=item.pk).update(cancelled=True)
    assert client.get(item_url(item)).status_code == 404


def test_a_page_from_before_withdrawing_says_so_and_keeps_what_was_typed(client, item, receipt):
    private.withdraw_receipt(receipt=receipt)
    for url in (f"{page_of(receipt)}react/{item.pk}/", item_url(item)):
        page = client.post(url, {"answer": "no", "reason": "Wanneer precies?"})
        said = page.content.decode()
        assert page.status_code == 422 and "Zet het eerst terug" in said and "Wanneer precies?" in said
        page = client.post(url, {"answer": "yes"})
        assert page.status_code == 422 and "Zet het eerst terug" in page.content.decode()
    assert "Geeft dit antwoord op uw vraag?" not in client.get(item_url(item)).content.decode()
    assert not Reaction.objects.exists()
