"""A second reader, agreement, and a third look."""

import pytest
from django.urls import reverse

from core.errors import InvalidTransition
from feedback.contributions.services.listening import (
    save_reading,
    save_second_reading,
    set_share,
    settle_second_reading,
)
from feedback.models import (
    AnswerOwed,
    Contribution,
    DoubleReadingShare,
    Promise,
    SecondReading,
    texts_to_read_again,
)
from feedback.states import Reading
from neighbourhoods.states import Role
from tests.feedback.factories import make_contribution, make_debt, make_topic, today
from tests.people import make_theme, make_user, signed_in


@pytest.fixture
def promise(editor):
    return Promise.objects.create(
        subject="survey:1", title={"nl": "Uw straat"}, owner=editor, due_on=today(), first_due_on=today()
    )


@pytest.fixture
def light():
    return make_theme("light")


@pytest.fixture
def bikes():
    return make_theme("bikes")


@pytest.fixture
def text(area, editor, promise):
    text = make_contribution(make_topic("question:9", area=area), text="Het is donker op het fietspad.")
    make_debt(contribution=text, owner=editor)
    DoubleReadingShare.objects.create(source="survey:1", percent=100)
    return text


@pytest.fixture
def read(text, light, coordinator):
    return save_reading(contribution=text, seen=0, reading=Reading.CLEAR, themes=[light], by=coordinator)


def again(text, by, *themes):
    return save_second_reading(contribution=text, seen=text.revision, themes=themes, by=by)


def test_who_agrees_leaves_all_as_it_is(read, light, editor):
    assert again(read, editor, light).agrees
    assert not SecondReading.objects.to_settle().exists() and not texts_to_read_again(editor).exists()


def test_a_difference_waits_for_a_third_look_and_the_first_counts_until_then(read, light, bikes, editor):
    again(read, editor, bikes)
    assert list(read.themes.all()) == [light]
    settle_second_reading(contribution=read, seen=read.revision, themes=[light, bikes], by=editor)
    assert set(AnswerOwed.objects.values_list("topic__key", flat=True)) == {"theme:light", "theme:bikes"}
    kept = SecondReading.objects.get()
    assert [*kept.first_themes.all()] == [light] and [*kept.second_themes.all()] == [bikes]
    with pytest.raises(InvalidTransition):
        settle_second_reading(contribution=read, seen=read.revision, themes=[light], by=editor)


def test_reading_it_anew_settles_it_too(read, bikes, editor):
    again(read, editor, bikes)
    save_reading(contribution=read, seen=read.revision, reading=Reading.CLEAR, themes=[bikes], by=editor)
    assert SecondReading.objects.get().settled_by == editor


def test_nobody_is_their_own_second_reader(read, light, coordinator):
    assert not texts_to_read_again(coordinator).exists()
    with pytest.raises(InvalidTransition):
        again(read, coordinator, light)


def test_the_second_is_one_person(read, light, editor, administrator):
    again(read, editor, light)
    with pytest.raises(InvalidTransition):
        again(read, administrator, light)


def test_other_words_are_another_text(read, light, editor):
    Contribution.objects.filter(pk=read.pk).rewrite("Andere woorden")
    with pytest.raises(InvalidTransition):
        again(read, editor, light)


@pytest.mark.parametrize(("percent", "some"), [(0, 0), (100, 40), (50, None)])
def test_the_share_is_drawn_at_random_and_stays(percent, some, area, promise, editor, coordinator):
    topic = make_topic("question:1", area=area)
    for n in range(40):
        make_contribution(topic, text=f"tekst {n}", slot=str(n), reading=Reading.CLEAR, read_by=coordinator)
    set_share(source="survey:1", percent=percent, by=editor)
    found = set(texts_to_read_again(editor).values_list("pk", flat=True))
    assert len(found) == some if some is not None else 3 < len(found) < 37
    set_share(source="survey:1", percent=100, by=editor)
    assert found <= set(texts_to_read_again(editor).values_list("pk", flat=True))


def test_the_second_reader_does_not_see_what_the_first_found(read, editor, coordinator):
    page = signed_in(editor).get(reverse("listen_again", args=[read.pk])).content.decode()
    assert "fietspad" in page and "checked" not in page
    for by, told in ((editor, False), (coordinator, True)):
        rows = signed_in(by).get(reverse("listening_list"), {"state": "read"}).context["rows"]
        assert (rows[0].themes == "Light") == told
    assert "Gaat over" not in signed_in(editor).get(reverse("listen_to", args=[read.pk])).content.decode()


def test_from_reading_to_settling_on_the_pages(read, light, bikes, editor, coordinator):
    client = signed_in(editor)
    assert "1 tekst nog een keer lezen" in client.get(reverse("listening_second")).content.decode()
    client.post(reverse("listen_again", args=[read.pk]), {"seen": read.revision, "themes": [bikes.pk]})
    page = client.get(reverse("listening_second")).content.decode()
    assert "Waar ze verschillen" in page and "Light" in page and "Bikes" in page
    client.post(reverse("listening_settle", args=[read.pk]), {"seen": read.revision, "take": "second"})
    assert list(read.themes.all()) == [bikes]
    assert "Waar ze verschillen" not in client.get(reverse("listening_second")).content.decode()


def test_kappa_is_told_with_what_it_means(area, promise, light, editor, coordinator):
    topic = make_topic("question:1", area=area)
    DoubleReadingShare.objects.create(source="survey:1", percent=100)
    for n in range(10):
        text = make_contribution(topic, text=f"tekst {n}", slot=str(n))
        first = [light] if n < 5 else []
        text = save_reading(contribution=text, seen=0, reading=Reading.CLEAR, themes=first, by=coordinator)
        again(text, editor, *([light] if n < 4 else []))
    page = signed_in(editor).get(reverse("listening_second")).content.decode()
    assert "Kappa is 0,80" in page and "10 teksten zijn gelezen door twee collega" in page


def test_the_share_is_set_on_the_page(read, editor):
    signed_in(editor).post(reverse("listening_share"), {"source": "survey:1", "percent": 20})
    signed_in(editor).post(reverse("listening_share"), {"source": "survey:9", "percent": 30})
    assert DoubleReadingShare.objects.get().percent == 20


def test_the_page_takes_few_queries(
    area, promise, light, bikes, editor, coordinator, django_assert_max_num_queries
):
    """However many were read twice; a few differ, and a few wait."""
    topic = make_topic("question:1", area=area)
    DoubleReadingShare.objects.create(source="survey:1", percent=100)
    for n in range(12):
        text = make_contribution(topic, text=f"tekst {n}", slot=str(n))
        text = save_reading(contribution=text, seen=0, reading=Reading.CLEAR, themes=[light], by=coordinator)
        if n < 9:
            again(text, editor, [light, bikes][n % 2])
    client = signed_in(editor)
    client.get(reverse("listening_second"))
    with django_assert_max_num_queries(15):
        page = client.get(reverse("listening_second"))
    assert len(page.context["differ"]) == 4 and page.context["waiting"] == 3
    with django_assert_max_num_queries(15):
        client.get(reverse("listen_again", args=[texts_to_read_again(editor).first().pk]))


def test_elsewhere_nobody_reads_it(read, other_area, viewer):
    there = make_user(Role.COORDINATOR, other_area)
    assert signed_in(there).get(reverse("listen_again", args=[read.pk])).status_code == 404
    assert signed_in(viewer).get(reverse("listening_second")).status_code == 403
