"""The listening desk: what a reader finds is kept, splits the debt, and warns who must know."""

import pytest
from django.urls import reverse

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback.contributions.services.listening import BLOCK, hide_words, save_reading
from feedback.models import AnswerOwed, Contribution, Message
from feedback.private import services as private
from feedback.states import Handover, MessagePurpose, Owed, Reading
from neighbourhoods.states import Role
from tests.feedback.factories import make_contribution, make_debt, make_follow_up, make_topic, today
from tests.markup import squeezed
from tests.people import make_municipality, make_theme, make_user, signed_in

WORDS = "Het is donker bij het fietspad. Bel 06 12345678."


@pytest.fixture
def text(area):
    topic = make_topic("question:9", area=area, title="Wat vroegen wij niet?")
    return make_contribution(topic, text=WORDS, masked_text=WORDS.replace("06 12345678", BLOCK * 3))


@pytest.fixture
def debt(text, editor):
    return make_debt(contribution=text, owner=editor, due=-2, waited=20, reopened=1)


@pytest.fixture
def light():
    return make_theme("light")


@pytest.fixture
def bikes():
    return make_theme("bikes")


def read(text, by, **found):
    """Keep what was found, from the text as it is now."""
    text.refresh_from_db()
    found = {"seen": text.revision, "reading": Reading.CLEAR, "themes": []} | found
    return save_reading(contribution=text, by=by, **found)


def keys():
    return sorted(AnswerOwed.objects.values_list("topic__key", flat=True))


def test_nobody_has_to_read_what_was_withdrawn(text):
    Contribution.objects.filter(pk=text.pk).update(withdrawn_on=today())
    assert not Contribution.objects.unread().exists()


# --- themes split the debt ---------------------------------------------------------------------


def test_one_theme_takes_the_debt_along_as_it_was(debt, text, light, coordinator):
    read(text, coordinator, themes=[light])
    moved = AnswerOwed.objects.get()
    assert moved.pk == debt.pk and moved.topic.key == "theme:light" and moved.topic.theme == light
    assert (moved.due_on, moved.since, moved.owner, moved.reopened) == (
        debt.due_on, debt.since, debt.owner, 1,
    )  # fmt: skip


def test_two_themes_are_two_answers_owed(debt, text, light, bikes, coordinator):
    read(text, coordinator, themes=[light, bikes])
    assert keys() == ["theme:bikes", "theme:light"]
    assert set(AnswerOwed.objects.values_list("due_on", flat=True)) == {debt.due_on}


def test_another_theme_replaces_the_first(debt, text, light, bikes, coordinator):
    read(text, coordinator, themes=[light])
    read(text, coordinator, themes=[bikes])
    assert keys() == ["theme:bikes"]
    assert list(text.themes.all()) == [bikes]


def test_no_theme_any_more_owes_for_the_whole_text_again(debt, text, light, bikes, coordinator):
    read(text, coordinator, themes=[light, bikes])
    read(text, coordinator, themes=[])
    assert keys() == ["question:9"]


@pytest.mark.parametrize("state", sorted(set(Owed) - {Owed.OPEN}))
def test_an_answer_that_was_given_stays_given(state, text, light, editor, coordinator):
    make_debt(contribution=text, owner=editor, state=state)
    read(text, coordinator, themes=[light])
    assert keys() == ["question:9"] and AnswerOwed.objects.get().state == state


def test_a_debt_that_an_answer_names_is_left_alone(debt, text, light, coordinator):
    make_follow_up().named.create(owed=debt, receipt=debt.receipt)
    read(text, coordinator, themes=[light])
    assert keys() == ["question:9"]


def test_one_theme_answered_the_other_still_waits(debt, text, light, bikes, coordinator):
    read(text, coordinator, themes=[light, bikes])
    AnswerOwed.objects.get(topic__key="theme:light").move(Owed.PUBLISHED)
    read(text, coordinator, themes=[bikes])
    assert keys() == ["theme:bikes", "theme:light"]
    assert AnswerOwed.objects.waiting().get().topic.key == "theme:bikes"


# --- two readers -------------------------------------------------------------------------------


def test_the_second_reader_is_told(debt, text, light, coordinator, editor):
    save_reading(contribution=text, seen=0, reading=Reading.CLEAR, themes=[light], by=coordinator)
    with pytest.raises(InvalidTransition):
        save_reading(contribution=text, seen=0, reading=Reading.SENSITIVE, themes=[], by=editor)
    text.refresh_from_db()
    assert (text.reading, text.read_by) == (Reading.CLEAR, coordinator) and keys() == ["theme:light"]


