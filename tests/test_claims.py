"""What residents read is true: each claim where it is true, where it is false, and where nothing is known yet.

A claim here has a number, a person, a day, or a word like “first”, “nobody” and “all”. Held are:

* after the first layer: how many want the same and where, who is among the first, what is there, a no with its why,
  the day before which the own page says more (also on the last page, the start page, the poster and the message);
* on the page of a neighbourhood: how many named a need and where, when it is looked at again;
* on the own page: what somebody answered, of which need that is part, who does the next step and when;
* in mail, letters and their subjects: what somebody took part in, whose answer it is, what came of it, one reminder;
* in public: how many took part or said something, by what day, whom we are late for, and that nobody waits.

`True` is a world in which the sentence stands there; in the worlds `False` and `None` (not known) it does not. Of
matches and requests: test_claims_together; of look-backs, the final report and paper: test_claims_afterwards.
"""

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.links import LinkPurpose, sign_link
from accounts.states import ReceiptPurpose
from feedback.answers import emails
from feedback.models import Contribution, Promise
from feedback.record.services import public_record, said_data
from feedback.registries import SourceHooks, source_hooks
from feedback.states import FollowUpState, Outcome
from initiatives.models import NeedStep
from initiatives.needs.need_panels import named_needs_panel, public_needs_panel
from initiatives.states import NeedState
from neighbourhoods.states import BackingState
from surveys.invitations.emails import InvitationFacts, invitation_mail
from surveys.models import DayCount, Publication, Response, Snapshot
from surveys.opening.services import running
from surveys.paper.services import paper
from surveys.questionnaire.question_types.base import OneChoice
from tests.claims import WHY, each, words
from tests.claims import house as house
from tests.feedback.factories import (
    make_contact,
    make_debt,
    make_follow_up,
    make_promise,
    make_receipt,
    make_topic,
    today,
)
from tests.initiatives.factories import make_initiative, make_need
from tests.people import make_backing
from tests.surveys.test_answering import begin, code_of, first_layer, tap

pytestmark = pytest.mark.django_db


def skip(phone: Client, url: str) -> str:
    return phone.post(url, {"go": "skip"}).url


# --- who reads it, and where ------------------------------------------------------------------


def snapshot(house, people: int, named: int | None = None, *, is_final: bool = False, here: int = 0) -> None:
    """What the public has: of `people` so many named the first option of the first question."""
    option = str(house.survey.layers.first().questions.first().options.first().pk)
    parts = {"open": {"9": {"area": {str(house.area.pk): {option: here}}}}} if here else {}
    tables = {"responses": people, "options": {option: named}, "ways": {}}
    Snapshot.objects.create(
        survey=house.survey, responses=people, tables=tables, parts=parts, is_final=is_final
    )
    cache.clear()


def came(house, people: int) -> None:
    DayCount.objects.filter(survey=house.survey).update(n=people)


def thanks(house, *, people=0, named=None, came_by=0, here=0, kind="resident", need="", due=40, group=False):
    """The page of thanks of who lives in `area` and named the first option."""
    url = begin(house.phone, house.survey)
    for _question in range(4):
        url = tap(house.phone, url)
    Response.objects.update(area=house.area, respondent=kind)
    if came_by:
        came(house, came_by)
    if people:
        snapshot(house, people, named, is_final=bool(here), here=here)
    topic = Contribution.objects.get(kind="choice").topic
    type(topic).objects.filter(pk=topic.pk).update(theme=house.theme)
    if need:
        make_need(topic, area=house.area, theme=house.theme, state=need, reason=WHY, title="De bushalte")
    if group:
        make_initiative(house.area, theme=house.theme, name="Soep")
    Promise.objects.filter(subject=house.survey.subject).update(due_on=today(due), moved_reason=WHY)
    return words(house.phone.get(reverse("thanks", args=[code_of(house.survey)])).content.decode())


def start(house, *, due=40, signed=None, people=0):
    if people:
        snapshot(house, people)
    Promise.objects.filter(subject=house.survey.subject).update(due_on=today(due), moved_reason=WHY)
    if signed is not None:
        backing = make_backing(area=house.area, backer=house.backer, by=house.by)
        if signed:
            backing.move(BackingState.SIGNED, decided_at=timezone.now(), backer_title="wethouder wonen")
        house.survey.versions.update(backing=backing)
    return words(house.phone.get(reverse("start", args=[code_of(house.survey)])).content.decode())


