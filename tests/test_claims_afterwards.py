"""Claims afterwards: whether a promise was kept, the final report, and what paper says of it. See tests.claims."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from accounts.links import LinkPurpose, sign_link
from feedback.answers.services import looking_back
from feedback.models import (
    AnswerOwed,
    FinalReport,
    FollowUpItem,
    Message,
    ThemeReaction,
)
from feedback.record.services import said_data
from feedback.registries import SourceHooks, source_hooks
from feedback.reports.services import reports
from feedback.states import FollowUpState, MessagePurpose, Outcome, Owed
from neighbourhoods.models import ParticipationPlan
from tests.claims import WHY, each, words
from tests.claims import house as house
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_receipt, make_topic, today
from tests.feedback.journey import answer, page_of
from tests.feedback.reports import answer as answer_asked
from tests.feedback.reports import finish, make_asked, make_trajectory
from tests.pdfs import text_of

pytestmark = pytest.mark.django_db


# --- did what was promised happen? ------------------------------------------------------------


def asked_back(
    house, *, days=-42, promises=1, asked=True, happened="", moved=None, goes_on=False, answered=False
):
    """Who was promised a crossing by a day, and perhaps asked since whether it is there.

    `moved`: our next answer gives that day (0: none), as a correction or because it `goes_on`; `answered`: we answered
    the no.
    """
    receipt = make_contact().receipt
    title, day = {"nl": "zebrapad", "en": "crossing"}, None if days is None else today(days)
    for _one in range(promises):
        item = answer(make_debt(make_topic(area=house.area), receipt=receipt), title=title, happens_on=day)
    if asked:
        looking_back.send_fulfilment_checks()
    if moved is not None:
        later = make_follow_up(
            corrects=item.follow_up, goes_on=goes_on, happens_on=today(moved) if moved else None,
            state=FollowUpState.FANNED_OUT,
        )  # fmt: skip
        FollowUpItem.objects.create(follow_up=later, receipt=receipt)
    if happened:
        looking_back.save_fulfilment_reply(item=item, happened=happened)
    if answered:
        AnswerOwed.objects.waiting().get().move(Owed.PUBLISHED)
    return receipt


def back_mail(house, **fields):
    """The mail as it leaves, or nothing when it must not."""
    asked_back(house, **fields)
    waiting = list(Message.objects.filter(purpose=MessagePurpose.LOOK_BACK))
    letters = [
        writer("https://x.example/u/") for writer in looking_back.render_look_back_messages(waiting).values()
    ]
    return " ".join(f"{letter.subject} {words(letter.text)}" for letter in letters)


def own_page(house, **fields):
    return words(house.phone.get(page_of(asked_back(house, **fields))).content.decode())


def from_mail(house, **fields):
    """The page that the button of the mail opens."""
    receipt = asked_back(house, **fields)
    item = receipt.items.order_by("pk").first()
    token = sign_link(receipt, LinkPurpose.ITEM, str(item.pk))
    return words(house.phone.get(reverse("private_happened", args=[token])).content.decode())


# --- the final report -------------------------------------------------------------------------


def a_report(
    house, *, numbers=(95, 60, 4), asked=True, told=True, noted=False, few=False, here=False, readers=0, waived=0,
    clear=False, plan=None, decision=None, version=1, published=True,
) -> FinalReport:  # fmt: skip
    """Of a trajectory that asked, answered and is finished.

    `told`: residents had an answer (about the first thing when `few` is not set; to one neighbourhood when `here`),
    `noted`: what was decided; `readers` have it on their page; for `waived` there was none, or they said it is `clear`.
    """
    trajectory = make_trajectory([house.area], house.by)
    if asked:
        survey = make_asked(trajectory, house.theme, numbers)
        topic = make_topic(f"option:{survey.pk}x", source=survey.subject, area=house.area, theme=house.theme)
        about = make_topic("reaction:1", source=survey.subject, area=house.area) if clear else topic
        for _one in range(waived):
            make_debt(about, owner=house.by, state=Owed.WAIVED)
    if asked and told:
        options = survey.current.document["layers"][0]["questions"][0]["options"]
        key = f"option:{options[2 if few else 0]['id']}"
        areas = [house.area] if here else []
        follow_up = answer_asked(survey, key=key, areas=areas)
        answer_asked(survey)
        FollowUpItem.objects.bulk_create(
            FollowUpItem(follow_up=follow_up, receipt=make_receipt()) for _one in range(readers)
        )
    if asked and noted:
        for subject in (house.theme.slug, "other"):
            ThemeReaction.objects.create(
                trajectory=trajectory, subject=subject, outcome=Outcome.NO, decided=WHY, why=WHY, owner=house.by,
                decided_on=today(-5),
            )  # fmt: skip
    ParticipationPlan.objects.filter(trajectory=trajectory).update(**plan or {})
    report = reports.begin_report(trajectory=trajectory, by=house.by)
    FinalReport.objects.filter(pk=report.pk).update(**decision or {})
    for number in range(1, version + 1):
        report = FinalReport.objects.select_related("trajectory__plan", "trajectory__owner").get(
            version=number
        )
        finish(report)
        if published or number == 1:
            reports.publish_report(report=report, by=house.by)
        if number < version:
            reports.correct(report=report, why=WHY, by=house.by)
    return report


def report_page(house, *, of=None, **fields):
    report = a_report(house, **fields)
    url = reverse("final_report", args=[report.trajectory_id])
    if of:
        url = report.trajectory.reports.get(version=of).get_absolute_url()
    return words(house.phone.get(url).content.decode())


def report_on_paper(house, **fields):
    report = a_report(house, **fields)
    url = reverse("final_report_file", args=[report.trajectory_id, report.version, "pdf"])
    return words(text_of(house.phone.get(url).content))


# --- the poster “You said, we did” ------------------------------------------------------------


def poster_on_paper(house, *, people=None, due=None, outcome=Outcome.NO):
    """As it hangs there: one answer, and perhaps one that is still owed."""
    cache.clear()
    hooks = SourceHooks(published_count=lambda source, key, area: people)
    house.monkeypatch.setattr(source_hooks, "_entries", {"tests": hooks})
    topic = make_topic("option:1", area=house.area, title="Bankjes")
    make_follow_up(state=FollowUpState.FANNED_OUT, key=topic.key, areas=[house.area], outcome=outcome)
    if due is not None:
        make_debt(make_topic("option:2", area=house.area), due=due)
    return words(text_of(said_data.said_poster_pdf(house.area, language="nl", size="a4")))


# --- the claims -------------------------------------------------------------------------------

YES, NO, PARTLY = {"happened": "yes"}, {"happened": "no"}, {"happened": "partly"}
MOVED, NEVER = {"moved": 60}, {"moved": 0}
UNASKED, NOTED = {"asked": False}, {"told": False, "noted": True}
DECIDED = {"decision": {"decision_on": today(-9), "decision_number": "2026-17"}}
NUMBERED = {"decision": {"decision_number": "2026-17"}}
LATER = {"plan": {"changes": [{"on": "2026-01-02", "what": WHY}]}}
NO_PLAN = {"plan": {"published_at": None}}
KEPT = "Vóór {-42} zou het er zijn. Is het er?"
PEOPLE = "Zo’n 160 mensen deden mee."

CLAIMS = [
    # whether it happened: the mail, the own page, the page from the mail
    (KEPT, back_mail, {}, MOVED, YES),
    (KEPT, back_mail, {"moved": 0, "goes_on": True}, NEVER, {"days": None}),
    ("Vóór {-400} zou het er zijn.", back_mail, {"days": -400}, {}, {"days": None}),
    ("Zebrapad: deden wij wat wij beloofden?", back_mail, {}, {"promises": 2}, {"days": -3}),
    ("Harbour: deden wij wat wij beloofden?", back_mail, {"promises": 2}, {}, {"days": -3}),
    (KEPT, own_page, {}, MOVED, UNASKED),
    (KEPT, own_page, {"moved": -42}, YES, {"days": -3}),
    ("Daarna schreven wij u hier opnieuw over.", from_mail, MOVED, {}, {"moved": -42}),
    ("Het is er dus niet.", own_page, NO, YES, {}),
    ("Wij lezen dit, en antwoorden u", own_page, NO, NO | {"answered": True}, YES),
    ("Een deel is er dus.", from_mail, PARTLY, NO, {}),
    # the final report
    (PEOPLE, report_page, {}, {"numbers": (30, 20, 4)}, UNASKED),
    ("“Keuze 0.0”: zo’n 95", report_page, {}, {"here": True}, {"few": True}),
    ("In totaal kregen zo’n 15 mensen antwoord", report_page, {"readers": 17}, {"readers": 9}, NOTED),
    ("Het zijn er te weinig om te zeggen", report_page, {"readers": 9}, {"readers": 15}, NOTED),
    (
        "Ongeveer 15 mensen kregen op iets geen",
        report_page,
        {"waived": 15},
        {"waived": 15, "clear": True},
        {},
    ),
    ("Het eerste antwoord kwam op", report_page, {}, NOTED, UNASKED),
    ("Er is via dit systeem nog niets verteld.", report_page, NOTED, {}, {"readers": 15}),
    ("Er is niets gezegd dat om een", report_page, UNASKED, {}, NOTED),
    ("Dit bleef zoals het was.", report_page, {}, LATER, NO_PLAN),
    ("Hieronder staat wat veranderde.", report_page, LATER, {}, NO_PLAN),
    ("Besloten op {-9}", report_page, DECIDED, {}, NUMBERED),
    ("Er is nog geen besluit", report_page, {}, DECIDED, NUMBERED),
    ("Er is een nieuwere versie", report_page, {"version": 2, "of": 1}, {"version": 2}, {}),
    # the same on paper
    (PEOPLE, report_on_paper, {}, {"numbers": (30, 20, 4)}, UNASKED),
    ("Er is nog geen besluit", report_on_paper, {}, DECIDED, NUMBERED),
    ("Zo’n 45 mensen zeiden Bankjes", poster_on_paper, {"people": 45}, {}, {"due": 5}),
    ("1 antwoord is te laat.", poster_on_paper, {"due": -2}, {"due": 5}, {}),
    ("Niemand wacht hier nog op een antwoord.", poster_on_paper, {}, {"due": 5}, {"due": -2}),
]


@each(CLAIMS)
def test_a_claim_stands_where_it_is_true(house, claim):
    claim.holds(house)


def test_a_report_says_on_paper_all_that_its_page_says(house):
    report = a_report(house, readers=15, **DECIDED)
    page = words(house.phone.get(report.get_absolute_url()).content.decode())
    url = reverse("final_report_file", args=[report.trajectory_id, 1, "pdf"])
    paper = words(text_of(house.phone.get(url).content))
    with translation.override("nl"):
        told = reports.render_report(report)
    said = [told.title, told.lead]
    for block in (block for section in told.sections for block in section["blocks"]):
        cells = [cell for row in block.get("rows", []) for cell in row]
        said += [block.get("text", ""), block.get("caption", ""), *block.get("items", []), *cells]
    assert len(said) > 50
    for one in said:
        assert words(one) in page and words(one) in paper, (one, paper)


def test_the_poster_says_what_its_page_says(house):
    poster = poster_on_paper(house, people=45, due=-2)
    page = words(house.phone.get(reverse("said"), {"area": house.area.slug}).content.decode())
    for said in ("Zo’n 45 mensen zeiden", "Bankjes", "Dit gaat door.", "95 buren noemden dit."):
        assert said in poster and said in page, (said, poster, page)
    assert "1 antwoord is te laat." in poster and "1 te laat" in page
