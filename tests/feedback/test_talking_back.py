"""Before deciding the results go back to the neighbourhood: who is asked along, once, and what became of it."""

from datetime import datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.links import LinkPurpose, sign_link
from accounts.states import HowOften
from core.errors import DomainError
from feedback.answers.services import talking_back
from feedback.delivery.services import guards
from feedback.delivery.services.guards import claim
from feedback.delivery.services.pump import begin_handing_over
from feedback.models import AnswerOwed, FinalReport, Following, Message
from feedback.registries import source_hooks, topic_sources_in
from feedback.reports.services.report_parts import talk_back_text as in_the_report
from feedback.states import MessagePurpose, MessageState
from neighbourhoods.models import TalkBack, Trajectory, TrajectoryStep
from neighbourhoods.states import Phase, Role, Step, StepState, TalkBackKind
from neighbourhoods.trajectories import services as trajectories
from scenarios.demo.people import Neighbours
from surveys import daily
from surveys.models import Publication, Survey
from surveys.states import SurveyState
from tests.feedback.factories import make_contact, make_contribution, make_topic, today
from tests.people import make_area, make_membership, make_municipality, make_user, signed_in
from tests.surveys.drafts import make_open

pytestmark = pytest.mark.django_db
ASKS = {
    "nl": "Een huiskamer in de bibliotheek, op dinsdag.",
    "en": "A living room in the library, on Tuesdays.",
}


@pytest.fixture
def editor():
    make_municipality()
    return make_user(title="de wijkmanager")


@pytest.fixture
def area(editor):
    made = make_area("Molenhoek", slug="molenhoek")
    make_membership(editor, Role.EDITOR, made)
    return made


@pytest.fixture
def survey(area, editor):
    """What was asked, with an outcome that everybody can read."""
    backer = make_user()
    make_membership(backer, Role.BACKER, area)
    found = make_open(areas=[area], by=editor, backer=backer)
    trajectory = trajectories.start_trajectory(
        title="De huiskamer", areas=[area], phase=Phase.PREPARATION, owner=editor, by=editor
    )
    Survey.objects.filter(pk=found.pk).update(trajectory=trajectory)
    found.refresh_from_db()
    Publication.objects.create(survey=found)
    return found


def plan(survey: Survey, days: int = 14, **fields) -> TalkBack:
    fields = {
        "kind": TalkBackKind.MEETING, "on": today(days), "at": time(19, 30), "place": "De Molen", "asks": ASKS,
    } | fields  # fmt: skip
    owner = survey.trajectory.owner
    return trajectories.record_talk_back(trajectory=survey.trajectory, talk_back=TalkBack(**fields), by=owner)


def took_part(survey: Survey, **fields):
    contact = make_contact(**fields)
    make_contribution(make_topic(source=survey.subject, area=survey.area), receipt=contact.receipt)
    return contact


def mails(what: str = "") -> list[Message]:
    return list(Message.objects.filter(dedupe_key__startswith=f"talk-back{what}:").order_by("pk"))


def invite(talk_back: TalkBack, **fields) -> TalkBack:
    return talking_back.invite_to_talk_back(talk_back=talk_back, by=talk_back.trajectory.owner, **fields)


def leave() -> dict[str, str]:
    """What becomes of all that is due, as T4 decides it: by key, its state."""
    guards.outbox_may_send()
    far = timezone.now() + timedelta(days=60)
    token, ids = claim(most=100, now=far)
    begin_handing_over(ids, token, now=timezone.now())
    return dict(Message.objects.values_list("dedupe_key", "state"))


# --- asked along, once ---------------------------------------------------------------------------


def test_who_took_part_and_left_an_address_is_asked_once(survey):
    asked = took_part(survey)
    took_part(survey, confirmed=False)
    took_part(survey, unsubscribed_at=timezone.now())
    make_contact()  # said nothing here
    talk_back = plan(survey)
    assert (talking_back.count_invited(talk_back).people, talking_back.count_invited(talk_back).by_mail) == (
        3,
        1,
    )
    for _twice in range(2):
        talk_back = invite(talk_back)
    assert [message.receipt for message in mails()] == [asked.receipt]


