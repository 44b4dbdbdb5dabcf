"""The page of what moved, and the mail of it to who stands behind what is asked."""

from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, User
from feedback.models import Message
from feedback.states import Owed
from initiatives.movement.services import movement_mail
from initiatives.movement.services.movement import months_until, record_month_standing
from neighbourhoods.models import Backing
from neighbourhoods.states import BackingState, Role
from tests.feedback.factories import make_debt, make_promise, make_topic
from tests.initiatives.factories import make_need
from tests.people import make_backing, make_user, signed_in

pytestmark = pytest.mark.django_db

MONTH = date(2026, 6, 1)
JULY = datetime(2026, 7, 1, 10, tzinfo=timezone.get_default_timezone())  # a Wednesday


@pytest.fixture
def alderman(area) -> User:
    return make_user(Role.BACKER, area, language="nl")


def mails(user: User) -> list[Message]:
    return list(Message.objects.filter(user=user).order_by("pk"))


def given_in_june(area, *, answers: int = 6, days: int = 12) -> None:
    for _ in range(answers):
        since = MONTH + timedelta(days=2)
        make_debt(
            make_topic(area=area),
            state=Owed.SENT,
            since=since,
            settled_at=datetime.combine(since + timedelta(days=days), datetime.min.time(), JULY.tzinfo)
            + timedelta(hours=12),
        )


# --- when, and to whom ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "first"),
    [
        (date(2026, 7, 1), 1),  # a Wednesday
        (date(2026, 8, 1), 3),  # a Saturday
        (date(2026, 11, 1), 2),  # a Sunday
        (date(2026, 1, 1), 2),  # New Year's Day, a Thursday
        (date(2027, 1, 1), 4),  # New Year's Day, a Friday
    ],
)
def test_the_first_workday_of_a_month(month, first):
    assert movement_mail.first_workday(month) == month.replace(day=first)


@pytest.mark.parametrize(("days_later", "written"), [(-1, 0), (0, 1), (3, 1), (6, 1), (7, 0), (20, 0)])
def test_it_is_written_on_the_first_workday_or_soon_after(days_later, written, area, alderman):
    given_in_june(area)
    for _twice in range(2):
        movement_mail.queue_movement_mails(JULY + timedelta(days=days_later))
    assert len(mails(alderman)) == written


def test_each_month_brings_one_mail_however_often_it_is_looked(area, alderman):
    given_in_june(area)
    make_need(make_topic(area=area))  # there is something to tell in July as well
    for day in range(60):
        movement_mail.queue_movement_mails(JULY + timedelta(days=day))
    assert len(mails(alderman)) == 2


def test_the_same_areas_are_counted_once_and_only_for_who_was_not_told(
    area, other_area, alderman, monkeypatch
):
    given_in_june(area)
    for where in (area, area, other_area):
        make_user(Role.BACKER, where)
    counted = []
    count = movement_mail.count_movement
    monkeypatch.setattr(
        movement_mail, "count_movement", lambda areas, **day: counted.append(areas) or count(areas, **day)
    )
    movement_mail.queue_movement_mails(JULY)
    assert sorted(counted) == sorted([(area.pk,), (other_area.pk,)])
    counted.clear()
    movement_mail.queue_movement_mails(JULY + timedelta(days=1))
    assert counted == [(other_area.pk,)], "Nothing happened there, so nobody was told."


def test_who_gets_it(area, alderman, editor, viewer, administrator, stranger):
    given_in_june(area)
    signer = make_user(Role.VIEWER, area)
    backing = make_backing(backer=make_user(Role.BACKER, area), area=area, by=editor)
    Backing.objects.filter(pk=backing.pk).update(
        backer=signer, state=BackingState.SIGNED, decided_at=timezone.now()
    )
    asked = make_user(Role.EDITOR, area, monthly_mail=True)
    stopped = make_user(Role.BACKER, area, monthly_mail=False)
    gone = make_user(Role.BACKER, area, is_active=False)
    movement_mail.queue_movement_mails(JULY)
    got = {message.user for message in Message.objects.all()}
    assert {alderman, signer, asked} <= got
    assert not got & {editor, viewer, administrator, stranger, stopped, gone}


def test_nothing_happened_is_no_mail(area, next_area, other_area, alderman):
    given_in_june(other_area)  # elsewhere
    make_debt(make_topic(area=area))  # waits, in time
    movement_mail.queue_movement_mails(JULY)
    assert not mails(alderman)


# --- what it says --------------------------------------------------------------------------------


def test_a_story_of_one_mail(area, alderman):
    """What moved, what is late, what asks their help; in their language, with where to go."""
    given_in_june(area)
    day = JULY.date() - timedelta(days=10)
    promise = make_promise(due_on=day, first_due_on=day)
    late = make_topic(source=promise.subject, area=area)
    for _ in range(2):
        make_debt(late, since=MONTH, due_on=day)
    make_need(make_topic(area=area))
    movement_mail.queue_movement_mails(JULY)
    (mail,) = mails(alderman)
    assert mail.subject == "Wat er in juni in beweging kwam"
    assert f"in juni 2026 in beweging, in {area}." in mail.text
    assert "6 antwoorden zijn verteld: met een mail, sms of brief, of persoonlijk." in mail.text
    assert "De helft van deze antwoorden kwam binnen 12 dagen." in mail.text
    assert (
        "Mensen noemden 7 onderwerpen. Voor 7 daarvan is er nog niets. Daar staan 8 mensen achter."
        in mail.text
    )
    assert "2 mensen wachten langer dan wij beloofden." in mail.text
    assert promise.title["nl"] in mail.text and reverse("promise", args=[promise.pk]) in mail.text
    assert "Voor 1 wens van bewoners is er nog niets." in mail.text and "?link=none" in mail.text
    assert reverse("movement") in mail.text