def test_words_that_changed_meanwhile_are_read_anew(debt, text, coordinator):
    type(text).objects.filter(pk=text.pk).rewrite("Andere woorden.")
    with pytest.raises(InvalidTransition):
        save_reading(contribution=text, seen=0, reading=Reading.CLEAR, themes=[], by=coordinator)
    text.refresh_from_db()
    assert text.reading == Reading.UNREAD


# --- masking -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        ("Jan van nummer 12", ["Jan", "12"], f"{BLOCK * 3} van nummer {BLOCK * 3}"),
        ("jan en JAN en Jans", ["Jan"], f"{BLOCK * 3} en {BLOCK * 3} en Jans"),
        ("(a+b)", ["a+b"], f"({BLOCK * 3})"),
        ("niets", ["", "  "], "niets"),
        ("Jan de Wit en Jan", ["Jan", "Jan de Wit"], f"{BLOCK * 3} en {BLOCK * 3}"),
    ],
)
def test_words_are_hidden_whole(text, words, left):
    assert hide_words(text, words) == left


def test_masking_by_hand_keeps_the_words_of_the_resident(debt, text, coordinator):
    read(text, coordinator, hide=["fietspad"])
    assert "fietspad" not in text.masked_text and text.text == WORDS


# --- who must know today -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handover", "address"),
    [(Handover.DANGER, "zorg@waterdam.example"), (Handover.DEFECT, "straat@waterdam.example")],
)
def test_a_warning_goes_out_without_the_words(handover, address, debt, text, coordinator):
    make_municipality(danger_email="zorg@waterdam.example", defects_email="straat@waterdam.example")
    read(text, coordinator, handover=handover)
    message = Message.objects.get()
    assert (message.purpose, message.to_address) == (MessagePurpose.NOTICE, address)
    assert str(text.pk) in message.text and "fietspad" not in message.subject + message.text
    read(text, coordinator, handover=handover)
    assert Message.objects.count() == 1


def test_danger_is_never_repeated(debt, text, coordinator):
    make_municipality(danger_email="zorg@waterdam.example")
    assert not read(text, coordinator, handover=Handover.DANGER).may_be_quoted


def test_nobody_to_warn_is_said_and_nothing_is_kept(debt, text, light, coordinator):
    with pytest.raises(DomainError):
        read(text, coordinator, handover=Handover.DANGER, themes=[light])
    text.refresh_from_db()
    assert text.reading == Reading.UNREAD and keys() == ["question:9"]


# --- pages -------------------------------------------------------------------------------------


@pytest.fixture
def url(debt, text):
    return reverse("listen_to", args=[text.pk])


def data(**fields):
    return {"seen": 0, "reading": Reading.CLEAR, "handover": Handover.NONE} | fields


def test_reading_one_after_another_to_the_end(debt, text, url, light, coordinator):
    other = make_contribution(text.topic, text="Meer bankjes.", said_on=today(1))
    client = signed_in(coordinator)
    page = client.get(reverse("listening")).content.decode()
    assert "2 teksten te lezen" in page and "donker bij het fietspad" in page
    response = client.post(url, data(themes=[light.pk]))
    assert response.url == reverse("listen_to", args=[other.pk])
    response = client.post(response.url, data())
    assert "Alles is gelezen." in client.get(response.url).content.decode()


def test_of_danger_nobody_says_no_by_not_looking(debt, text, area, coordinator):
    threat = make_contribution(
        make_topic("question:10", area=area), text="Mijn buurman bedreigt mij met een mes."
    )
    client, url = signed_in(coordinator), reverse("listen_to", args=[threat.pk])
    assert client.get(url).context["form"].initial["handover"] == ""
    refused = client.post(url, data(handover=""))
    assert "Zeg of iemand dit vandaag moet weten." in refused.content.decode()
    assert client.post(url, data()).status_code == 302


def test_what_may_be_danger_is_read_first(debt, text, url, area, coordinator):
    topic = make_topic("question:10", area=area)
    threat = make_contribution(topic, text="Mijn buurman bedreigt mij met een mes.", said_on=today(2))
    fire = make_contribution(make_topic(area=area), text="Ik ruik gas in de hal.", said_on=today(3))
    client = signed_in(coordinator)
    at = lambda one: reverse("listen_to", args=[one.pk])  # noqa: E731
    first = client.get(reverse("listening"))
    assert first.context["text"] == threat and "kan over gevaar gaan" in squeezed(first.content.decode())
    assert first.context["skip_url"] == at(fire)
    assert client.get(at(fire)).context["skip_url"] == url  # after danger the oldest
    ordinary = client.get(url)
    assert "wacht een tekst die over gevaar kan gaan" in squeezed(ordinary.content.decode())
    assert ordinary.context["skip_url"] == at(threat)
    assert 'Luisteren<span class="n late">3</span>' in squeezed(ordinary.content.decode())
    for one in (threat, fire):
        client.post(at(one), data())
    assert "kan gaan" not in squeezed(client.get(url).content.decode())