@pytest.mark.parametrize(
    ("how_often", "days", "is_mailed"),
    [
        (HowOften.AT_ONCE, 2, True),
        (HowOften.WEEKLY, 14, True),
        (HowOften.MONTHLY, 45, True),
        (HowOften.MONTHLY, 1, False),
        (HowOften.AT_THE_END, 45, False),
    ],
)
def test_mail_keeps_to_the_rhythm_of_its_reader_or_does_not_go(survey, how_often, days, is_mailed):
    took_part(survey, how_often=how_often)
    now = timezone.make_aware(datetime.combine(today(), time(12)))
    talk_back = invite(plan(survey, days), now=now)
    assert bool(mails()) is is_mailed
    assert all(timezone.localdate(message.next_attempt_at) < talk_back.on for message in mails())


def test_mail_says_what_is_asked_when_and_where_in_the_language_of_its_reader(survey):
    took_part(survey)
    talk_back = invite(plan(survey))
    (message,) = mails()
    for language, words in (("nl", "Een huiskamer"), ("en", "A living room")):
        message.language = language
        letter = talking_back.render_talk_back_messages([message])[message.pk]("https://nabij.example/stop/")
        assert words in letter.text and "De Molen" in letter.text and "19.30" in letter.text
        assert talk_back.get_absolute_url() in letter.text and "https://nabij.example/stop/" in letter.text
        assert "De huiskamer" in letter.subject and "Molenhoek" in letter.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"asks": {}}, "voorlegt"),
        ({"place": ""}, "waar het is"),
        ({"at": None}, "hoe laat"),
        ({"on": today()}, "nog komt"),
        ({"kind": TalkBackKind.ROUND}, "welke dag"),
    ],
)
def test_nobody_is_asked_to_what_is_not_complete(survey, fields, words):
    talk_back = plan(survey, **fields)
    with translation.override("nl"), pytest.raises(DomainError, match=words):
        invite(talk_back)


def test_nobody_is_asked_about_results_that_cant_be_read(survey):
    Publication.objects.all().delete()
    with pytest.raises(DomainError, match="uitkomst"):
        invite(plan(survey))


def decide_by_approach(trajectory: Trajectory) -> None:
    TrajectoryStep.objects.filter(trajectory=trajectory, number=Step.APPROACH).update(
        state=StepState.DONE, done_on=today(-1)
    )


def decide_by_report(trajectory: Trajectory) -> None:
    FinalReport.objects.create(trajectory=trajectory, decision_on=today(-1))


@pytest.mark.parametrize("decide", [decide_by_approach, decide_by_report])
def test_what_is_decided_is_not_asked_any_more(survey, decide):
    talk_back = plan(survey)
    decide(survey.trajectory)
    with pytest.raises(DomainError, match="al besloten"):
        invite(talk_back)
    with pytest.raises(DomainError, match="al besloten"):
        plan(survey, 20)
    assert not mails()


def test_a_day_that_people_were_invited_for_does_not_move(survey):
    talk_back = invite(plan(survey))
    talk_back.on = today(20)
    with pytest.raises(DomainError):
        trajectories.record_talk_back(
            trajectory=survey.trajectory, talk_back=talk_back, by=talk_back.trajectory.owner
        )
    talk_back.refresh_from_db()
    talk_back.support_yes, talk_back.heard = 12, {"nl": "Graag ook op zaterdag."}
    trajectories.record_talk_back(
        trajectory=survey.trajectory, talk_back=talk_back, by=talk_back.trajectory.owner
    )


# --- off -----------------------------------------------------------------------------------------


def call_off(talk_back: TalkBack) -> TalkBack:
    return talking_back.call_off_talk_back(
        talk_back=talk_back, why={"nl": "De zaal is gesloten."}, by=talk_back.trajectory.owner
    )


def test_who_was_asked_hears_that_it_is_off_and_who_was_not_hears_neither(survey):
    told, waits = took_part(survey), took_part(survey)
    talk_back = invite(plan(survey))
    second = next(one for one in mails() if one.receipt == waits.receipt)
    Message.objects.filter(receipt=told.receipt).update(state=MessageState.SENT, settled_at=timezone.now())
    for _twice in range(2):
        call_off(talk_back)
    assert len(mails("-off")) == 2
    became = leave()
    assert became[f"talk-back-off:{talk_back.pk}:{told.receipt_id.hex}"] == MessageState.HANDING_OVER
    assert became[second.dedupe_key] == MessageState.CANCELLED
    assert became[f"talk-back-off:{talk_back.pk}:{waits.receipt_id.hex}"] == MessageState.CANCELLED


