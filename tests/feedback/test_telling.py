"""What waits for one colleague, help with writing, and a second colleague who reads it first."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback import registries
from feedback.answers.forms import WriteForm
from feedback.answers.services import board, compose, drafting, release
from feedback.answers.services.drafting import opening
from feedback.contributions.services import audience
from feedback.models import AnswerOwed, Approval, FollowUp, Message, NamedDebt, ThemeReaction, Topic
from feedback.record.services import public_record
from feedback.registries import Audience, RelatedItem, SourceHooks, TopicSource
from feedback.states import (
    PROMISING_OUTCOMES,
    ApprovalState,
    FollowUpState,
    MessagePurpose,
    Outcome,
    Owed,
    Reading,
)
from neighbourhoods.models import ParticipationRules, Trajectory
from neighbourhoods.states import Role
from tests.feedback.factories import (
    SOURCE,
    make_contribution,
    make_debt,
    make_follow_up,
    make_promise,
    make_receipt,
    make_topic,
    today,
)
from tests.feedback.journey import answer
from tests.people import make_area, make_membership, make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor, monkeypatch):
    make_promise(owner=editor)
    known = Audience(SOURCE, {"nl": "Wat heeft Oosterhaven nodig?"}, ["nl", "en", "ar"], [area.pk])
    monkeypatch.setattr(registries.audiences, "_entries", {"test": lambda user: [known]})


@pytest.fixture
def meeting(area):
    return make_topic("option:31", area=area, title="Ontmoeten")


@pytest.fixture
def question(area):
    return make_topic("question:9", area=area, title="Wat nog meer?")


@pytest.fixture
def colleague(area):
    return make_user(Role.EDITOR, area, title="tweede lezer")


@pytest.fixture
def draft(meeting, editor, area, survey):
    make_debt(meeting, receipt=make_receipt(), owner=editor)
    return make_follow_up(areas=[area], owner=editor, written_by=editor)


def inbox_of(owner) -> str:
    return reverse("owner", args=[owner.pk])


def written(topic, text="De trap is te steil.", *, reading=Reading.CLEAR, owner, **fields) -> AnswerOwed:
    said = make_contribution(topic, text=text, reading=reading, receipt=make_receipt())
    return make_debt(contribution=said, owner=owner, **fields)


# --- the inbox --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "text", "fields", "part"),
    [
        ("option:31", "", {}, board.GROUPS_PART),
        ("rest", "", {}, board.GROUPS_PART),
        ("theme:green", "Meer bomen", {}, board.GROUPS_PART),
        ("question:9", "Meer bomen", {}, board.SINGLE_PART),
        ("option:31", "", {"reopened": 1}, board.REOPENED_PART),
        ("question:9", "Meer bomen", {"reopened": 2}, board.REOPENED_PART),
        ("reaction:4", "Wanneer dan?", {}, board.REOPENED_PART),
    ],
)
def test_an_answer_owed_is_in_one_part(key, text, fields, part, area, editor):
    said = make_contribution(make_topic(key, area=area), text=text)
    make_debt(contribution=said, owner=editor, **fields)
    counts = board.counts(AnswerOwed.objects.all())
    assert {name: n for name, n in counts.items() if n} == {part: 1, "all": 1}


def test_what_one_person_brought_to_us_is_answered_by_itself(area, editor):
    make_debt(make_topic("rest", area=area, source="initiative:3"), owner=editor)
    assert board.counts(AnswerOwed.objects.all())[board.SINGLE_PART] == 1


@settings(max_examples=25, deadline=None)
@given(
    said=st.lists(
        st.tuples(
            st.sampled_from(["option:1", "theme:a", "question:9", "reaction:2"]),
            st.integers(0, 2),
            st.sampled_from(Owed.values),
            st.integers(0, 3),
        ),
        max_size=12,
    )
)
def test_the_parts_add_up_whatever_is_owed(said):
    """Every answer owed that waits is in one part, and every page of a part together shows it once."""
    with transaction.atomic():
        owner, receipts = make_user(), [make_receipt() for _number in range(4)]
        topics: dict[str, Topic] = {}
        for number, (key, reopened, state, who) in enumerate(said):
            topic = topics.setdefault(key, None) or make_topic(key)
            topics[key] = topic
            thing = make_contribution(
                topic, receipt=receipts[who], slot=str(number), text="" if key == "option:1" else "woorden"
            )
            make_debt(contribution=thing, owner=owner, reopened=reopened, state=state, due=number % 3)
        owed = AnswerOwed.objects.filter(owner=owner)
        counts = board.counts(owed)
        assert counts["all"] == owed.waiting().count() == sum(counts[part] for part in board.TO_ANSWER_PARTS)
        for part in (board.SINGLE_PART, board.REOPENED_PART):
            lines, more = board.groups_to_answer(owed, part)
            assert not more and sum(len(line.owed) for line in lines) == counts[part]
        transaction.set_rollback(True)


@pytest.mark.parametrize("part", board.TO_ANSWER_PARTS)
def test_pages_of_a_part_show_every_line_once(part, area, editor, monkeypatch):
    monkeypatch.setattr(board, "TO_ANSWER_PAGE_SIZE", 2)
    for number in range(5):
        key = {"groups": f"option:{number}", "single": "question:9", "back": f"reaction:{number}"}[part]
        topic = Topic.objects.filter(key=key).first() or make_topic(key, area=area)
        text = "" if part == "groups" else "woorden"
        make_debt(contribution=make_contribution(topic, text=text), owner=editor, due=number // 2)
    seen, after, more = [], "", True
    while more:
        lines, more = board.groups_to_answer(AnswerOwed.objects.all(), part, after)
        seen += [line.key for line in lines]
        after = lines[-1].after
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("after", ["", "x", "2026-13-40~1", "2026-05-01~abc", f"2026-05-01~{10**30}"])
def test_a_mangled_address_shows_the_first_page(after, meeting, editor):
    make_debt(meeting, owner=editor)
    page = signed_in(editor).get(inbox_of(editor), {"groups": after, "back": after})
    assert page.status_code == 200 and "Ontmoeten" in page.content.decode()


def test_the_inbox_has_three_parts_and_leads_to_writing_or_listening(meeting, question, editor):
    for _number in range(3):
        make_debt(meeting, owner=editor, receipt=make_receipt())
    read = written(question, owner=editor, due=-4, waited=30)
    unread = written(question, "Nog geheim.", reading=Reading.UNREAD, owner=editor)
    back = make_debt(meeting, owner=editor, reopened=1)
    page = signed_in(editor).get(inbox_of(editor)).content.decode()
    assert "6 antwoorden te geven" in page
    assert "3 in groepen" in page and "2 apart" in page and "1 opnieuw" in page
    assert "De trap is te steil." in page and "Nog geheim." not in page
    assert reverse("listen_to", args=[unread.contribution_id]) in page
    assert reverse("listen_to", args=[read.contribution_id]) not in page
    for debt in (read, back):
        assert f'name="owed" value="{debt.pk}"' in page
    assert 'name="key" value="option:31"' in page


def test_everybody_answered_is_said(meeting, editor):
    make_debt(meeting, owner=editor, state=Owed.SENT)
    page = signed_in(editor).get(inbox_of(editor)).content.decode()
    assert "Iedereen heeft antwoord." in page and "nabij-street" in page


def test_the_inbox_takes_a_bounded_number_of_queries(
    meeting, question, editor, django_assert_max_num_queries
):
    client = signed_in(editor)
    for number in range(20):
        make_debt(meeting, owner=editor, receipt=make_receipt())
        written(question, f"Tekst {number}", owner=editor)
        written(make_topic(f"reaction:{number}", area=meeting.area), owner=editor)
    client.get(inbox_of(editor))
    with django_assert_max_num_queries(30):
        client.get(inbox_of(editor))


def test_a_viewer_reads_no_words_and_writes_nothing_there(question, editor, viewer):
    written(question, owner=editor)
    page = signed_in(viewer).get(inbox_of(editor)).content.decode()
    assert "Wat nog meer?" in page and "De trap is te steil." not in page
    assert reverse("followup_new") not in page


# --- an answer of one's own -------------------------------------------------------------------


def test_writing_to_one_person_names_only_what_they_said(question, editor, survey):
    mine, other = written(question, owner=editor), written(question, "Iets anders", owner=editor)
    client = signed_in(editor)
    for _twice in range(2):
        response = client.post(reverse("followup_new"), {"owed": [mine.pk]})
    follow_up = FollowUp.objects.get()
    assert response.url == reverse("followup", args=[follow_up.pk]), "Beginning twice is going on."
    page = client.get(response.url).content.decode()
    assert "Eén persoon, met een eigen antwoord" in page and "1 persoon krijgt dit antwoord" in page
    texts = {part: {"nl": "woorden", "en": "words"} for part in FollowUp.TEXTS}
    compose.save_follow_up_draft(
        follow_up=follow_up, seen=follow_up.digest, by=editor, outcome=Outcome.NO, **texts
    )
    release.schedule_release(follow_up=FollowUp.objects.get(), by=editor)
    release.end_holds(now=timezone.now() + timedelta(hours=1))
    release.fan_out_released()
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, other.state) == (Owed.PUBLISHED, Owed.OPEN)


def test_an_answer_of_ones_own_stands_on_no_page_for_everybody(meeting, editor):
    debt = make_debt(meeting, owner=editor)
    item = answer(debt)
    assert [one.follow_up for one in public_record.public_record().answers] == [item.follow_up]
    personal = item.follow_up.audience | {"owed": [debt.pk]}
    FollowUp.objects.update(audience=personal)
    assert public_record.public_record().answers == []


@pytest.mark.parametrize("who", ["elsewhere", "two people", "answered"])
def test_what_somebody_may_not_answer_begins_nothing(who, question, editor, other_area, survey):
    debts = [written(question, owner=editor)]
    if who == "elsewhere":
        debts = [written(make_topic("question:9", area=other_area), owner=make_user())]
    elif who == "two people":
        debts.append(written(question, owner=editor))
    else:
        debts[0].move(Owed.WAIVED, reason="Niet meer nodig.")
    posted = signed_in(editor).post(reverse("followup_new"), {"owed": [debt.pk for debt in debts]})
    assert posted.status_code == 404 and not FollowUp.objects.exists()


def test_one_text_for_many_leaves_who_said_it_was_no_answer_to_words_of_their_own(
    meeting, editor, survey, area
):
    new = make_debt(meeting, owner=editor, receipt=make_receipt())
    make_debt(meeting, owner=editor, reopened=1, receipt=make_receipt())
    chosen = {"source": SOURCE, "key": meeting.key, "area": area.pk, "first": "on"}
    response = signed_in(editor).post(reverse("followup_new"), chosen)
    follow_up = FollowUp.objects.get()
    assert list(audience.debts(follow_up)) == [new]
    page = signed_in(editor).get(response.url).content.decode()
    assert "1 persoon krijgt dit antwoord" in page and "dat ons antwoord geen antwoord was" in page


# --- help with writing ------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", Outcome.values)
def test_every_outcome_has_an_opening_with_gaps_that_keep_it_from_going(outcome, draft):
    texts = opening(outcome)
    assert set(texts) == {"decided", "why", "next_step"}
    assert all("[" in words for words in texts.values()), "There is always something left to write."
    draft.decided = {"nl": texts["decided"], "en": "Done."}
    draft.save()
    with pytest.raises(DomainError, match="moet nog ingevuld"):
        release.schedule_release(follow_up=draft, by=draft.owner)


def test_filling_in_keeps_what_was_typed_and_saves_nothing(draft, editor):
    follow_up = FollowUp.objects.get(pk=draft.pk)
    FollowUp.objects.update(decided={}, why={}, next_step={}, outcome="")
    follow_up.refresh_from_db()
    data = {"seen": follow_up.digest, "outcome": "no", "why_nl": "Er is geen geld.", "propose": ""}
    page = signed_in(editor).post(reverse("followup", args=[draft.pk]), data).content.decode()
    assert "Dit doen wij niet. [Wat blijft zoals het is?]" in page and "Er is geen geld." in page
    assert "We will not do this. [What stays as it is?]" in page, "In each language by itself."
    follow_up.refresh_from_db()
    assert follow_up.decided == {} and follow_up.outcome == ""


def test_what_was_decided_for_the_report_comes_first(area, editor, survey, monkeypatch):
    theme = make_theme("groen")
    topic = make_topic("option:4", area=area, theme=theme)
    debt = make_debt(topic, owner=editor)
    answer(debt, title={"nl": "bomen"}, decided={"nl": "Vorig jaar: nee."}, outcome=Outcome.NO)
    make_debt(topic, owner=editor, receipt=make_receipt())
    FollowUp.objects.get().areas.set([area])
    trajectory = Trajectory.objects.create(title="Groen", owner=editor)
    ThemeReaction.objects.create(
        trajectory=trajectory, subject="groen", outcome=Outcome.ADOPTED, owner=editor,
        decided={"nl": "De raad koos voor tien bomen."},
    )  # fmt: skip
    asked = lambda which: [TopicSource(SOURCE, {})] if which == trajectory else []  # noqa: E731
    known = RelatedItem({"nl": "Bomenploeg"}, "initiatief", "/")
    hooks = SourceHooks(asked_in=asked, known_about=lambda *asked: [known])
    monkeypatch.setattr(registries.source_hooks, "_entries", {"test": hooks})

    draft = make_follow_up(key="option:4", areas=[area], owner=editor)
    found = drafting.drafting_context(draft, editor)
    assert [one.outcome for one in found.earlier_decisions] == [Outcome.ADOPTED, Outcome.NO]
    outcome, texts = drafting.proposed_texts(
        follow_up=draft, outcome="", languages=["nl", "ar"], context=found
    )
    assert outcome == Outcome.ADOPTED and texts["decided"] == {"nl": "De raad koos voor tien bomen."}
    assert "Bomenploeg" in texts["next_step"]["nl"]
    _outcome, texts = drafting.proposed_texts(follow_up=draft, outcome="no", languages=["nl"], context=found)
    assert texts["decided"] == {"nl": "Vorig jaar: nee."}


def test_what_was_told_about_the_like_is_there_to_read_and_is_not_taken_over(draft, meeting, editor, area):
    theme = make_theme("sport")
    Topic.objects.filter(pk=meeting.pk).update(theme=theme)
    gym = make_topic("option:99", area=area, theme=theme)
    told = make_follow_up(
        state=FollowUpState.FANNED_OUT, areas=[area], owner=editor, title={"nl": "De gymzaal"}, now=timezone.now(),
        outcome=Outcome.NO, decided={"nl": "Er komt geen gymzaal."},
    )  # fmt: skip
    owed = make_debt(gym, receipt=make_receipt(), owner=editor, state=Owed.SENT)
    NamedDebt.objects.create(follow_up=told, owed=owed, receipt=owed.receipt)
    FollowUp.objects.filter(pk=draft.pk).update(audience=draft.audience | {"key": meeting.key})
    draft.refresh_from_db()
    found = drafting.drafting_context(draft, editor)
    assert [(one.about["nl"], one.word) for one in found.earlier_decisions] == [("De gymzaal", "nee, want")]
    for outcome in ("", "no"):
        chosen, texts = drafting.proposed_texts(
            follow_up=draft, outcome=outcome, languages=["nl"], context=found
        )
        assert chosen == outcome and "gymzaal" not in str(texts)


def test_only_our_last_answers_are_looked_through(draft, meeting, editor, area, monkeypatch):
    monkeypatch.setattr(drafting, "RECENT_FOLLOW_UPS_READ", 2)
    for days in (1, 2, 3):
        told = make_follow_up(
            state=FollowUpState.FANNED_OUT, areas=[area], owner=editor, title={"nl": f"{days} dagen geleden"},
            now=timezone.now() - timedelta(days=days),
        )  # fmt: skip
        owed = make_debt(meeting, receipt=make_receipt(), owner=editor, state=Owed.SENT)
        NamedDebt.objects.create(follow_up=told, owed=owed, receipt=owed.receipt)
    FollowUp.objects.filter(pk=draft.pk).update(audience=draft.audience | {"key": meeting.key})
    draft.refresh_from_db()
    found = drafting.drafting_context(draft, editor).earlier_decisions
    assert [one.about["nl"] for one in found] == ["1 dagen geleden", "2 dagen geleden"]


def test_whom_to_talk_to_is_a_function_a_number_and_when_never_a_name(draft, municipality):
    municipality.phone = "14 099"
    municipality.save()
    municipality.forget_cached()
    rules = ParticipationRules.objects.create(pk=1, desk_hours={"nl": "maandag tot en met donderdag"})
    rules.forget_cached()
    _outcome, texts = drafting.proposed_texts(
        follow_up=draft, outcome="no", languages=["nl"], context=drafting.DraftingContext()
    )
    assert texts["contact"]["nl"] == "Uw wijkmanager, telefoon 14 099, maandag tot en met donderdag"


def test_remarks_on_plain_language_stand_with_the_language_they_are_about(draft, editor):
    FollowUp.objects.update(why={"nl": "Dit doen wij middels participatie.", "en": "Because."})
    page = signed_in(editor).get(reverse("followup", args=[draft.pk])).content.decode()
    assert "Uw buren zeggen geen “participatie”" in page or "participatie" in page
    assert drafting.plain_language_remarks(FollowUp.objects.get()).keys() == {"nl"}


@pytest.mark.parametrize("outcome", Outcome.values)
def test_only_what_promises_something_has_a_day(outcome, draft, editor):
    compose.save_follow_up_draft(
        follow_up=draft, seen=draft.digest, by=editor, outcome=outcome, happens_on=today(30)
    )
    draft.refresh_from_db()
    assert (draft.happens_on is not None) is (outcome in PROMISING_OUTCOMES)
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.update(outcome=Outcome.NO, happens_on=today(30))


# --- languages --------------------------------------------------------------------------------


def test_nobody_is_told_in_another_language_unless_that_was_chosen(draft, meeting, editor):
    make_debt(meeting, receipt=make_receipt(language="ar"), owner=editor)
    with pytest.raises(DomainError, match="Arabisch"):
        release.schedule_release(follow_up=draft, by=editor)
    page = signed_in(editor).get(reverse("followup_release", args=[draft.pk])).content.decode()
    assert "Arabisch ontbreekt." in page and "Engels: ook hierin is gevraagd, maar niemand wacht." in page
    compose.save_follow_up_draft(follow_up=draft, seen=draft.digest, by=editor, told_in={"ar": "en"})
    draft.refresh_from_db()
    page = signed_in(editor).get(reverse("followup_release", args=[draft.pk])).content.decode()
    assert "Zij krijgen het in het Engels" in page
    mail = signed_in(editor).get(reverse("followup_mail", args=[draft.pk, "ar"])).content.decode()
    assert "95 neighbours named this." in mail and 'lang="en"' in mail and "95 buren" not in mail
    assert release.schedule_release(follow_up=draft, by=editor).state == FollowUpState.HOLD


def test_another_language_that_is_not_complete_helps_nobody(draft, meeting, editor):
    make_debt(meeting, receipt=make_receipt(language="ar"), owner=editor)
    FollowUp.objects.update(told_in={"ar": "en"}, why={"nl": "Daarom."})
    draft.refresh_from_db()
    with pytest.raises(DomainError, match="Arabisch"):
        release.schedule_release(follow_up=draft, by=editor)


def test_a_text_is_whole_in_one_language(draft):
    draft.decided = {"nl": "Ja.", "en": "Yes.", "ar": "نعم"}
    draft.told_in = {"ar": "en"}
    assert draft.texts_for("ar")["decided"] == {"en": "Yes."}, "Half of a translation is no translation."
    draft.contact = {"nl": "Bel 14 099"}
    assert draft.lacking("en") == ["contact"] and draft.language_for("nl") == "nl"


def test_the_choice_stands_with_languages_of_readers_that_lack_something(draft, meeting, editor):
    make_debt(meeting, receipt=make_receipt(language="ar"), owner=editor)
    form = WriteForm(follow_up=draft, languages=["nl", "en", "ar"], untold=["ar"])
    assert [code for code, _name in form.fields["told_in_ar"].choices] == ["", "nl", "en"]
    page = signed_in(editor).get(reverse("followup", args=[draft.pk])).content.decode()
    assert 'name="told_in_ar"' in page and 'name="told_in_en"' not in page


# --- a second reader --------------------------------------------------------------------------


def ask(draft, colleague, by) -> Approval:
    return compose.ask_approval(follow_up=draft, approver=colleague, seen=draft.digest, by=by)


def test_asked_and_approved_it_goes_and_every_step_is_told_and_logged(draft, editor, colleague):
    approval = ask(draft, colleague, editor)
    assert ask(draft, colleague, editor) == approval, "Asking twice is asking once."
    with pytest.raises(DomainError, match="las dit nog niet"):
        release.schedule_release(follow_up=draft, by=editor)
    compose.approve(approval=approval, by=colleague, seen=draft.digest)
    assert release.schedule_release(follow_up=draft, by=editor).state == FollowUpState.HOLD
    mails = Message.objects.filter(purpose=MessagePurpose.NOTICE).order_by("pk")
    assert [mail.user for mail in mails] == [colleague, editor]
    assert reverse("followup_approve", args=[draft.pk]) in mails[0].text
    verbs = Event.objects.about(draft).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["asked to approve", "approved", "pressed release"]


@pytest.mark.parametrize(
    "change",
    [{"why": {"nl": "Anders.", "en": "Other."}}, {"happens_on": today(9)}, {"told_in": {"ar": "nl"}}],
)
def test_a_later_edit_voids_the_approval(change, draft, editor, colleague):
    compose.approve(approval=ask(draft, colleague, editor), by=colleague, seen=draft.digest)
    compose.save_follow_up_draft(follow_up=draft, seen=draft.digest, by=editor, **change)
    draft.refresh_from_db()
    with pytest.raises(DomainError, match="veranderd"):
        release.schedule_release(follow_up=draft, by=editor)
    compose.approve(approval=ask(draft, colleague, editor), by=colleague, seen=draft.digest)
    release.schedule_release(follow_up=draft, by=editor)


def test_what_was_changed_after_asking_is_not_approved(draft, editor, colleague):
    approval, seen = ask(draft, colleague, editor), draft.digest
    compose.save_follow_up_draft(follow_up=draft, seen=seen, by=editor, why={"nl": "Anders.", "en": "Other."})
    draft.refresh_from_db()
    for digest in (seen, draft.digest):
        with pytest.raises(InvalidTransition):
            compose.approve(approval=approval, by=colleague, seen=digest)
    page = signed_in(colleague).get(reverse("followup_approve", args=[draft.pk])).content.decode()
    assert "Dit is veranderd" in page and 'value="approve"' not in page


@pytest.mark.parametrize("change", ["a later edit", "handed over to who was asked"])
def test_nobody_is_asked_what_they_can_no_longer_decide(change, draft, editor, colleague):
    approval = ask(draft, colleague, editor)
    assert compose.approvals_waiting_for(colleague) == [approval]
    if change == "a later edit":
        compose.save_follow_up_draft(
            follow_up=draft, seen=draft.digest, by=editor, why={"nl": "Anders.", "en": "Other."}
        )
    else:
        FollowUp.objects.update(owner=colleague)
    assert not compose.approvals_waiting_for(colleague)


def test_who_may_read_an_answer_to_a_city_is_found_at_once(
    draft, editor, municipality, district, area, other_area, django_assert_max_num_queries
):
    elsewhere = [make_area() for _ in range(300)]
    draft.areas.set([area, other_area, *elsewhere])
    everywhere = make_user(Role.EDITOR, title="overal")
    by_parts = make_user(Role.EDITOR, district, title="in delen")
    for one in (other_area, *elsewhere[1:]):
        make_membership(by_parts, Role.EDITOR, one)
    make_membership(by_parts, Role.VIEWER, elsewhere[0])
    late = make_user(Role.EDITOR, until=today(-1))
    gone = make_user(Role.EDITOR, is_active=False)
    with django_assert_max_num_queries(3) as asked:
        assert list(compose.possible_approvers(draft, editor)) == [everywhere]
    assert sum(query["sql"].count("SELECT") for query in asked) == 3, "No subquery for each area."
    make_membership(by_parts, Role.ADMINISTRATOR, elsewhere[0])
    assert list(compose.possible_approvers(draft, editor)) == [by_parts, everywhere]
    assert not {late, gone} & set(compose.possible_approvers(draft, editor))


def test_sent_back_it_waits_for_another_text(draft, editor, colleague):
    url = reverse("followup_approve", args=[draft.pk])
    ask(draft, colleague, editor)
    client = signed_in(colleague)
    assert client.post(url, {"seen": draft.digest, "verdict": "back"}).status_code == 422
    client.post(url, {"seen": draft.digest, "verdict": "back", "remark": "Noem een bedrag."})
    assert Approval.objects.get().state == ApprovalState.SENT_BACK
    with pytest.raises(DomainError, match=r"Noem een bedrag\."):
        release.schedule_release(follow_up=draft, by=editor)
    assert "Noem een bedrag." in signed_in(editor).get(reverse("followup", args=[draft.pk])).content.decode()
    assert "Noem een bedrag." in Message.objects.get(user=editor).text


@pytest.mark.parametrize("who", ["owner", "last writer", "asker", "elsewhere", "too small a role"])
def test_nobody_approves_what_they_wrote_or_may_not_write(who, draft, editor, colleague, area, other_area):
    chosen = {
        "owner": lambda: editor,
        "last writer": lambda: colleague,
        "asker": lambda: colleague,
        "elsewhere": lambda: make_user(Role.EDITOR, other_area),
        "too small a role": lambda: make_user(Role.COORDINATOR, area),
    }[who]()
    by = colleague if who == "asker" else editor
    if who == "last writer":
        compose.save_follow_up_draft(
            follow_up=draft, seen=draft.digest, by=colleague, why={"nl": "Zo.", "en": "So."}
        )
        draft.refresh_from_db()
    with pytest.raises(DomainError, match="Kies een collega"):
        ask(draft, chosen, by)


def test_an_approval_of_ones_own_is_no_row(draft, editor):
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(follow_up=draft, digest=draft.digest, asked_by=editor, asked_of=editor)


def test_who_was_not_asked_decides_nothing(draft, editor, colleague, area):
    approval = ask(draft, colleague, editor)
    third = make_user(Role.EDITOR, area)
    with pytest.raises(DomainError, match="Iemand anders"):
        compose.approve(approval=approval, by=third, seen=draft.digest)
    assert signed_in(third).get(reverse("followup_approve", args=[draft.pk])).status_code == 302


def test_who_writes_it_over_no_longer_approves_it(draft, editor, colleague):
    approval = ask(draft, colleague, editor)
    compose.save_follow_up_draft(
        follow_up=draft, seen=draft.digest, by=colleague, why={"nl": "Zo.", "en": "So."}
    )
    draft.refresh_from_db()
    with pytest.raises(DomainError, match="schreef dit zelf"):
        compose.approve(approval=approval, by=colleague, seen=draft.digest)


def test_who_took_it_over_is_no_second_reader(draft, editor, colleague):
    approval = ask(draft, colleague, editor)
    compose.approve(approval=approval, by=colleague, seen=draft.digest)
    FollowUp.objects.filter(pk=draft.pk).update(owner=colleague)
    draft.refresh_from_db()
    with pytest.raises(DomainError):
        compose.refuse_unread(draft)


def test_taken_back_it_goes_unless_the_municipality_asks_for_a_second_reader(draft, editor, colleague):
    client = signed_in(editor)
    client.post(reverse("followup_ask", args=[draft.pk]), {"seen": draft.digest, "of": colleague.pk})
    assert Approval.objects.get().asked_of == colleague
    client.post(reverse("followup_ask_back", args=[draft.pk]))
    assert compose.current_approval(draft) is None
    ParticipationRules.objects.create(pk=1, second_reader=True)
    with pytest.raises(DomainError, match="tweede collega"):
        release.schedule_release(follow_up=draft, by=editor)
    data = {"seen": draft.digest, "checked": "on"}
    assert client.post(reverse("followup_release", args=[draft.pk]), data).status_code == 422
    ParticipationRules.objects.update(second_reader=False)
    release.schedule_release(follow_up=draft, by=editor)


def test_the_question_stands_on_today_and_among_the_answers(draft, editor, colleague):
    ask(draft, colleague, editor)
    for page in ("desk", "followups"):
        html = signed_in(colleague).get(reverse(page)).content.decode()
        assert reverse("followup_approve", args=[draft.pk]) in html
    page = signed_in(colleague).get(reverse("followup_approve", args=[draft.pk])).content.decode()
    assert reverse("followup_mail", args=[draft.pk, "nl"]) in page and "Zo kan het de deur uit" in page
