"""You said, we did: what is told, what is owed, and no number but the published ones."""

import pytest

from feedback.record.services.public_record import public_record
from feedback.registries import SourceHooks, source_hooks
from feedback.states import FollowUpState, Outcome
from tests.feedback.factories import (
    make_contribution,
    make_debt,
    make_follow_up,
    make_promise,
    make_topic,
    today,
)
from tests.people import make_area, make_municipality, make_user
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def published(monkeypatch):
    """What the public snapshot says, for these tests: (source, key, area) -> number."""
    make_municipality()
    numbers: dict[tuple[str, str, int], int] = {}
    hooks = SourceHooks(published_count=lambda *asked: numbers.get(asked))
    monkeypatch.setattr(source_hooks, "_entries", {"tests": hooks})
    return numbers


def test_told_newest_first_with_pill_and_number(client, published):
    area = make_area("Oosterhaven")
    topic = make_topic("option:1", area=area, title="Een plek om te ontmoeten")
    published["survey:1", "option:1", 0] = 95
    make_follow_up(state=FollowUpState.FANNED_OUT, key=topic.key, areas=[area], outcome=Outcome.PARTLY)
    said = client.get("/said/").content.decode()
    assert "Zo'n 95 mensen zeiden" in said and "Een plek om te ontmoeten" in said
    assert "Voor een deel" in said


def test_without_a_published_number_there_is_none(client):
    area = make_area("Oosterhaven")
    make_topic("option:1", area=area)
    make_follow_up(state=FollowUpState.FANNED_OUT, key="option:1", areas=[area])
    for _ in range(3):
        make_debt(make_topic(f"option:{_ + 2}", area=area))
    record = public_record()
    assert not [told.people for told in record.answers if told.people]
    assert [(owed.topic["nl"], owed.people) for owed in record.owed] == [("allerlei dingen", None)]
    assert "Mensen in Oosterhaven zeiden" in client.get("/said/").content.decode()


@pytest.mark.parametrize("state", [FollowUpState.DRAFT, FollowUpState.HOLD, FollowUpState.RELEASED])
def test_what_is_not_on_everybodys_page_is_not_public(state):
    make_follow_up(state=state)
    assert not public_record().answers


@pytest.mark.parametrize("key", ["option:1", "theme:safety", "question:9", "rest"])
def test_nobody_sees_what_the_neighbour_said_who_just_answered(key, client):
    """One person says what nobody said before: the page changes as it would for any other answer."""
    make_debt(make_topic(key, title="Niet veilig thuis"), due=-3)
    assert [one.topic["nl"] for one in public_record().owed] == ["allerlei dingen"]
    for page in ("/said/", "/"):
        html = client.get(page).content.decode()
        assert "Allerlei dingen" in html and "Niet veilig" not in html


def test_what_few_said_waits_together_and_is_late_with_the_first(published):
    published["survey:1", "option:1", 0] = 40
    for key, due in (("option:1", 5), ("option:2", 9), ("option:3", -4), ("question:9", 2)):
        make_debt(make_topic(key, title=key), due=due)
    owed = public_record().owed
    assert [(one.topic["nl"], one.late_days) for one in owed] == [("allerlei dingen", 4), ("option:1", 0)]


def test_owed_per_subject_latest_first_and_late_stands_out(client, published):
    published["survey:1", "option:1", 0] = published["survey:1", "option:2", 0] = 20
    area, other = make_area(), make_area()
    make_debt(make_topic("option:1", area=area, title="Bankjes"), due=20)
    make_debt(make_topic("option:1", area=other, title="Bankjes"), due=20)
    make_debt(
        make_topic("option:2", area=area, title="De trap"), due=-12, owner=make_user(title="de projectleider")
    )
    owed = public_record().owed
    assert [(one.topic["nl"], one.late_days) for one in owed] == [("De trap", 12), ("Bankjes", 0)]
    said = client.get("/said/").content.decode()
    assert "12 dagen" in said and "De projectleider is aan zet." in said
    assert "De trap" in client.get("/").content.decode()  # the front page hides nothing that is late


def test_moved_promise_shows_both_days_and_the_reason(client):
    make_debt(make_topic("option:1"), due=10)
    make_promise(due=10, first_due_on=today(-21), moved_reason={"nl": "De aannemer ligt stil."})
    said = client.get("/said/").content.decode()
    assert "De aannemer ligt stil." in said and "21 dagen" in said


def test_words_of_one_person_are_never_public(client):
    topic = make_topic("question:9", title="Wat vroegen wij niet?")
    make_debt(contribution=make_contribution(topic, text="Mijn buurman slaat zijn hond."))
    make_debt(make_topic("reaction:7", title="En mijn dochter dan?"))
    make_debt(make_topic("rest", title="Uw andere antwoorden"))
    said = client.get("/said/").content.decode()
    assert "Mijn buurman" not in said and "En mijn dochter" not in said and "Uw andere antwoorden" not in said


def test_debt_opened_again_by_one_reader_is_between_us_and_them():
    make_debt(make_topic("option:1"), reopened=1)
    assert not public_record().owed


def test_pages_read_only_with_few_queries(client, django_assert_max_num_queries):
    area = make_area()
    for number in range(8):
        make_debt(make_topic(f"option:{number}", area=area))
        make_follow_up(state=FollowUpState.FANNED_OUT, key=f"option:{number}", areas=[area])
    with no_writes(), django_assert_max_num_queries(14):
        client.get("/said/")