def test_what_is_off_says_so_everywhere(survey, client):
    talk_back = call_off(invite(plan(survey)))
    assert "De zaal is gesloten." in client.get(talk_back.get_absolute_url()).content.decode()
    assert "huiskamer in de bibliotheek" not in client.get("/b/molenhoek/").content.decode()
    assert "De zaal is gesloten." in in_the_report(talk_back)
    with pytest.raises(DomainError):
        invite(plan(survey, 30, asks={}))
    assert call_off(talk_back).called_off_on == today()


def test_what_is_past_is_not_called_off_and_without_why_neither(survey):
    past = plan(survey, -3)
    with pytest.raises(DomainError):
        call_off(past)
    with pytest.raises(DomainError):
        talking_back.call_off_talk_back(talk_back=plan(survey), why={"nl": " "}, by=survey.trajectory.owner)


@pytest.mark.parametrize(
    "fields",
    [
        {"called_off_on": today(), "called_off_why": {}},
        {"kind": TalkBackKind.ROUND, "until": today(1), "on": today(2)},
        {"kind": TalkBackKind.MEETING, "until": today(30)},
    ],
)
def test_the_database_refuses_what_can_never_be(survey, fields):
    talk_back = plan(survey)
    with transaction.atomic(), pytest.raises(IntegrityError):
        TalkBack.objects.filter(pk=talk_back.pk).update(**fields)


# --- what residents see ----------------------------------------------------------------------------


def test_everybody_reads_it_from_the_moment_people_are_asked(survey, client):
    contact = took_part(survey)
    talk_back = plan(survey)
    pages = ["/b/molenhoek/", reverse("outcome", args=[survey.channels.first().code])]
    private = reverse("private_page", args=[sign_link(contact.receipt, LinkPurpose.PAGE)])
    assert client.get(talk_back.get_absolute_url()).status_code == 404
    assert not any(
        talk_back.get_absolute_url() in client.get(url).content.decode() for url in [*pages, private]
    )
    invite(talk_back)
    cache.clear()
    for url in [*pages, private]:
        assert talk_back.get_absolute_url() in client.get(url).content.decode(), url
    html = client.get(talk_back.get_absolute_url()).content.decode()
    assert ASKS["nl"] in html and "De Molen" in html and pages[1] in html


def test_heard_is_rounded_and_stands_on_the_page_and_in_the_report(survey, client):
    talk_back = invite(plan(survey))
    TalkBack.objects.update(
        on=today(-1), support_yes=23, support_partly=12, support_no=11, heard={"nl": "Graag ook op zaterdag."}
    )
    talk_back.refresh_from_db()
    html = client.get(talk_back.get_absolute_url()).content.decode()
    assert (
        "Graag ook op zaterdag." in html
        and "n 25" in html
        and "23" not in html.partition('<h2 class="utrecht-heading-2" id="heard">')[2]
    )
    with translation.override("nl"):
        assert "Graag ook op zaterdag." in in_the_report(talk_back)


def test_a_round_is_reacted_to_on_a_phone_and_owes_an_answer(survey, area, editor, client):
    backer = survey.current.backing.backer
    reactions = make_open(areas=[area], by=editor, backer=backer, plan="reaction")
    Survey.objects.filter(pk=reactions.pk).update(trajectory=survey.trajectory)
    contact = took_part(survey)
    fields = {"kind": TalkBackKind.ROUND, "on": today(), "until": today(9), "at": None, "place": ""}
    talk_back = invite(plan(survey, source=reactions.subject, **fields))
    assert [message.receipt for message in mails()] == [contact.receipt]
    html = client.get(talk_back.get_absolute_url()).content.decode()
    start = reverse("start", args=[reactions.channels.open_to_all().first().code])
    assert start in html and client.get(start).status_code == 200
    before = AnswerOwed.objects.count()
    Neighbours(reactions, first_day=today(), days=1).answer(5, addresses=0)
    assert AnswerOwed.objects.count() > before
    assert trajectories.support_of(talk_back).told is None, "Of five people nothing is told."


