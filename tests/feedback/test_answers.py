"""Writing a follow-up at the desk: for whom, the words, how it reads, and letting it go."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, InvalidTransition
from feedback import registries
from feedback.answers.services import compose, release
from feedback.models import AnswerOwed, FollowUp, FollowUpItem, Message
from feedback.record.services import public_record
from feedback.registries import Audience
from feedback.states import FollowUpState, MessagePurpose, MessageState, Outcome, Owed, Reading
from neighbourhoods.states import Role
from tests.feedback.factories import (
    SOURCE,
    make_contact,
    make_contribution,
    make_debt,
    make_follow_up,
    make_promise,
    make_receipt,
    make_topic,
)
from tests.markup import squeezed
from tests.people import make_membership, make_user, signed_in


@pytest.fixture
def survey(area, next_area, editor, monkeypatch):
    """A survey in two neighbourhoods that the apps above know of."""
    make_promise(owner=editor)
    title = {"nl": "Wat heeft Oosterhaven nodig?"}
    known = Audience(SOURCE, title, ["nl", "en"], [area.pk, next_area.pk])
    monkeypatch.setattr(registries.audiences, "_entries", {"test": lambda user: [known]})
    return known


@pytest.fixture
def meeting(area):
    return make_topic("option:31", area=area, title="Een plek om elkaar te ontmoeten")


@pytest.fixture
def readers(meeting, editor, survey):
    """Three who wait: one by mail, one with a page only, one unsubscribed; one of them in English."""
    by_mail, page_only, gone = make_receipt(), make_receipt(language="en"), make_receipt()
    make_contact(by_mail)
    make_contact(gone, unsubscribed_at=timezone.now())
    for receipt in (by_mail, page_only, gone):
        make_debt(meeting, receipt=receipt, owner=editor)
    return [by_mail, page_only, gone]


@pytest.fixture
def draft(readers, area, editor):
    return make_follow_up(areas=[area], owner=editor)


# --- services ---------------------------------------------------------------------------------


def test_start_names_it_after_the_topic_and_who_writes(readers, editor, area):
    chosen = {"source": SOURCE, "key": ["option:31"], "theme": None, "areas": [area.pk]}
    follow_up = compose.start_follow_up(chosen=chosen, by=editor)
    assert follow_up.title == {
        "nl": "Een plek om elkaar te ontmoeten", "en": "Een plek om elkaar te ontmoeten",
    }  # fmt: skip
    assert follow_up.signed_as["nl"] == editor.title and list(follow_up.areas.all()) == [area]


def test_signature_is_theirs_in_the_first_language_and_else_as_last_time(readers, editor, area):
    chosen = {"source": SOURCE, "key": [], "theme": None, "areas": [area.pk]}
    first = compose.start_follow_up(chosen=chosen, by=editor)
    assert first.signed_as == {"nl": editor.title}
    signed = {"nl": "uw wijkmanager", "en": "your neighbourhood manager"}
    compose.save_follow_up_draft(follow_up=first, seen=first.digest, by=editor, signed_as=signed)
    assert compose.start_follow_up(chosen=chosen, by=editor).signed_as == signed


def test_write_refuses_what_was_changed_or_released_meanwhile(draft, editor):
    seen = draft.digest
    compose.save_follow_up_draft(follow_up=draft, seen=seen, by=editor, why={"nl": "Daarom."})
    with pytest.raises(InvalidTransition):
        compose.save_follow_up_draft(follow_up=draft, seen=seen, by=editor, why={"nl": "Anders."})
    draft.refresh_from_db()
    draft.move(FollowUpState.HOLD, hold_until=timezone.now())
    with pytest.raises(InvalidTransition):
        compose.save_follow_up_draft(follow_up=draft, seen=draft.digest, by=editor, why={})
    with pytest.raises(InvalidTransition):
        compose.change_audience(follow_up=draft, chosen=draft.audience, by=editor)


def test_languages_are_those_of_the_house_and_of_the_readers(draft):
    assert compose.follow_up_languages(draft, {"ar": 14, "nl": 3}) == ["nl", "en", "ar"]
    assert [one.code for one in compose.reader_languages(draft, {"ar": 14, "nl": 3}) if one.lacks] == ["ar"]


# --- for whom ---------------------------------------------------------------------------------


def test_choosing_counts_people_and_shows_no_address(readers, editor, area):
    page = signed_in(editor).get(reverse("followup_new"), {"source": SOURCE, "key": "option:31"})
    html = page.content.decode()
    assert "3 mensen krijgen dit antwoord" in html and "Een plek om elkaar te ontmoeten (3)" in html
    assert "example.nl" not in html and FollowUp.objects.count() == 0


def test_starting_keeps_the_audience_that_was_counted(readers, editor, area):
    data = {"source": SOURCE, "key": "option:31", "area": area.pk}
    response = signed_in(editor).post(reverse("followup_new"), data)
    follow_up = FollowUp.objects.get()
    assert response.url == reverse("followup", args=[follow_up.pk])
    assert follow_up.audience == {"source": SOURCE, "key": ["option:31"], "theme": None, "areas": [area.pk]}


def test_everywhere_means_where_this_editor_works(readers, editor, area, next_area):
    make_debt(make_topic("option:31", area=next_area), owner=editor)
    signed_in(editor).post(reverse("followup_new"), {"source": SOURCE})
    assert FollowUp.objects.get().audience["areas"] == [area.pk]


def test_everywhere_is_left_open_for_who_works_everywhere(readers, administrator):
    signed_in(administrator).post(reverse("followup_new"), {"source": SOURCE})
    assert FollowUp.objects.get().audience["areas"] == []


@pytest.mark.parametrize(
    "data",
    [{}, {"source": "survey:99"}, {"source": SOURCE, "key": "option:99"}, {"source": SOURCE, "area": "99"}],
)
def test_an_audience_that_is_not_there_begins_nothing(data, readers, editor):
    assert signed_in(editor).post(reverse("followup_new"), data).status_code == 200
    assert FollowUp.objects.count() == 0


def test_an_editor_elsewhere_cannot_address_these_people(readers, other_area):
    user = make_user(Role.EDITOR, other_area)
    assert signed_in(user).post(reverse("followup_new"), {"source": SOURCE}).status_code == 403


def test_another_audience_for_a_draft(draft, editor):
    url = reverse("followup_audience", args=[draft.pk])
    client = signed_in(editor)
    assert "3 mensen krijgen dit antwoord" in client.get(url).content.decode()
    client.post(url, {"source": SOURCE, "key": "option:31"})
    draft.refresh_from_db()
    assert draft.audience["key"] == ["option:31"]


# --- the words --------------------------------------------------------------------------------


def words(follow_up, **fields):
    data = {"seen": follow_up.digest, "outcome": Outcome.PARTLY}
    for part in compose.FOLLOW_UP_TEXT_FIELDS:
        data |= {f"{part}_{code}": getattr(follow_up, part).get(code, "") for code in ("nl", "en")}
    return data | fields


def test_writing_keeps_every_language(draft, editor):
    url = reverse("followup", args=[draft.pk])
    response = signed_in(editor).post(url, words(draft, why_en="Because."))
    draft.refresh_from_db()
    assert response.status_code == 302 and draft.outcome == Outcome.PARTLY
    assert draft.why == {"nl": "95 buren noemden dit.", "en": "Because."}


def test_the_page_adds_up_and_says_which_language_lacks(draft, editor):
    FollowUp.objects.filter(pk=draft.pk).update(why={"nl": "Daarom."})
    html = squeezed(signed_in(editor).get(reverse("followup", args=[draft.pk])).content.decode())
    assert "3 = 1 + 1 + 1" in html
    assert "Engels is niet compleet. 1 persoon antwoordde in die taal." in html


def test_a_second_writer_keeps_their_words_and_is_told(draft, editor):
    stale = words(draft, why_nl="Mijn woorden.")
    compose.save_follow_up_draft(
        follow_up=draft, seen=draft.digest, by=editor, why={"nl": "Van een collega."}
    )
    html = signed_in(editor).post(reverse("followup", args=[draft.pk]), stale).content.decode()
    assert "Een collega veranderde dit antwoord" in html and "Mijn woorden." in html
    draft.refresh_from_db()
    assert draft.why["nl"] == "Van een collega."


def test_too_long_is_said_and_kept_on_the_screen(draft, editor):
    html = signed_in(editor).post(
        reverse("followup", args=[draft.pk]), words(draft, why_nl="x" * 1501)
    ).content.decode()  # fmt: skip
    assert "nabij-error-summary" in html and "x" * 1501 in html


# --- how it reads -----------------------------------------------------------------------------


@pytest.mark.parametrize("reading", Reading)
def test_previews_quote_only_what_was_read_and_is_clear(reading, draft, area, editor):
    said = make_contribution(
        make_topic("question:9", area=area, title="Eigen onderwerp"),
        text="Gewoon ergens koffie.",
        reading=reading,
    )
    make_debt(contribution=said, owner=editor)
    FollowUp.objects.filter(pk=draft.pk).update(audience={"source": SOURCE, "key": "question:9"})
    client = signed_in(editor)
    for name in ("followup_mail", "followup_page"):
        html = client.get(reverse(name, args=[draft.pk, "nl"])).content.decode()
        assert ("Gewoon ergens koffie." in html) == (reading == Reading.CLEAR)
        assert "Dit gaat door." in html


def test_the_mail_runs_nothing_and_may_be_framed_by_us_alone(draft, editor):
    response = signed_in(editor).get(reverse("followup_mail", args=[draft.pk, "nl"]))
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "frame-ancestors 'self'" in policy
    assert "unsafe-inline" in policy.partition("style-src")[2].partition(";")[0]
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_the_next_reader_follows(draft, editor):
    url = reverse("followup_read", args=[draft.pk, "nl"])
    client = signed_in(editor)
    first = client.get(url).context["next_query"]
    second = client.get(url + first).context["next_query"]
    assert first != second and client.get(url + "?after=x").status_code == 200


@pytest.mark.parametrize("name", ["followup_mail", "followup_page", "followup_read"])
def test_previews_are_for_who_works_here_and_in_known_languages(name, draft, editor, stranger):
    assert signed_in(stranger).get(reverse(name, args=[draft.pk, "nl"])).status_code == 404
    assert signed_in(editor).get(reverse(name, args=[draft.pk, "xx"])).status_code == 404


def test_send_to_me_is_one_mail_for_the_same_words(draft, editor):
    url = reverse("followup_send_to_me", args=[draft.pk, "nl"])
    client = signed_in(editor)
    client.post(url)
    client.post(url)
    message = Message.objects.get()
    assert (message.purpose, message.user, message.receipt) == (MessagePurpose.TRIAL, editor, None)
    assert "Dit gaat door." in message.text


# --- letting it go ----------------------------------------------------------------------------


@pytest.fixture
def release_url(draft):
    return reverse("followup_release", args=[draft.pk])


def last_look(draft, **fields):
    return {"seen": draft.digest, "checked": "on"} | fields


def test_release_waits_and_can_be_stopped(draft, editor, release_url):
    client = signed_in(editor)
    response = client.post(release_url, last_look(draft))
    draft.refresh_from_db()
    assert draft.state == FollowUpState.HOLD and draft.addressed == 3
    page = squeezed(client.get(response.url).content.decode())
    assert "Het gaat weg om" in page and "3 = 3" in page and "example.nl" not in page
    client.post(reverse("followup_stop", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == FollowUpState.DRAFT


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (600, "Het wacht 10 minuten."),
        (60, "Het wacht 1 minuut."),
        (90, "Het wacht 90 seconden."),
        (0, "Het gaat meteen weg."),
    ],
)
def test_hold_is_told_as_long_as_it_is(draft, editor, release_url, settings, seconds, said):
    settings.HOLD_SECONDS = seconds
    assert said in signed_in(editor).get(release_url).content.decode()


def test_release_twice_is_once(draft, editor, release_url):
    client = signed_in(editor)
    client.post(release_url, last_look(draft))
    assert client.post(release_url, last_look(draft)).status_code == 302
    assert FollowUp.objects.get(pk=draft.pk).addressed == 3


@pytest.mark.parametrize("wrong", [{"checked": ""}, {"seen": "0" * 16}, {"seen": ""}])
def test_release_needs_the_last_look(wrong, draft, editor, release_url):
    assert signed_in(editor).post(release_url, last_look(draft, **wrong)).status_code == 422
    assert FollowUp.objects.get(pk=draft.pk).state == FollowUpState.DRAFT


def test_nobody_releases_what_a_colleague_changed_meanwhile(draft, editor, release_url):
    seen = draft.digest
    FollowUp.objects.filter(pk=draft.pk).update(next_step={"nl": "Van een collega.", "en": "A colleague's."})
    with pytest.raises(InvalidTransition):
        release.schedule_release(follow_up=draft, by=editor, seen=seen)
    page = signed_in(editor).post(release_url, last_look(draft, seen=seen)).content.decode()
    draft.refresh_from_db()
    assert draft.state == FollowUpState.DRAFT
    assert draft.digest in page and seen not in page


def test_release_says_what_lacks_and_for_how_many(draft, editor, release_url):
    FollowUp.objects.filter(pk=draft.pk).update(why={"nl": "Daarom."})
    draft.refresh_from_db()
    client = signed_in(editor)
    assert "Engels" in client.get(release_url).content.decode()
    assert client.post(release_url, last_look(draft)).status_code == 422
    assert FollowUp.objects.get(pk=draft.pk).state == FollowUpState.DRAFT


@pytest.mark.parametrize("name", ["followup_release", "followup_stop", "followup_correct"])
def test_who_may_let_it_go(name, draft, viewer, stranger, coordinator):
    url = reverse(name, args=[draft.pk])
    assert signed_in(stranger).post(url).status_code == 404
    assert signed_in(viewer).post(url).status_code == 403
    assert signed_in(coordinator).post(url).status_code == 403


@pytest.mark.parametrize("name", ["followup", "followup_audience", "followup_release", "followup_stop"])
def test_an_editor_elsewhere_who_reads_along_here_changes_nothing(name, draft, area, other_area):
    colleague = make_user(Role.EDITOR, other_area)
    make_membership(colleague, Role.VIEWER, area)
    assert signed_in(colleague).post(reverse(name, args=[draft.pk]), last_look(draft)).status_code == 403


def test_stopping_too_late_says_so(draft, editor):
    sent_out(draft, editor)
    page = signed_in(editor).post(reverse("followup_stop", args=[draft.pk]), follow=True)
    assert "Stoppen kan niet meer" in page.content.decode()


def sent_out(draft, editor):
    later = timezone.now() + timedelta(hours=1)
    release.schedule_release(follow_up=draft, by=editor)
    release.end_holds(now=later)
    release.fan_out_released(now=later)
    draft.refresh_from_db()
    return draft


def test_progress_adds_up_and_every_part_leads_to_its_people(draft, editor, django_assert_max_num_queries):
    sent_out(draft, editor)
    Message.objects.update(state=MessageState.FAILED, settled_at=timezone.now())
    client = signed_in(editor)
    url = reverse("followup_progress", args=[draft.pk])
    client.get(url)
    with django_assert_max_num_queries(24):
        html = squeezed(client.get(url).content.decode())
    assert "3 = 2 + 1" in html
    people = squeezed(client.get(reverse("followup_people", args=[draft.pk, "failed"])).content.decode())
    number = AnswerOwed.objects.get(receipt__contact__unsubscribed_at=None, receipt__contact__isnull=False).pk
    assert f">{number}<" in people and "example.nl" not in people
    assert reverse("message", args=[Message.objects.get().pk]) in people


@pytest.mark.parametrize("part", ["erased", "everybody", "sent-to"])
def test_parts_that_lead_nowhere(part, draft, editor):
    assert signed_in(editor).get(reverse("followup_people", args=[draft.pk, part])).status_code == 404


def test_people_page_by_key(draft, editor, meeting, monkeypatch):
    from feedback.answers.views import release as views

    monkeypatch.setattr(views, "RECEIPTS_PAGE_SIZE", 2)
    release.schedule_release(follow_up=draft, by=editor)
    client = signed_in(editor)
    url = reverse("followup_people", args=[draft.pk, "on_hold"])
    first = client.get(url)
    second = client.get(url + first.context["next_url"])
    assert len(first.context["people"]) == 2 and len(second.context["people"]) == 1


def test_a_correction_goes_to_who_got_the_first(draft, editor):
    sent_out(draft, editor)
    client = signed_in(editor)
    client.post(reverse("followup_correct", args=[draft.pk]))
    correction = FollowUp.objects.get(corrects=draft)
    assert correction.decided == draft.decided
    assert (
        "3 mensen krijgen dit antwoord"
        in client.get(reverse("followup", args=[correction.pk])).content.decode()
    )
    sent_out(correction, editor)
    assert FollowUpItem.objects.count() == 6
    assert AnswerOwed.objects.exclude(state=Owed.PUBLISHED).count() == 0


def test_an_answer_is_corrected_once_and_the_next_corrects_the_correction(draft, editor):
    sent_out(draft, editor)
    first, second = (
        compose.start_follow_up(chosen=draft.audience, by=editor, corrects=draft) for _ in range(2)
    )
    held = release.schedule_release(follow_up=first, by=editor)
    with pytest.raises(DomainError, match="Een andere verbetering"):
        release.schedule_release(follow_up=second, by=editor)
    page = signed_in(editor).get(reverse("followup_release", args=[second.pk])).content.decode()
    assert "Een andere verbetering" in page
    release.stop_release(follow_up=held, by=editor)
    sent_out(second, editor)
    with pytest.raises(DomainError, match="Een andere verbetering"):
        release.schedule_release(follow_up=first, by=editor)
    signed_in(editor).post(reverse("followup_correct", args=[draft.pk]))
    sent_out(FollowUp.objects.get(corrects=second), editor)
    assert len(public_record.public_record().answers) == 1


def test_list_shows_states_and_pages(draft, editor, viewer, stranger, monkeypatch):
    from feedback.answers.views import answers as views

    monkeypatch.setattr(views, "FOLLOW_UPS_PAGE_SIZE", 1)
    make_follow_up(areas=list(draft.areas.all()), owner=editor, title={"nl": "oversteken"})
    page = signed_in(viewer).get(reverse("followups"))
    assert "Oversteken" in page.content.decode() and "Ontmoeten" not in page.content.decode()
    assert (
        "Ontmoeten" in signed_in(viewer).get(reverse("followups") + page.context["next_url"]).content.decode()
    )
    assert "Oversteken" not in signed_in(stranger).get(reverse("followups")).content.decode()