def done(house, *, due=40):
    first_layer(house.phone, house.survey)
    Promise.objects.filter(subject=house.survey.subject).update(due_on=today(due), moved_reason=WHY)
    return words(house.phone.post(reverse("done", args=[code_of(house.survey)])).content.decode())


def passed_on(house, *, due=40):
    """The message to paste, and the poster."""
    Promise.objects.filter(subject=house.survey.subject).update(due_on=today(due), moved_reason=WHY)
    with translation.override("nl"):
        poster = paper._words(house.survey, "nl", [])
    return running.invitation_texts(house.survey.channels.first(), house.survey) + poster.promise


def outcome(house, *, people=0, closed=False, due=40, rounded_off=False, published=False):
    if people or closed:
        snapshot(house, people, is_final=closed)
    Promise.objects.filter(subject=house.survey.subject).update(
        due_on=today(due), moved_reason=WHY, rounded_off_on=today() if rounded_off else None
    )
    if published:
        Publication.objects.create(survey=house.survey, published_by=house.by)
    return words(house.phone.get(reverse("outcome", args=[code_of(house.survey)])).content.decode())


def neighbourhood(house, *, here=None, all_over=None, state=NeedState.LOOKED_INTO, look=30):
    """What is needed here, on the page of a neighbourhood."""
    counts = {house.area.pk: here, 0: all_over}
    house.monkeypatch.setattr(
        source_hooks,
        "_entries",
        {"tests": SourceHooks(published_count=lambda source, key, area: counts.get(area))},
    )
    is_open = state != NeedState.NOT_TAKEN_UP
    make_need(
        make_topic(area=house.area), state=state, reason={} if is_open else WHY,
        next_action_on=today(look) if is_open else None,
    )  # fmt: skip
    with translation.override("nl"):
        panel = public_needs_panel(house.area)
        return words(render_to_string(panel.template, {"panel": panel.context}))


def own_needs(house, *, named="Oversteken", state=NeedState.NOT_TAKEN_UP, said=True):
    topic = make_topic(area=house.area, title=named)
    need = make_need(
        topic, title="De bushalte", state=state, reason=WHY if state == NeedState.NOT_TAKEN_UP else {}
    )
    NeedStep.objects.create(need=need, state=state, words=WHY)
    debt = make_debt(topic if said else make_topic(area=house.area))
    with translation.override("nl"):
        panel = named_needs_panel(debt.receipt)
        return words(render_to_string(panel.template, panel.context)) if panel else ""


def own_page(house, *, options=(0, 0, 0, 0), erased=False):
    url = begin(house.phone, house.survey)
    for option in options:
        url = skip(house.phone, url) if option is None else tap(house.phone, url, option)
    if erased:
        Response.objects.all().delete()
    receipt = Contribution.objects.first().receipt
    return words(
        house.phone.get(reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)])).content.decode()
    )


def own_initiative(house, *, look=None):
    initiative = make_initiative(
        house.area, name="Soep", owner=house.by if look is not None else None,
        next_action="Bellen" if look is not None else "", next_action_on=None if look is None else today(look),
    )  # fmt: skip
    with translation.override("nl"):
        return words(
            render_to_string(
                "initiatives/panels/your_initiative.html", {"initiative": initiative, "url": "/"}
            )
        )


# --- mail and paper ---------------------------------------------------------------------------


def answer_of_ours(*, outcome=Outcome.ADOPTED, asked=True, told=False, kind="rest"):
    title = {"nl": "Hoe groen wordt Molenhoek?", "en": "How green will Molenhoek be?"}
    return emails.AnswerForReader(
        municipality="Waterdam", area="Molenhoek", asked_on=timezone.localdate().replace(month=3, day=3),
        address_given_on=today(),
        contributions=[emails.QuotedContribution(kind, title)], title={"nl": "bomen", "en": "trees"},
        outcome=outcome, decided=WHY, why=WHY, next_step={}, signed_as={}, item_url="/", unsubscribe_url="/",
        survey_title=title if asked else {}, is_own_topic=told,
    )  # fmt: skip


def mail(house, **facts):
    letter = emails.follow_up([answer_of_ours(**facts)], "nl")
    assert words(letter.html).count("Nu antwoorden wij") == letter.text.count("Nu antwoorden wij") == 1
    return f"{letter.subject} {words(letter.text)}"


