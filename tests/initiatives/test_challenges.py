"""Challenging the municipality: what was asked is owed a decision with reasons, in time, and everybody can read it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from core.errors import DomainError, InvalidTransition
from feedback.answers.services import promises, release
from feedback.delivery.services import pump
from feedback.models import AnswerOwed, Contribution, FollowUp, FollowUpItem, Message, Promise, Topic
from feedback.private import services as private
from feedback.record.services.public_record import PUBLIC_STATES, public_record
from feedback.registries import audiences
from feedback.states import MessagePurpose, Outcome, Reading
from initiatives.challenges import services as challenges
from initiatives.challenges.services import ChallengeRequest, Decision
from initiatives.matching.services.owners import reassign
from initiatives.models import Challenge, Initiative
from initiatives.movement.services.coordinator_dashboard import requests_to_decide
from initiatives.retention import erase_beginners
from initiatives.states import ChallengeState, InitiativeState
from neighbourhoods.advice.services import change_rules
from neighbourhoods.models import ParticipationRules
from neighbourhoods.states import Power, Role
from tests.feedback.factories import today
from tests.feedback.test_following import follower
from tests.initiatives.factories import make_challenge
from tests.initiatives.test_library import fields_of
from tests.people import make_area, make_theme, make_user, signed_in

WORDS = {"nl": "Het park", "en": "The park"}
SENT = {
    "task": "Het onderhoud van het park.", "applicant": "group", "who": "Wij zijn met z'n tienen.",
    "better": "Wij wonen er en zien alles.", "support": "Bijna de hele straat.", "budget": "12500", "key": "k" * 32,
}  # fmt: skip
NO = Decision(
    ChallengeState.REFUSED, "het college", {"nl": "Het is te duur.", "en": "It costs too much."},
    {"nl": "U kunt bezwaar maken vóór 1 mei.", "en": "You can object before 1 May."},
)  # fmt: skip
YES = Decision(ChallengeState.GRANTED, "het college", WORDS, WORDS)


@pytest.fixture
def place(municipality, area, editor):
    """A neighbourhood with somebody who can decide."""
    return area


@pytest.fixture
def challenge(place) -> Challenge:
    return make_challenge(place)


def decided(challenge: Challenge, by, decision: Decision = NO) -> FollowUp:
    answer = challenges.decide_challenge(challenge=challenge, decision=decision, by=by)
    assert answer is not None
    return answer


def told(answer: FollowUp, by) -> None:
    """Signed, released, held and handed out."""
    FollowUp.objects.filter(pk=answer.pk).update(signed_as={"nl": "de wijkmanager", "en": "the manager"})
    answer.refresh_from_db()
    release.schedule_release(follow_up=answer, by=by)
    pump.dispatch_due(now=timezone.now() + timedelta(hours=1))


# --- what the database refuses ----------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "granted"},
        {"state": "refused", "decided_on": "2026-01-01", "decided_by": "", "decision": WORDS},
        {"state": "asked", "decided_on": "2026-01-01"},
        {"decide_before": "2030-01-01"},
        {"published_on": "2026-01-01"},
        {"state": "dreamt"},
        {"applicant": "nobody"},
        {"asked_on": "2099-01-01"},
        {"state": "refused", "decided_on": "1999-01-01", "decided_by": "de raad", "decision": WORDS},
    ],
)
def test_the_database_refuses(challenge, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Challenge.objects.filter(pk=challenge.pk).update(**fields)


# --- asking -----------------------------------------------------------------------------------


def test_a_request_is_owed_a_decision_in_time(challenge, editor):
    owed = AnswerOwed.objects.all()
    assert {one.slot for one in Contribution.objects.all()} == {"task", "who", "better", "support"}
    assert {one.due_on for one in owed} == {challenge.decide_before} == {today(182)}
    assert {one.owner for one in owed} == {editor} == {challenge.owner}
    assert Promise.objects.get().subject == challenge.source
    assert challenge.receipt.purpose == "initiative" and challenge.budget == 12_500


def test_the_clock_is_a_setting(place, administrator):
    change_rules(section="Terms", changes={"terms": {"right_to_challenge": 28}}, by=administrator)
    ParticipationRules().forget_cached()
    assert make_challenge(place).decide_before == today(28)


def test_two_taps_are_one_request_and_a_mended_one_another(place):
    def ask(**words):
        asked = ChallengeRequest(**({"task": "Het park", "better": "Goedkoper"} | words))
        return challenges.submit_challenge(area=place, challenge_request=asked, language="nl", submit_key="k")

    first, code = ask()
    assert ask() == (first, code)
    other, other_code = ask(better="Beter")
    assert other != first and other_code != code
    assert AnswerOwed.objects.count() == 4


def test_nothing_to_decide_on_is_refused(place):
    with pytest.raises(DomainError):
        challenges.submit_challenge(
            area=place,
            challenge_request=ChallengeRequest(task=" ", better="x"),
            language="nl",
            submit_key="k",
        )
    assert not Receipt.objects.exists()


def test_who_is_nearest_prepares_it(municipality, area, district, other_area):
    assert challenges.challenge_decider(area) is None
    with pytest.raises(DomainError):
        make_challenge(area)
    administrator = make_user(Role.ADMINISTRATOR)
    assert challenges.challenge_decider(area) == administrator
    around = make_user(Role.EDITOR, district)
    assert challenges.challenge_decider(area) == around
    make_user(Role.EDITOR, other_area)
    make_user(Role.COORDINATOR, area)
    near = make_user(Role.EDITOR, area)
    assert challenges.challenge_decider(area) == near
    near.lock_out()
    assert challenges.challenge_decider(area) == around


# --- deciding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "outcome", "first"),
    [
        (ChallengeState.GRANTED, Outcome.ADOPTED, "U mag deze taak overnemen"),
        (ChallengeState.PARTLY, Outcome.PARTLY, "U mag een deel van deze taak overnemen"),
        (ChallengeState.REFUSED, Outcome.NO, "U mag deze taak niet overnemen"),
    ],
)
def test_a_decision_prepares_the_answer(challenge, editor, state, outcome, first):
    answer = decided(challenge, editor, Decision(state, "het college", WORDS, NO.next_step))
    assert (answer.outcome, answer.why, answer.next_step) == (outcome, WORDS, NO.next_step)
    assert set(answer.decided) == {"nl", "en"} and answer.decided["nl"].startswith(first)
    assert answer.decided["en"].endswith("It was decided by het college."), "as it was typed"
    assert answer.audience["source"] == challenge.source and challenge.decided_on == today()


@pytest.mark.parametrize(
    "change", [{"outcome": "asked"}, {"body": " "}, {"reasons": {"nl": " "}}, {"next_step": {}}]
)
def test_a_decision_without_its_parts_is_none(challenge, editor, change):
    parts = {
        "outcome": NO.outcome,
        "body": NO.body,
        "reasons": NO.reasons,
        "next_step": NO.next_step,
    } | change
    with pytest.raises(DomainError):
        challenges.decide_challenge(challenge=challenge, decision=Decision(**parts), by=editor)
    assert Challenge.objects.get().state == ChallengeState.ASKED and not FollowUp.objects.exists()


def test_who_decides_second_is_told(challenge, editor):
    decided(challenge, editor)
    with pytest.raises(InvalidTransition):
        challenges.decide_challenge(challenge=Challenge.objects.get(), decision=YES, by=editor)
    assert FollowUp.objects.count() == 1 and Challenge.objects.get().state == ChallengeState.REFUSED


def test_the_answer_reaches_who_asked_and_settles_what_was_owed(challenge, editor):
    own = reverse("private_page", args=[sign_link(challenge.receipt, LinkPurpose.PAGE)])
    before = Client().get(own).content.decode()
    assert "Het is te duur." not in before and "park" in before
    answer = decided(challenge, editor)
    assert not challenges.is_answered(challenge)
    assert "te duur" not in Client().get(own).content.decode(), "not before the answer goes out"
    told(answer, editor)
    assert challenges.is_answered(challenge) and FollowUpItem.objects.count() == 1
    page = Client().get(own).content.decode()
    assert "Het is te duur." in page and "bezwaar maken" in page


def test_a_moved_date_moves_what_is_owed_with_a_reason(challenge, editor):
    reason = {"nl": "De raad vergadert later.", "en": "The council meets later."}
    challenges.move_date(
        challenge=challenge, to=today(200), reason=reason, seen=challenge.decide_before, by=editor
    )
    assert challenge.decide_before == today(200) and challenge.first_decide_before == today(182)
    assert {one.due_on for one in AnswerOwed.objects.all()} == {today(200)}
    page = Client().get(reverse("private_page", args=[sign_link(challenge.receipt, LinkPurpose.PAGE)]))
    assert "De raad vergadert later." in page.content.decode()
    with pytest.raises(InvalidTransition):
        challenges.move_date(challenge=challenge, to=today(300), reason=reason, seen=today(182), by=editor)


def test_a_promise_moved_elsewhere_reaches_the_request_overnight(challenge, editor):
    promises.move_promise(
        promise=Promise.objects.get(), due_on=today(190), reason=WORDS, by=editor, seen=today(182)
    )
    assert challenges.follow_promises().startswith("1 ")
    challenge.refresh_from_db()
    assert challenge.decide_before == today(190) and challenge.moved_reason == WORDS
    assert challenges.follow_promises().startswith("0 ")


def test_granted_becomes_an_initiative_on_the_same_page(challenge, editor):
    decided(challenge, editor, YES)
    with pytest.raises(DomainError):
        challenges.begin_initiative(challenge=challenge, by=editor)
    challenges.save_public_texts(
        challenge=challenge, title=WORDS, summary=WORDS, theme=make_theme("green"), party=None, by=editor
    )
    made = challenges.begin_initiative(challenge=challenge, by=editor)
    assert made == challenges.begin_initiative(challenge=challenge, by=editor)
    assert made.receipt == challenge.receipt and made.approach == "right-to-challenge"
    assert made.state == InitiativeState.IDEA and made.next_action_on == today(7)
    Challenge.objects.update(asked_on=today(-500), decided_on=today(-400))
    erase_beginners(timezone.now(), 365)
    assert Receipt.objects.exists(), "what goes on keeps its page"
    Initiative.objects.update(state=InitiativeState.ENDED, state_on=today(-400))
    erase_beginners(timezone.now(), 365)
    assert not Receipt.objects.exists()


def test_refused_is_no_initiative(challenge, editor):
    decided(challenge, editor)
    with pytest.raises(DomainError):
        challenges.begin_initiative(challenge=challenge, by=editor)


def test_what_is_published(challenge, editor):
    with pytest.raises(DomainError):
        challenges.publish_challenge(challenge=challenge, by=editor)
    challenges.save_public_texts(
        challenge=challenge, title=WORDS, summary=WORDS, theme=None, party=None, by=editor
    )
    challenges.publish_challenge(challenge=challenge, by=editor)
    with pytest.raises(InvalidTransition):
        challenges.publish_challenge(challenge=challenge, by=editor)
    challenges.unpublish(challenge=challenge, by=editor)
    assert not Challenge.objects.published()
    challenges.publish_challenge(challenge=challenge, by=editor)
    decided(challenge, editor)
    with pytest.raises(InvalidTransition):
        challenges.unpublish(challenge=challenge, by=editor)
    assert Challenge.objects.published().get() == challenge


def test_a_request_and_its_answer_are_no_news_for_everybody(challenge, editor):
    """What everybody may read of it stands on its public page, once a colleague published it."""
    follower(challenge.area)
    assert not public_record().owed
    told(decided(challenge, editor), editor)
    assert FollowUp.objects.get().state in PUBLIC_STATES
    assert not public_record().answers
    assert not Message.objects.filter(purpose=MessagePurpose.NEWS)


# --- who looks after it -----------------------------------------------------------------------


def test_handing_over_takes_promise_and_debts_along(challenge, editor, coordinator, area):
    (duty,) = requests_to_decide(editor)
    assert duty.count == 1 and duty.url.endswith(f"owner={editor.pk}")
    with pytest.raises(DomainError):
        reassign(Challenge.objects.all(), to=coordinator, by=editor, least=Power.EDITOR)
    other = make_user(Role.EDITOR, area)
    reassign(Challenge.objects.all(), to=other, by=editor, least=Power.EDITOR)
    challenge.refresh_from_db()
    assert not requests_to_decide(editor) and challenge.owner == other
    assert Promise.objects.get().owner == other == AnswerOwed.objects.first().owner


def test_who_may_write_can_answer_it(challenge, editor, stranger):
    assert challenge.source in {each.source for ask in audiences for each in ask(editor)}
    assert challenge.source not in {each.source for ask in audiences for each in ask(stranger)}


# --- what is theirs ---------------------------------------------------------------------------


def test_withdrawn_and_put_back(challenge, editor):
    Challenge.objects.update(title=WORDS, published_on=today())
    private.withdraw_receipt(receipt=challenge.receipt)
    challenge.refresh_from_db()
    assert challenge.state == ChallengeState.WITHDRAWN and not AnswerOwed.objects.waiting()
    with pytest.raises(InvalidTransition):
        challenges.decide_challenge(challenge=challenge, decision=NO, by=editor)
    Challenge.objects.update(asked_on=today(-500))
    erase_beginners(timezone.now(), 365)
    assert Receipt.objects.exists(), "what can be put back is kept"
    private.undo_withdrawal(receipt=challenge.receipt)
    challenge.refresh_from_db()
    assert challenge.state == ChallengeState.ASKED and AnswerOwed.objects.waiting().count() == 4
    assert challenge.published_on is None, "a colleague looks before it is public again"


def test_put_back_after_its_owner_left_it_has_another(challenge, area, editor):
    private.withdraw_receipt(receipt=challenge.receipt)
    other = make_user(Role.EDITOR, area)
    editor.memberships.all().delete()
    private.undo_withdrawal(receipt=challenge.receipt)
    challenge.refresh_from_db()
    assert challenge.owner == Promise.objects.get().owner == other
    assert set(AnswerOwed.objects.waiting().values_list("owner", flat=True)) == {other.pk}


def test_erased_goes_whole_while_undecided(challenge):
    assert "12500" in str(private.download(challenge.receipt)).replace("_", "")
    private.erase(receipt=challenge.receipt)
    assert (
        not Challenge.objects.exists() and not Promise.objects.exists() and not Contribution.objects.exists()
    )


def test_a_decision_stays_without_who_asked(challenge, editor):
    challenges.save_public_texts(
        challenge=challenge, title=WORDS, summary=WORDS, theme=None, party=None, by=editor
    )
    decided(challenge, editor)
    challenges.publish_challenge(challenge=challenge, by=editor)
    private.erase(receipt=challenge.receipt)
    page = Client().get(reverse("challenge_public", args=[challenge.pk]))
    assert page.status_code == 200 and "Het is te duur." in page.content.decode()
    assert Challenge.objects.get().receipt is None
    desk = signed_in(editor).get(reverse("challenge", args=[challenge.pk]))
    assert desk.status_code == 200


# --- pages of residents -----------------------------------------------------------------------


def sent(place, **changes):
    browser = Client()
    url = reverse("challenge_ask", args=[place.slug])
    browser.get(url)
    return browser, browser.post(url, SENT | changes)


def test_explained_with_the_term_of_this_municipality(place, administrator):
    page = Client().get(reverse("challenge_about", args=[place.slug]))
    assert (
        "26" in page.content.decode() and reverse("challenge_ask", args=[place.slug]) in page.content.decode()
    )
    neighbourhood = Client().get(reverse("neighbourhood", args=[place.slug])).content.decode()
    assert reverse("challenge_about", args=[place.slug]) in neighbourhood


def test_nobody_is_asked_where_nobody_decides(municipality):
    lonely = make_area()
    for name in ("challenge_about", "challenge_ask"):
        page = Client().get(reverse(name, args=[lonely.slug])).content.decode()
        assert 'name="task"' not in page
    assert sent(lonely)[1].status_code == 422


def test_a_request_gives_a_code_and_a_page(place):
    browser, response = sent(place)
    challenge = Challenge.objects.get()
    assert response.url == reverse("challenge_asked", args=[challenge.pk])
    page = browser.get(response.url)
    assert page.context["code"] in page.content.decode()
    own = browser.get(page.context["private_link"]).content.decode()
    assert "Het onderhoud van het park." in own
    assert Client().get(response.url).url == reverse("private_code")
    left = browser.post(response.url, {"email": "buur@example.org", "consent": "on", "is_16_or_older": "on"})
    assert left.status_code == 302 and Contact.objects.get().receipt == challenge.receipt
    assert browser.post(reverse("challenge_ask", args=[place.slug]), SENT).url == response.url, (
        "twice is once"
    )


@pytest.mark.parametrize(
    "changes",
    [{"task": ""}, {"better": " "}, {"applicant": "king"}, {"budget": "veel"}, {"budget": "-1"}, {"who": "x" * 2001},
     {"theme": "999"}],
)  # fmt: skip
def test_what_is_missing_is_said_and_all_that_was_typed_stays(place, changes):
    _browser, page = sent(place, **changes)
    assert page.status_code == 422 and not Challenge.objects.exists()
    assert "Bijna de hele straat." in page.content.decode()


def test_nobody_floods_the_desk(place):
    browser = Client()
    url = reverse("challenge_ask", args=[place.slug])
    statuses = [browser.post(url, SENT | {"task": f"Taak {n}"}).status_code for n in range(6)]
    assert statuses == [302] * 5 + [429]


def test_public_pages_show_what_is_public_and_never_a_name(challenge, editor):
    url = reverse("challenge_public", args=[challenge.pk])
    assert Client().get(url).status_code == 404
    challenges.save_public_texts(
        challenge=challenge, title=WORDS, summary=WORDS, theme=None, party=None, by=editor
    )
    challenges.publish_challenge(challenge=challenge, by=editor)
    page = Client().get(url).content.decode()
    assert "Het park" in page and "Wij wonen er" not in page and editor.email not in page
    assert "Het park" in Client().get(reverse("challenges_public")).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=200), tick=False):
        assert (
            "nabij-late" in Client().get(url).content.decode() or "late" in Client().get(url).content.decode()
        )


# --- pages of the desk ------------------------------------------------------------------------


def test_most_urgent_first_and_late_in_brick(place, editor, coordinator):
    soon = make_challenge(place, key="a", decide_before=today(3), first_decide_before=today(3))
    late = make_challenge(
        place, key="b", asked_on=today(-9), decide_before=today(-3), first_decide_before=today(-3)
    )
    make_challenge(place, key="c")
    page = signed_in(coordinator).get(reverse("challenges"))
    assert [one.pk for one, _late in page.context["challenges"]][:2] == [late.pk, soon.pk]
    assert page.content.decode().count('<tr class="late">') == 1
    assert [figure["value"] for figure in page.context["figures"]] == [1, 3, 3, 0]


def test_the_page_shows_masked_words_and_keeps_viewers_out(place, coordinator, viewer, stranger):
    asked = ChallengeRequest(task="Bel mij op 06 12345678", better="Goedkoper")
    challenge, _code = challenges.submit_challenge(
        area=place, challenge_request=asked, language="nl", submit_key="k"
    )
    url = reverse("challenge", args=[challenge.pk])
    page = signed_in(coordinator).get(url).content.decode()
    assert "Bel mij op" in page and "12345678" not in page
    assert signed_in(viewer).get(url).status_code == 403 and signed_in(stranger).get(url).status_code == 404
    Contribution.objects.filter(slot="task").update(reading=Reading.SENSITIVE)
    assert "Gevoelig" in signed_in(coordinator).get(url).content.decode()


def test_coordinator_prepares_and_editor_decides(challenge, coordinator, editor):
    def url(name):
        return reverse(name, args=[challenge.pk])

    helper, boss = signed_in(coordinator), signed_in(editor)
    theme = make_theme("green")
    data = fields_of_public(helper.get(url("challenge"))) | {
        "title_nl": "Het park", "summary_nl": "Buren willen het park onderhouden.", "theme": str(theme.pk),
    }  # fmt: skip
    assert helper.post(url("challenge_text"), data).status_code == 302
    helper.post(reverse("challenge_do", args=[challenge.pk, "talk"]))
    assert helper.post(url("challenge_decide"), {}).status_code == 403
    decision = {
        "outcome": "refused", "body": "het college", "reasons_nl": "Te duur.", "reasons_en": "Too dear.",
        "next_step_nl": "Maak bezwaar.",
    }  # fmt: skip
    half = boss.post(url("challenge_decide"), decision)
    assert half.status_code == 422 and "Te duur." in half.content.decode()
    done = boss.post(url("challenge_decide"), decision | {"next_step_en": "Object."})
    answer = FollowUp.objects.get()
    assert done.url == reverse("followup", args=[answer.pk]) and boss.get(done.url).status_code == 200
    assert boss.post(url("challenge_decide"), decision | {"next_step_en": "Object."}).status_code == 422
    helper.post(reverse("challenge_do", args=[challenge.pk, "publish"]))
    assert "Te duur." in Client().get(url("challenge_public")).content.decode()


def test_two_colleagues_write_the_public_text(challenge, coordinator, editor):
    url = reverse("challenge", args=[challenge.pk])
    mine = fields_of_public(signed_in(coordinator).get(url))
    theirs = mine | {"title_nl": "Het park", "summary_nl": "Onderhoud."}
    signed_in(editor).post(reverse("challenge_text", args=[challenge.pk]), theirs)
    met = signed_in(coordinator).post(
        reverse("challenge_text", args=[challenge.pk]),
        mine | {"title_nl": "Park", "summary_nl": "Onderhoud."},
    )
    assert met.status_code == 409 and "Het park" in met.content.decode()
    assert Challenge.objects.get().title["nl"] == "Het park"


def test_moving_the_date_on_the_page(challenge, editor):
    url = reverse("challenge_move", args=[challenge.pk])
    data = {"seen": challenge.decide_before.isoformat(), "due_on": today(250).isoformat()}
    assert signed_in(editor).post(url, data).status_code == 422
    data |= {"reason_nl": "Later.", "reason_en": "Later."}
    assert signed_in(editor).post(url, data).status_code == 302
    assert Challenge.objects.get().decide_before == today(250)


def fields_of_public(page) -> dict:
    """What a browser would send back of the form with the public text."""
    return fields_of(page, "public_form")


# --- told apart, and understood by who reads it first ------------------------------------------


def test_each_request_has_a_title_of_its_own_wherever_it_is_waited_for(place, editor):
    one, other = (make_challenge(place, key=key * 32) for key in "ab")
    topics = Topic.objects.filter(source__in=[one.source, other.source])
    for language in ("nl", "en"):
        titles = [topic.title[language] for topic in topics]
        assert len(set(titles)) == len(titles) > 2
        assert all(str(one.pk) in title or str(other.pk) in title for title in titles)
    assert len({(a.title["nl"], a.about) for a in audiences["initiatives.challenges"](editor)}) == 2
    assert len({promise.title["nl"] for promise in Promise.objects.all()}) == 2
    page = signed_in(editor).get(reverse("waiting")).content.decode()
    assert f"Verzoek {one.pk}" in page and f"Verzoek {other.pk}" in page


def test_words_of_a_request_stand_under_the_question_they_answer(place, editor):
    Client().post(reverse("challenge_ask", args=[place.slug]), SENT | {"theme": ""})
    challenge = Challenge.objects.get()
    token = sign_link(challenge.receipt, LinkPurpose.PAGE)
    own = Client().get(reverse("private_page", args=[token])).content.decode()
    for slot in ("task", "who", "better", "support"):
        said = Contribution.objects.get(receipt=challenge.receipt, slot=slot)
        question = said.topic.question["nl"]
        assert question and own.index(question) < own.index(escape(SENT[slot]))
        page = signed_in(editor).get(reverse("listen_to", args=[said.pk])).content.decode()
        assert question in page
