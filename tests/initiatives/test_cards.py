"""What somebody said yes to stays as it was: other words are a new version, for who comes later."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.links import LinkPurpose, sign_link
from core.errors import DomainError
from initiatives.initiatives.services import beginning
from initiatives.matching.services import matches, roles
from initiatives.models import ExpectationCard, Match, Offer
from initiatives.offers.services import offers
from initiatives.states import InitiativeState, RoleState
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.factories import make_begun, make_card, make_match, make_offer, make_role
from tests.people import make_user, signed_in
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db
BEFORE, AFTER = "€ 750 voor spullen.", "Er is geen geld."


def words(text: str) -> dict[str, dict[str, str]]:
    return {row: {"nl": text, "en": text} for row in ExpectationCard.ROWS}


def posted(text: str, **more) -> dict:
    rows = {f"{row}_{code}": text for row in ExpectationCard.ROWS for code in ("nl", "en")}
    return {"name": "De kaart"} | rows | more


@pytest.fixture
def card(area):
    return make_card("De kaart", shown_on=None, **words(BEFORE))


@pytest.fixture
def soup(area, coordinator):
    return make_begun(area, owner=coordinator, state=InitiativeState.RUNNING, by_resident=False)


# what happened to a card -> whether other words are a new version
def nothing(card, soup, by):
    pass


def stands_above_a_draft(card, soup, by):
    make_role(soup, card=card, state=RoleState.DRAFT)


def stands_above_an_open_role(card, soup, by):
    roles.open_role(role=make_role(soup, card=card, state=RoleState.DRAFT), by=by)


def stood_above_a_role_that_closed(card, soup, by):
    roles.close_role(
        role=roles.open_role(role=make_role(soup, card=card, state=RoleState.DRAFT), by=by), by=by
    )


def invites_everybody(card, soup, by):
    beginning.set_invitation_card(area=soup.area, card=card, by=by)


def was_said_yes_to_in_a_talk(card, soup, by):
    offers.make_offer(
        hands=offers.Hands(way="once"), card=card, area=soup.area, theme=None, owner=by, language="nl", email="",
        phone="0612345678", consent="Ja", submit_key="x" * 24, by=by,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("happened", "is_new"),
    [
        (nothing, False),
        (stands_above_a_draft, False),
        (stands_above_an_open_role, True),
        (stood_above_a_role_that_closed, True),
        (invites_everybody, True),
        (was_said_yes_to_in_a_talk, True),
    ],
)
def test_other_words_are_another_card_once_somebody_could_read_it(happened, is_new, card, soup, editor):
    happened(card, soup, editor)
    saved = roles.save_card(card=card, by=editor, name="De kaart", rows=words(AFTER))
    card.refresh_from_db()
    assert (saved != card) is is_new
    assert card.money["nl"] == (BEFORE if is_new else AFTER) and saved.money["nl"] == AFTER
    assert (card.replaced_by == saved) is is_new
    assert list(ExpectationCard.objects.newest()) == [saved]
    assert not soup.roles.exclude(card=saved).exists(), "a role asks under the newest"
    assert ExpectationCard.objects.invitation_card_for(soup.area) == (
        saved if happened is invites_everybody else None
    )


def test_another_name_on_the_desk_is_the_same_card(card, soup, editor):
    invites_everybody(card, soup, editor)
    assert roles.save_card(card=card, by=editor, name="Anders", rows=words(BEFORE)) == card


@pytest.mark.parametrize("field", [*ExpectationCard.ROWS, "shown_on"])
def test_the_database_itself_keeps_the_words(field, soup):
    card = make_card()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExpectationCard.objects.filter(pk=card.pk).update(
            **{field: None if field == "shown_on" else {"nl": AFTER}}
        )
    ExpectationCard.objects.filter(pk=card.pk).update(name="Anders")


def test_no_migration_dropped_what_keeps_them():
    """SQLite makes a table anew for some migrations, and forgets what stood on it."""
    asked = (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = 'a_shown_card_stands'"
        if connection.vendor == "sqlite"
        else "SELECT count(*) FROM pg_trigger WHERE tgname = 'a_shown_card_stands'"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    "fields",
    [
        {"invites_in": True, "shown_on": None},
        {"replaced_by": True, "shown_on": None},
        {"replaced_by": True, "invites_in": True},
        {"replaced_by": "itself"},
    ],
)
def test_what_the_database_refuses_of_a_card(fields, area):
    card = make_card(shown_on=fields.get("shown_on", today()))
    newer = make_card("newer")
    goals = {"replaced_by": card if fields.get("replaced_by") == "itself" else newer, "invites_in": area}
    changes = {name: goals[name] for name in fields if name in goals}
    with pytest.raises(IntegrityError), transaction.atomic():
        ExpectationCard.objects.filter(pk=card.pk).update(**changes)


def test_who_offered_before_goes_on_reading_theirs_and_who_comes_later_the_new_words(area, editor, client):
    """The story: a card invites, somebody joins in, an editor changes it, somebody else joins in."""
    card = make_card("De kaart", **words(BEFORE), invites_in=area)
    url = reverse("offer_new", args=[area.slug]) + "?give=hands"
    joining = {"way": "once", "phone": "0612345678", "consent": "on", "is_16_or_older": "on"}
    client.post(url, joining | {"card": card.pk, "submit_key": "a" * 24})
    first = Offer.objects.get()

    desk = signed_in(editor)
    page = desk.post(reverse("card_change", args=[card.pk]), posted(AFTER))
    newer = ExpectationCard.objects.newest().get()
    assert page.url == reverse("card", args=[newer.pk])

    # Who still had the old page open reads the new words first; what they typed stays.
    refused = client.post(url, joining | {"card": card.pk, "submit_key": "b" * 24})
    assert refused.status_code == 409 and AFTER in refused.content.decode()
    assert "0612345678" in refused.content.decode() and Offer.objects.count() == 1
    client.post(url, joining | {"card": newer.pk, "submit_key": "b" * 24})
    second = Offer.objects.exclude(pk=first.pk).get()

    for offer, theirs, other in ((first, BEFORE, AFTER), (second, AFTER, BEFORE)):
        own = client.get(
            reverse("private_page", args=[sign_link(offer.receipt, LinkPurpose.PAGE)])
        ).content.decode()
        assert theirs in own and other not in own

    earlier = desk.get(reverse("card", args=[card.pk])).content.decode()
    assert (
        reverse("card", args=[newer.pk]) in earlier and reverse("card_change", args=[card.pk]) not in earlier
    )
    assert desk.post(reverse("card_change", args=[card.pk]), posted("Iets anders.")).status_code == 422
    assert reverse("card", args=[card.pk]) in desk.get(reverse("card", args=[newer.pk])).content.decode()
    assert reverse("card", args=[card.pk]) + '"' not in desk.get(reverse("cards")).content.decode()


def test_a_yes_to_a_proposal_is_to_the_card_that_stood_on_the_page(area, soup, coordinator, client):
    card = make_card("De kaart", **words(BEFORE))
    role = make_role(soup, card=card)
    match = make_match(make_offer(area, owner=coordinator), role)
    link = reverse("match", args=[sign_link(match.offer.receipt, LinkPurpose.MATCH, str(match.pk))])
    assert BEFORE in client.get(link).content.decode()
    newer = roles.save_card(card=card, by=coordinator, name="De kaart", rows=words(AFTER))

    refused = client.post(link, {"action": "yes", "card": card.pk})
    assert refused.status_code == 409 and AFTER in refused.content.decode()
    match.refresh_from_db()
    assert match.volunteer_yes_at is None

    assert client.post(link, {"action": "yes", "card": newer.pk}).status_code == 302
    last = roles.save_card(card=newer, by=coordinator, name="De kaart", rows=words("Weer anders."))
    match.refresh_from_db()
    role.refresh_from_db()
    assert (match.card, role.card) == (newer, last)
    page = client.get(link).content.decode()
    assert AFTER in page and "Weer anders." not in page


def test_proposed_anew_they_say_yes_anew(area, soup, coordinator):
    match = make_match(make_offer(area, owner=coordinator), make_role(soup), state="ended")
    assert match.card
    again = matches.propose(offer=match.offer, role=match.role, by=coordinator)
    assert (again.card, again.volunteer_yes_at) == (None, None)


@pytest.mark.parametrize("fields", [{"card": None}, {"volunteer_yes_at": None}])
def test_a_yes_without_a_card_is_none(fields, soup):
    match = make_match(role=make_role(soup), state="introduced")
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.filter(pk=match.pk).update(**fields)


@pytest.mark.parametrize(
    "who", ["works elsewhere", "coordinates where it invites", "edits where it invites", "survey"]
)
def test_who_may_not_change_it_makes_a_copy(who, area, other_area, soup, administrator):
    card = make_card("De kaart", **words(BEFORE))
    role, where = {
        "works elsewhere": (Role.COORDINATOR, other_area),
        "coordinates where it invites": (Role.COORDINATOR, area),
        "edits where it invites": (Role.EDITOR, area),
        "survey": (Role.EDITOR, area),
    }[who]
    if who == "survey":
        card = make_survey(areas=[area], owner=administrator).card
    elif "invites" in who:
        beginning.set_invitation_card(area=area, card=card, by=administrator)
    else:
        make_role(soup, card=card)
    desk = signed_in(make_user(role, where))
    sent = desk.post(reverse("card_change", args=[card.pk]), posted(AFTER))
    assert sent.status_code == (
        302 if who == "edits where it invites" else 403 if "elsewhere" in who else 422
    )

    form = desk.get(reverse("card_new") + f"?of={card.pk}")
    text = card.money["nl"]
    assert text in form.content.decode() and 'value="De kaart"' not in form.content.decode()
    assert (
        desk.post(reverse("card_new") + f"?of={card.pk}", posted(text, name="Mijn kopie")).status_code == 302
    )
    assert ExpectationCard.objects.filter(name="Mijn kopie", shown_on=None).exists()


def test_the_draft_of_a_survey_does_not_change_what_a_role_took_from_it(area, soup, editor):
    """Somebody chose the card of a draft for a role: from then on the draft goes on with one of its own."""
    from surveys.builder.services.draft import change_card

    survey = make_survey(areas=[area], owner=editor)
    card = survey.card
    beginning.set_invitation_card(area=area, card=card, by=editor)
    change_card(survey=survey, language="nl", rows={"money": AFTER}, by=editor)
    survey.refresh_from_db()
    card.refresh_from_db()
    assert survey.card != card and card.money["nl"] != AFTER and survey.card.money["nl"] == AFTER


def test_an_invitation_stands_under_the_newest(area, editor):
    card = make_card(**words(BEFORE))
    roles.save_card(card=card, by=editor, name="card", rows=words(AFTER))
    card.refresh_from_db()
    with pytest.raises(DomainError):
        beginning.set_invitation_card(area=area, card=card, by=editor)


def test_the_page_of_an_initiative_says_the_new_words(soup, coordinator):
    role = make_role(soup, card=make_card("De kaart", **words(BEFORE)))
    roles.save_card(card=role.card, by=coordinator, name="De kaart", rows=words(AFTER))
    page = Client().get(reverse("initiative_public", args=[soup.area.slug, soup.pk])).content.decode()
    assert AFTER in page and BEFORE not in page
