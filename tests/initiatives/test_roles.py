"""What hands are asked for: no role without a card, no card without every row; open, close, and open again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from initiatives.matching.services import roles
from initiatives.models import ExpectationCard, VolunteerRole
from initiatives.states import ROLE_TRANSITIONS, InitiativeState, RoleState
from tests.initiatives.factories import make_card, make_idea, make_match, make_offer, make_role
from tests.people import make_municipality, signed_in
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db
NO_MONEY = {"nl": "Er is geen geld.", "en": "There is no money."}


@pytest.fixture
def soup(area, coordinator):
    return make_idea(area, owner=coordinator, state=InitiativeState.RUNNING, name="Soep op dinsdag")


def posted(card: ExpectationCard | None = None, **changes) -> dict:
    fields = {
        "name_nl": "Soep koken",
        "about_nl": "Op dinsdag, met z'n tweeën.",
        "support_nl": "De eerste keer gaat iemand mee.",
        "people": 2,
        "rhythm": "regular",
        "skills": ["cook"],
        "languages": ["tr"],
        "moments": ["2m"],
        "card": card.pk if card else "",
    }
    return fields | changes


# --- roles ------------------------------------------------------------------------------------

PAIRS = [(old, new) for old in RoleState.values for new in (RoleState.OPEN, RoleState.CLOSED)]


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda state: str(state))
def test_every_step_of_the_table_and_no_other(old, new, soup, coordinator):
    role = make_role(soup, state=old)
    action = roles.open_role if new == RoleState.OPEN else roles.close_role
    if new in ROLE_TRANSITIONS[old]:
        action(role=role, by=coordinator)
    else:
        with pytest.raises(DomainError):
            action(role=role, by=coordinator)
    role.refresh_from_db()
    assert role.state == (new if new in ROLE_TRANSITIONS[old] else old)


def test_a_role_is_made_as_a_draft_and_opened(soup, coordinator):
    client = signed_in(coordinator)
    sent = client.post(reverse("role_new", args=[soup.pk]), posted(make_card()))
    role = VolunteerRole.objects.get()
    assert sent.url == reverse("role", args=[role.pk]) and role.state == RoleState.DRAFT
    assert (role.people, role.skills, role.languages, role.moments) == (2, ["cook"], ["tr"], ["2m"])
    public = reverse("initiative_public", args=[soup.area.slug, soup.pk])
    assert "Soep koken" not in Client().get(public).content.decode()
    client.post(reverse("role_do", args=[role.pk, "open"]))
    page = Client().get(public).content.decode()
    assert "Soep koken" in page and f"?role={role.pk}" in page
    assert "money in woorden" in page, "Its card stands above “I want to join”."


def test_nobody_is_asked_for_hands_without_a_card(soup, coordinator):
    client = signed_in(coordinator)
    client.post(reverse("role_new", args=[soup.pk]), posted())
    role = VolunteerRole.objects.get()
    page = client.post(reverse("role_do", args=[role.pk, "open"]), follow=True)
    role.refresh_from_db()
    assert role.state == RoleState.DRAFT and list(page.context["messages"])
    with pytest.raises(DomainError):
        roles.open_role(role=role, by=coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        VolunteerRole.objects.filter(pk=role.pk).update(state=RoleState.OPEN)


def test_nor_with_a_card_that_lacks_a_language(soup, coordinator, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("tr", "Turkish")]
    role = make_role(soup, state=RoleState.DRAFT)
    make_municipality(languages=["nl", "en", "tr"])
    with pytest.raises(DomainError):
        roles.open_role(role=role, by=coordinator)


def test_an_open_role_keeps_its_card(soup, coordinator):
    role = make_role(soup)
    page = signed_in(coordinator).post(reverse("role_change", args=[role.pk]), posted(None))
    assert page.status_code == 422
    role.refresh_from_db()
    assert role.card is not None


@pytest.mark.parametrize("state", [InitiativeState.IDEA, InitiativeState.ENDED])
def test_only_for_what_neighbours_can_read_of(state, area, coordinator):
    day = None if state == InitiativeState.ENDED else timezone.localdate()
    initiative = make_idea(area, owner=coordinator, state=state, next_action_on=day)
    with pytest.raises(DomainError):
        roles.open_role(role=make_role(initiative, state=RoleState.DRAFT), by=coordinator)


def test_not_for_fewer_than_do_it_already(soup, area, coordinator):
    role = make_role(soup, people=3)
    for _person in range(2):
        make_match(make_offer(area), role, state="active")
    page = signed_in(coordinator).post(reverse("role_change", args=[role.pk]), posted(role.card, people=1))
    assert page.status_code == 422 and "2" in str(page.context["form"].non_field_errors())


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 0},
        {"people": "veel"},
        {"skills": ["fly"]},
        {"moments": ["9z"]},
        {"name_nl": ""},
        {"starts_on": timezone.localdate(), "ends_on": timezone.localdate() - timedelta(days=1)},
    ],
    ids=["nobody", "no number", "no skill", "no moment", "no name", "ends before it starts"],
)
def test_a_role_that_can_not_be_keeps_what_was_typed(wrong, soup, coordinator):
    page = signed_in(coordinator).post(reverse("role_new", args=[soup.pk]), posted(make_card(), **wrong))
    assert page.status_code == 422 and "Op dinsdag, met z&#x27;n tweeën." in page.content.decode()
    assert not VolunteerRole.objects.exists()


def test_the_page_of_a_role_tells_who_was_asked_to_who_works_there(soup, area, coordinator, viewer):
    role = make_role(soup)
    match = make_match(make_offer(area), role)
    url = reverse("role", args=[role.pk])
    assert f"match-{match.pk}" in signed_in(coordinator).get(url).content.decode()
    assert f"match-{match.pk}" not in signed_in(viewer).get(url).content.decode()


def test_what_takes_a_certificate_is_said_to_everybody(soup):
    make_role(soup, needs_clearance=True, adults_only=True)
    page = Client().get(reverse("initiative_public", args=[soup.area.slug, soup.pk])).content.decode()
    assert "VOG" in page and "18" in page


# --- expectation cards ------------------------------------------------------------------------


def rows(**changes) -> dict:
    fields = {"name": "Zonder geld"}
    for row in ExpectationCard.ROWS:
        fields |= {f"{row}_{code}": text for code, text in NO_MONEY.items()}
    return fields | changes


def test_none_is_an_answer(coordinator):
    sent = signed_in(coordinator).post(reverse("card_new"), rows())
    made = ExpectationCard.objects.get()
    assert sent.url == reverse("card", args=[made.pk])
    assert made.money == NO_MONEY and not made.missing(["nl", "en"])


@pytest.mark.parametrize("row", ExpectationCard.ROWS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_empty_row_is_not(row, language, coordinator):
    page = signed_in(coordinator).post(reverse("card_new"), rows(**{f"{row}_{language}": "  "}))
    assert page.status_code == 422 and f"{row}_{language}" in page.context["form"].errors
    assert not ExpectationCard.objects.exists()


def test_a_card_is_changed_where_it_stands(soup, coordinator):
    role = make_role(soup)
    url = reverse("card_change", args=[role.card_id])
    assert signed_in(coordinator).post(url, rows()).status_code == 302
    page = Client().get(reverse("initiative_public", args=[soup.area.slug, soup.pk])).content.decode()
    assert "Er is geen geld." in page


def test_not_by_who_works_elsewhere(soup, stranger):
    card = make_role(soup).card
    assert signed_in(stranger).post(reverse("card_change", args=[card.pk]), rows()).status_code == 403
    card.refresh_from_db()
    assert card.name == "card"


def test_the_card_of_a_survey_is_changed_there(area, administrator):
    card = make_survey(areas=[area], owner=administrator).card
    page = signed_in(administrator).get(reverse("card", args=[card.pk]))
    assert page.context["why_not"]
    assert signed_in(administrator).post(reverse("card_change", args=[card.pk]), rows()).status_code == 422


def test_two_cards_with_one_name_would_be_mixed_up(coordinator):
    make_card("Zonder geld")
    assert signed_in(coordinator).post(reverse("card_new"), rows()).status_code == 422
    assert ExpectationCard.objects.count() == 1