def test_in_the_language_of_who_reads(area):
    reader = make_user(Role.BACKER, area, language="en")
    given_in_june(area, answers=1)
    movement_mail.queue_movement_mails(JULY)
    (mail,) = mails(reader)
    assert (
        mail.subject == "What moved in June"
        and "- 1 answer was told, by mail, text message or letter or in person." in mail.text
    )
    assert "Nobody waits longer than we promised." in mail.text


# --- stopping it ---------------------------------------------------------------------------------


def test_who_gets_it_can_stop_it_and_begin_again(area, alderman):
    client, choose = signed_in(alderman), reverse("movement_mail", args=[alderman.pk])
    for wants in ("no", "no", "yes"):
        assert client.post(choose, {"wants": wants}).status_code == 302
        assert movement_mail.receives_movement_mail(alderman) == (wants == "yes")
    assert Event.objects.about(alderman).count() == 2


def test_an_administrator_stops_it_for_a_backer_and_nobody_else_does(area, alderman, administrator, editor):
    choose = reverse("movement_mail", args=[alderman.pk])
    assert signed_in(editor).post(choose, {"wants": "no"}).status_code == 404
    assert movement_mail.receives_movement_mail(alderman)
    page = signed_in(administrator).get(reverse("movement")).content.decode()
    assert choose in page
    signed_in(administrator).post(choose, {"wants": "no"})
    assert not movement_mail.receives_movement_mail(alderman)


# --- the page ------------------------------------------------------------------------------------


def test_a_page_where_nothing_happened_yet(area, viewer):
    page = signed_in(viewer).get(reverse("movement"))
    assert page.status_code == 200 and "Hoe wij tellen" in page.content.decode()


def test_each_figure_leads_to_where_something_can_be_done(area, viewer):
    make_debt(make_topic(area=area), due=-1)
    make_need(make_topic(area=area))
    client = signed_in(viewer)
    page = client.get(reverse("movement"), {"area": area.slug})
    tiles = page.context["tiles"]
    assert all(tile.how and client.get(tile.url).status_code == 200 for tile in tiles if tile.url)
    assert [tile.url for tile in tiles].count("") == 1  # who wants to help is not for who only looks on
    assert page.context["found"].total.late == 1


def test_only_of_where_somebody_works(area, other_area, viewer):
    make_debt(make_topic(area=other_area), due=-1)
    client = signed_in(viewer)
    assert client.get(reverse("movement")).context["found"].total.is_empty
    assert client.get(reverse("movement"), {"area": other_area.slug}).status_code == 404
    assert client.get(reverse("movement"), {"area": "\0"}).status_code in (200, 404)


@pytest.mark.parametrize(("people", "percentage"), [(29, False), (30, True)])
def test_of_few_people_no_percentage(people, percentage, area, viewer):
    topic = make_topic(area=area)
    owner = make_user()
    for number in range(people):
        make_debt(topic, owner=owner, state=Owed.SENT if number else Owed.OPEN)
    page = signed_in(viewer).get(reverse("movement"))
    answered = page.context["tiles"][2].value
    assert answered.startswith(f"{people - 1} van {people}") and ("%" in answered) == percentage


def test_neighbourhoods_stand_by_name_and_courses_need_two_months(area, next_area, editor):
    for place in (next_area, area):
        make_debt(make_topic(area=place), due=-1)
    names = [one.name for one, *_counts in signed_in(editor).get(reverse("movement")).context["rows"]]
    assert names == sorted(names)
    assert not signed_in(editor).get(reverse("movement")).context["courses"]
    for back in (0, -1):
        month = months_until(timezone.localdate())[back - 1]
        record_month_standing(timezone.now().replace(year=month.year, month=month.month, day=1))
    cache.clear()  # as after a minute
    page = signed_in(editor).get(reverse("movement"))
    assert len(page.context["courses"]) == 2 and "<polyline" in page.content.decode()


def test_pages_nobody_was_told_of_are_no_answers_given(area, viewer, alderman):
    """Before, a page nobody was told of and a reason why no answer comes stood in one figure with the mails."""
    topic = make_topic(area=area)
    for state in (Owed.SENT, Owed.PUBLISHED, Owed.PUBLISHED, Owed.PUBLISHED, Owed.WAIVED):
        since = MONTH + timedelta(days=2)
        make_debt(topic, state=state, since=since, settled_at=JULY - timedelta(days=9))
    tile = signed_in(viewer).get(reverse("movement")).context["tiles"][2]
    assert tile.value == "1 van 5"
    assert tile.more == ["3 alleen op de eigen pagina", "1 geen antwoord, met reden"]
    movement_mail.queue_movement_mails(JULY)
    (mail,) = mails(alderman)
    assert (
        "1 antwoord is verteld" in mail.text and "3 antwoorden staan alleen op de eigen pagina" in mail.text
    )
    assert "1 keer schreven wij waarom er geen antwoord komt." in mail.text