def address_mail(house, *, purpose=ReceiptPurpose.PARTICIPATION, promised=True):
    """The mail with a way in, as it is packed for a receipt."""
    receipt = make_contact(make_receipt(purpose=purpose)).receipt
    make_debt(make_topic(area=house.area, source="survey:99"), receipt=receipt)
    if promised:
        make_promise("survey:99")
    facts = emails.ButtonMailFacts(
        "Waterdam", "Oosterhaven", "https://x.example/", survey_title=emails.answered_poll_title(receipt)
    )
    return words(emails.render_code_mail(facts, "nl").text)


def invitation(house, *, sent=0):
    texts = dict.fromkeys(("title", "lead", "who_asks", "promise", "signed_as"), WHY)
    facts = InvitationFacts("Waterdam", **texts, origin="de lijst", url="https://x.example/", round=sent)
    return words(invitation_mail(facts, "https://x.example/u/", language="nl").text)


# --- in public --------------------------------------------------------------------------------


def said(house, *, people=None, due=None, answered=False, key="option:1", title="Bankjes"):
    """“You said, we did”, for everybody."""
    hooks = SourceHooks(published_count=lambda source, key, area: people)
    house.monkeypatch.setattr(source_hooks, "_entries", {"tests": hooks})
    topic = make_topic(key, area=house.area, title=title)
    if due is not None:
        make_debt(topic, due=due)
    if answered:
        make_follow_up(state=FollowUpState.FANNED_OUT, key=topic.key, areas=[house.area], outcome=Outcome.NO)
    cache.clear()
    return words(house.phone.get(reverse("said")).content.decode())


def poster(house, *, debts=()):
    for fields in debts:
        make_debt(make_topic(area=house.area), **fields)
    cache.clear()
    record = public_record.public_record(area=house.area)
    with translation.override("nl"):
        return said_data._poster_owed(record, house.area)


# --- the claims -------------------------------------------------------------------------------

REST = {"key": "rest", "title": "Wat is er nodig?"}
OFFERED = {"purpose": ReceiptPurpose.OFFER}
SAME = "Zo’n 45 mensen in East noemden dit ook."
FIRST = "U bent een van de eersten die dit noemt."
MOVED, PAST = {"due": 50}, {"due": -1}
NO, UP = NeedState.NOT_TAKEN_UP, NeedState.TAKEN_UP
KNOWN = {"people": 60, "named": 45}