def test_a_round_is_closed_when_its_last_day_is_past(survey, area, editor, django_assert_num_queries):
    reactions = make_open(areas=[area], by=editor, backer=survey.current.backing.backer, plan="reaction")
    Survey.objects.filter(pk=reactions.pk).update(trajectory=survey.trajectory)
    fields = {"kind": TalkBackKind.ROUND, "on": today(), "until": today(9), "at": None, "place": ""}
    invite(plan(survey, source=reactions.subject, **fields))
    start = reverse("start", args=[reactions.channels.open_to_all().first().code])
    assert reverse("talk_back_page", args=[TalkBack.objects.get().pk]) in Client().get(start).content.decode()
    for days, state in ((0, SurveyState.OPEN), (-1, SurveyState.CLOSED)):
        TalkBack.objects.update(on=today(-9), until=today(days))
        daily.rounds()
        assert Survey.objects.get(pk=reactions.pk).state == state
    ended = TalkBack.objects.get()
    for _ in range(3):
        ended.pk = None
        ended.save()
    with django_assert_num_queries(2):
        assert daily.rounds() == "0 reaction rounds were closed", "What ended is not looked at again."


def test_desk_plans_invites_and_calls_off(survey, editor):
    client, trajectory = signed_in(editor), survey.trajectory
    data = {"kind": "meeting", "on": today(14), "at": "19:30", "place": "De Molen", "asks_nl": ASKS["nl"]}
    client.post(reverse("talk_back_new", args=[trajectory.pk]), data)
    talk_back = TalkBack.objects.get()
    url = reverse("talk_back_invite", args=[trajectory.pk, talk_back.pk])
    assert url in client.get(trajectory.get_absolute_url()).content.decode()
    assert "De Molen" in client.get(url).content.decode()
    for _twice in range(2):
        assert client.post(url).status_code == 302
    off = reverse("talk_back_call_off", args=[trajectory.pk, talk_back.pk])
    assert client.post(off, {"why_nl": ""}).status_code == 422
    assert client.post(off, {"why_nl": "De zaal is dicht."}).status_code == 302
    talk_back.refresh_from_db()
    assert talk_back.invited_at and talk_back.called_off_on == today()
    assert "De zaal is dicht." in client.get(trajectory.get_absolute_url()).content.decode()


def test_followers_hear_of_a_meeting(survey, area):
    Following.objects.create(receipt=make_contact().receipt, area=area)
    invite(plan(survey))
    assert Message.objects.filter(purpose=MessagePurpose.NEWS).count() == 1


def test_what_was_asked_is_known_to_the_registries(survey):
    assert [one.source for one in topic_sources_in(survey.trajectory)] == [survey.subject]
    found = [pages for hooks in source_hooks if (pages := hooks.pages_of(survey.subject))]
    assert found[0].asks and found[0].tells
    assert Client().get(found[0].tells).status_code == 200


def test_followers_hear_that_a_meeting_is_off_and_whose_news_waits_hears_neither(survey, area):
    for _reader in range(2):
        Following.objects.create(receipt=make_contact().receipt, area=area)
    talk_back = invite(plan(survey))
    heard, waits = Message.objects.filter(purpose=MessagePurpose.NEWS).order_by("pk")
    Message.objects.filter(pk=heard.pk).update(state=MessageState.SENT, settled_at=timezone.now())
    call_off(talk_back)
    off = Message.objects.filter(purpose=MessagePurpose.NEWS, dedupe_key__startswith="news:off:")
    assert [one.receipt_id for one in off] == [heard.receipt_id]
    assert "gaat niet door" in off[0].text
    waits.refresh_from_db()
    assert waits.state == MessageState.CANCELLED and waits.resolution


def test_in_a_trajectory_that_is_closed_nobody_is_asked(survey):
    talk_back = plan(survey)
    Trajectory.objects.update(closed_on=today())
    talk_back.trajectory.refresh_from_db()
    with pytest.raises(DomainError):
        invite(talk_back)


def test_who_withdrew_meanwhile_is_not_asked_along(survey):
    reader = took_part(survey)
    invite(plan(survey))
    (mail,) = mails()
    assert callable(talking_back.render_talk_back_messages([mail])[mail.pk])
    make_contribution(
        make_topic(source=survey.subject), receipt=reader.receipt, slot="9", withdrawn_on=today()
    )
    assert talking_back.render_talk_back_messages([mail])[mail.pk] == "they withdrew what they said"