def test_other_words_are_guessed_anew(text):
    Contribution.objects.filter(pk=text.pk).rewrite("Er is brandstichting in de kelder.")
    text.refresh_from_db()
    assert text.may_be_danger
    Contribution.objects.filter(pk=text.pk).rewrite("Meer bankjes.")
    text.refresh_from_db()
    assert not text.may_be_danger


def test_danger_is_pointed_out_to_the_reader(area, coordinator):
    text = make_contribution(make_topic(area=area), text="Mijn buurman bedreigt mij met een mes.")
    page = signed_in(coordinator).get(reverse("listen_to", args=[text.pk])).content.decode()
    assert "Kijk twee keer" in page and "“bedreigt”" in page


def test_words_are_masked_until_somebody_asks_and_that_is_kept(url, text, coordinator):
    client = signed_in(coordinator)
    assert "12345678" not in client.get(url).content.decode()
    assert "12345678" in client.post(reverse("listening_unmask", args=[text.pk])).content.decode()
    assert Event.objects.about(text).get(verb="unmasked").actor == coordinator


def test_second_reader_keeps_their_choice_on_the_screen(url, text, light, coordinator, editor):
    signed_in(editor).post(url, data(themes=[light.pk]))
    page = signed_in(coordinator).post(url, data(reading=Reading.SENSITIVE))
    html = squeezed(page.content.decode())
    assert "Een collega las deze tekst intussen" in html and "Light" in html
    assert 'value="sensitive" required id="id_reading_1" checked' in html
    assert 'name="seen" value="1"' in html
    assert signed_in(coordinator).post(url, data(reading=Reading.SENSITIVE, seen=1)).status_code == 302


def test_a_text_that_was_erased_while_it_was_read(url, text, coordinator, monkeypatch):
    def erased_first(**found):
        private.erase(receipt=text.receipt)
        return save_reading(**found)

    monkeypatch.setattr("feedback.contributions.services.listening.save_reading", erased_first)
    page = signed_in(coordinator).post(url, data(), follow=True)
    assert "wiste die intussen" in page.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"reading": ""}, {"reading": "x"}, {"themes": [99]}, {"seen": ""}, {"hide": "Bestaat niet"}],
)
def test_what_is_wrong_is_said_and_nothing_kept(wrong, url, text, coordinator):
    page = signed_in(coordinator).post(url, data(**wrong))
    assert page.status_code == 422 and "nabij-error-summary" in page.content.decode()
    text.refresh_from_db()
    assert text.reading == Reading.UNREAD


@pytest.mark.parametrize("name", ["listen_to", "listening_unmask"])
def test_who_may(name, debt, text, stranger, viewer, other_area):
    url = reverse(name, args=[text.pk])
    assert signed_in(stranger).post(url, data()).status_code == 404
    assert signed_in(viewer).post(url, data()).status_code == 403
    owner = make_user(Role.COORDINATOR, other_area)
    make_debt(contribution=text, topic=make_topic(area=other_area), owner=owner)
    assert signed_in(owner).post(url, data()).status_code == 403  # sees what they owe, elsewhere


def test_unmasking_is_no_link(url, text, coordinator):
    assert signed_in(coordinator).get(reverse("listening_unmask", args=[text.pk])).status_code == 405


def test_withdrawn_texts_are_not_read(url, text, coordinator):
    type(text).objects.filter(pk=text.pk).update(withdrawn_on=text.said_on)
    assert signed_in(coordinator).get(url).status_code == 404
    assert "Alles is gelezen." in signed_in(coordinator).get(reverse("listening")).content.decode()


def test_only_this_survey(debt, text, coordinator):
    make_contribution(make_topic(source="survey:2", area=text.topic.area), text="Iets anders.")
    page = signed_in(coordinator).get(reverse("listening"), {"source": "survey:2"}).content.decode()
    assert "Iets anders." in page and "donker" not in page


def test_desk_takes_few_queries(url, text, coordinator, editor, django_assert_max_num_queries):
    """With more surveys that wait, one with the same title, and a point on the map that lies elsewhere."""
    for number in range(6):
        make_theme(f"thema-{number}")
    for survey in (2, 3):
        make_contribution(make_topic(source=f"survey:{survey}", area=text.topic.area), text="Iets anders.")
    Contribution.objects.filter(pk=text.pk).update(longitude=5.1, latitude=52.1)
    client = signed_in(coordinator)
    client.get(url)
    with django_assert_max_num_queries(15):
        assert client.get(url).status_code == 200
    save_reading(contribution=text, seen=text.revision, reading=Reading.CLEAR, themes=[], by=editor)
    with django_assert_max_num_queries(15):
        assert client.get(url).status_code == 200