# What it says, who reads it, and the worlds in which that is true, is false, and is not known.
CLAIMS = [
    # after the first layer, and before it
    (SAME, thanks, KNOWN, {"people": 60, "named": None}, {"came_by": 30}),
    ("Zo’n 15 mensen in ", thanks, KNOWN | {"here": 15}, KNOWN, {}),
    (SAME, thanks, KNOWN | {"kind": "organisation"}, {"people": 60, "named": None}, {}),
    (FIRST, thanks, {"came_by": 9}, KNOWN, {"people": 60, "named": None}),
    (FIRST, thanks, {"came_by": 1}, {"came_by": 10}, {"people": 60, "here": 15}),
    ("Wij kennen hier nog niets voor.", thanks, {}, {"group": True}, {"need": NO}),
    ("Waarom: De bus komt er niet.", thanks, {"need": NO}, {"need": UP}, {}),
    ("Dit hoort bij: De bushalte wordt", thanks, {"need": UP}, {}, {"need": NeedState.HEARD}),
    ("Vóór {40} staat op uw eigen pagina", thanks, {}, MOVED, PAST),
    ("Vóór {50} staat op uw eigen pagina", thanks, MOVED, {}, PAST),
    ("staat op uw eigen pagina wat ermee gebeurt.", thanks, {}, PAST, {"due": -40}),
    ("hoort u wat ermee gebeurt.", done, {}, PAST, {"due": -40}),
    ("hoort u wat wij ermee doen.", passed_on, {}, PAST, {"due": -40}),
    ("Vóór {40} hoort u wat", done, {}, MOVED, PAST),
    ("Vóór {40 on paper} hoort u wat", passed_on, {}, MOVED, PAST),
    ("Vóór {50 on paper} hoort u wat", passed_on, MOVED, {}, PAST),
    ("vóór {40 on a leaf}", start, {}, MOVED, PAST),
    ("Wethouder wonen staat hierachter.", start, {"signed": True}, {"signed": False}, {}),
    ("Elk licht staat voor tien keer dat iemand meedeed Wat", start, {"people": 60}, {"people": 5}, {}),
    ("Wij tellen één keer per dag.", start, {}, {"people": 60}, {"people": 30}),
    # a neighbourhood
    ("Zo’n 45 mensen noemden dit.", neighbourhood, {"here": 45}, {"all_over": 45}, {}),
    ("Zo’n 45 mensen noemden dit, in alle", neighbourhood, {"all_over": 45}, {"here": 45}, {}),
    ("Wij kijken er vóór {30} opnieuw naar.", neighbourhood, {}, {"look": -1}, {"state": NO}),
    ("Wij zouden er vóór {-1} weer naar kijken.", neighbourhood, {"look": -1}, {}, {"state": NO}),
    ("De bus komt er niet.", neighbourhood, {"state": NO}, {"state": NeedState.LOOKED_INTO}, {"here": 45}),
    # the own page
    ("Hier hoort bij wat u zei: Oversteken", own_needs, {}, {"named": "De bushalte"}, {"said": False}),
    ("Waarom: De bus komt er niet.", own_needs, {}, {"state": UP}, {"said": False}),
    ("Vraag 2? Keuze 1.0", own_page, {}, {"options": (0, None, None, None)}, {"erased": True}),
    ("U deed mee, op", own_page, {"erased": True}, {}, {"options": (0, None, None, None)}),
    ("doet de volgende stap, uiterlijk", own_initiative, {"look": 5}, {"look": -5}, {}),
    ("Wij zijn te laat.", own_initiative, {"look": -5}, {"look": 5}, {}),
    # mail and letters
    ("In maart deed u mee aan “Hoe groen wordt Molenhoek?”.", mail, {}, {"told": True}, {"asked": False}),
    ("In maart vertelde u ons wat u vindt van Molenhoek.", mail, {"asked": False}, {"told": True}, {}),
    ("U deed mee aan: > Hoe groen wordt Molenhoek?", mail, {}, {"kind": "choice"}, {"kind": "text"}),
    ("wat u invulde bij “Wat heeft Oosterhaven", address_mail, {}, OFFERED, {"promised": False}),
    ("Een herinnering.", invitation, {"sent": 1}, {"sent": 0}, {}),
    # in public
    ("Zo’n 45 mensen zeiden", said, {"people": 45, "due": 5}, {"due": 5}, {}),
    ("3 dagen", said, {"due": -3, "people": 45}, {"due": 3, "people": 45}, {}),
    ("1 antwoord, 1 keer nee", said, {"answered": True}, {"due": 5}, {}),
    ("Mensen deden mee aan Wat is er nodig?", said, REST | {"answered": True}, {"answered": True}, REST),
    ("Zo’n 60 mensen deden mee.", outcome, {"people": 60}, {"closed": True}, {}),
    ("Minder dan 10 mensen deden mee.", outcome, {"closed": True}, {"people": 60}, {}),
    ("Zodra genoeg mensen meededen, ziet u", outcome, {}, {"people": 60}, {"closed": True}),
    ("uiterlijk vóór {40}", outcome, {"people": 60}, {"people": 60} | PAST, {}),
    ("Niemand wacht hier nog op een antwoord.", outcome, {"rounded_off": True}, {}, PAST),
    ("Dit beloven wij: vóór {40} leest u", outcome, {}, MOVED, PAST),
    ("Niemand wacht hier nog op een antwoord.", poster, {}, {"debts": [{}]}, {"debts": [{"reopened": 1}]}),
    ("1 antwoord is te laat.", poster, {"debts": [{"due": -2}]}, {"debts": [{}]}, {}),
]


@each(CLAIMS)
def test_a_claim_stands_where_it_is_true(house, claim):
    claim.holds(house)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("outcome", [*Outcome.values, ""])
def test_a_subject_says_whose_answer_it_is(outcome, language):
    with translation.override(language):
        subject = emails.subject_of([answer_of_ours(outcome=outcome)], language)
    whose = {"nl": "Antwoord van de gemeente over bomen", "en": "The municipality's answer about trees"}
    assert subject.startswith(whose[language]) and bool(outcome) == (": " in subject)


def test_the_own_page_opens_without_a_code_and_shows_nothing_of_who_they_are(house):
    house.monkeypatch.setattr(OneChoice, "is_about_person", True)
    page = own_page(house)
    assert "U deed mee, op" in page and "Keuze 1.0" not in page
