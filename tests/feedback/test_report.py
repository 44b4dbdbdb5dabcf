"""The final report: what it says, what keeps it from being finished, and that it stays as it was."""

import io
import zipfile
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback.contributions.services.listening import save_reading
from feedback.models import EnvironmentNotice, FinalReport, FollowUp, ThemeReaction
from feedback.reports.services import reports
from feedback.reports.services.report_themes import OTHER_SUBJECT, subjects_of, subjects_without_reaction
from feedback.states import Outcome, Reading
from neighbourhoods.advice.services import change_rules
from neighbourhoods.models import ParticipationRules, Trajectory
from neighbourhoods.states import Step, StepState
from neighbourhoods.trajectories.documents import XML_NAMESPACES
from neighbourhoods.trajectories.services import move_step
from tests.feedback.factories import make_contribution, make_debt, make_follow_up, make_topic
from tests.feedback.reports import answer, finish, make_asked, make_ready, make_trajectory
from tests.people import make_municipality, make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_languages(db):
    make_municipality(languages=["nl", "en"])


@pytest.fixture
def ready(area, editor) -> FinalReport:
    return make_ready([area], editor)


@pytest.fixture
def desk(editor) -> Client:
    return signed_in(editor)


def section(report: FinalReport, slug: str, language: str = "en") -> str:
    """All words of one section, cell by cell."""
    with translation.override(language):
        found = next(
            (one for one in reports.render_report(report).sections if one["slug"] == slug), {"blocks": []}
        )
    words = []
    for block in found["blocks"]:
        words += [
            block.get("text", ""),
            block.get("caption", ""),
            *block.get("items", []),
            *block.get("head", []),
        ]
        words += [cell for row in block.get("rows", []) for cell in row]
    return "\n".join(filter(None, words))


def standing(report: FinalReport) -> list[str]:
    return [subject.slug for subject in reports.report_readiness(report.trajectory).lacking]


# --- what it says -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("procedure", ["How much influence residents had", "The survey “What does the neighbourhood need?”"]),
        (
            "plan",
            [
                "A square for everybody.",
                "About 160 people took part in the survey.",
                "This stayed as it was.",
            ],
        ),
        ("reach", ["About 160 people took part. They came by themselves.", "does not hold for everybody"]),
        ("input", ["Question 1?", "Choice 0.0", "95", "60", "not shown"]),
        ("reaction", ["This goes ahead.", "95 neighbours named this.", "Partly"]),
        ("told", ["Everybody who had no answer yet"]),
        ("decision", ["There is no decision to refer to yet."]),
        ("means", ["was not noted"]),
    ],
)
def test_what_a_section_says(slug, words, ready):
    said = section(ready, slug)
    assert all(each in said for each in words), said


def test_it_speaks_every_language_of_the_municipality(ready):
    assert "Keuze 0.0" in section(ready, "input", "nl") and "Choice 0.0" in section(ready, "input", "en")


def test_what_is_written_stands_above_what_is_made(ready, editor):
    reports.save_report_draft(
        report=ready,
        fields={
            "introduction": {"nl": "Zo begon het."},
            "sentences": {"means": {"nl": "Er was weinig.", "en": "There was little."}},
            "happened": {"activity1": {"nl": "Die ging door.", "en": "It went ahead."}},
            "decision_number": "2026-17",
            "content": {"nl": "forged"},
        },
        by=editor,
    )
    assert section(ready, "means").startswith("There was little.")
    assert "It went ahead." in section(ready, "plan") and "Number: 2026-17" in section(ready, "decision")
    with translation.override("en"):
        introduction = reports.render_report(ready).introduction
    assert introduction == [{"kind": "said", "text": "Zo begon het.", "lang": "nl"}], (
        "it tells which language"
    )
    assert ready.content == {}, "only what staff write is written"


def test_sections_and_their_order_are_the_municipalitys(ready, administrator):
    own = [
        {"slug": "reaction", "title": {"nl": "Ons antwoord"}},
        {"slug": "thanks", "title": {"nl": "Met dank aan"}},
    ]
    change_rules(section="report", changes={"report_sections": own}, by=administrator)
    ParticipationRules().forget_cached()
    with translation.override("nl"):
        assert [one["title"] for one in reports.render_report(ready).sections] == ["Ons antwoord"], (
            "an empty one stays away"
        )
        reports.save_report_draft(
            report=ready, fields={"sentences": {"thanks": {"nl": "De Molen."}}}, by=administrator
        )
        assert [one["title"] for one in reports.render_report(ready).sections] == [
            "Ons antwoord",
            "Met dank aan",
        ]


def test_the_order_is_set_on_the_desk(administrator):
    desk, url = signed_in(administrator), reverse("participation_section", args=["report"])
    form = desk.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {
        "place-decision": "1",
        "place-procedure": "9",
    }
    assert desk.post(url, sent | {"was": ""}).status_code == 302
    assert next(iter(ParticipationRules.uncached().sections())) == "decision"


# --- what few people said -----------------------------------------------------------------------


def test_a_theme_that_few_named_is_not_named(area, editor):
    trajectory = make_trajectory([area], editor)
    survey = make_asked(trajectory, make_theme("square"), (95, 60, 4))
    debts = make_theme("debts", name={"nl": "Schulden", "en": "Debts"})
    make_debt(make_topic("theme:debts", source=survey.subject, area=area, theme=debts), owner=editor)
    answer(survey, key="theme:debts", decided={"nl": "Bel ons.", "en": "Call us."})
    report = reports.begin_report(trajectory=trajectory, by=editor)
    said = section(report, "reaction") + section(report, "input") + section(report, "told")
    assert "Debts" not in said and "What few people named" in said and "Call us." in said


def test_a_text_wants_a_reaction_under_the_theme_it_was_given(area, editor):
    """Its question is about nothing in particular: nobody is asked for a reaction on “other subjects”."""
    trajectory = make_trajectory([area], editor)
    survey = make_asked(trajectory, make_theme("square"))
    green = make_theme("green", name={"nl": "Groen", "en": "Green"})
    text = make_contribution(make_topic("question:9", source=survey.subject, area=area), text="Meer bomen.")
    make_debt(contribution=text, owner=editor)
    assert [one.slug for one in subjects_without_reaction(subjects_of(trajectory))] == [
        "square",
        OTHER_SUBJECT,
    ]
    save_reading(contribution=text, seen=text.revision, reading=Reading.CLEAR, themes=[green], by=editor)
    assert {one.slug for one in subjects_without_reaction(subjects_of(trajectory))} == {"square", "green"}
    answer(survey, key="theme:green")
    assert [one.slug for one in subjects_without_reaction(subjects_of(trajectory))] == ["square"]


def test_an_answer_to_a_part_of_the_people_counts_nobody(area, editor):
    trajectory = make_trajectory([area], editor)
    survey = make_asked(trajectory, make_theme("square"))
    key = next(one.key for one in subjects_of(trajectory)[0].said if one.people == 95)
    answer(survey, key=key)
    report = reports.begin_report(trajectory=trajectory, by=editor)
    assert "“Keuze 0.0”: about 95" in section(report, "told", "en").replace("Choice", "Keuze")
    FollowUp.objects.update(
        audience={"source": survey.subject, "key": key, "theme": None, "areas": [area.pk]}
    )
    assert "about 95" not in section(report, "told")


# --- what keeps it from being finished ----------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "lacks"),
    [
        ({}, True),
        ({"key": ""}, False),
        ({"key": "first"}, False),
        ({"theme": "its"}, False),
        ({"theme": "another"}, True),
        ({"key": "option:404"}, True),
        ({"key": "", "source": "survey:404"}, True),
        ({"key": "", "state": "hold"}, True),
        ({"key": "", "outcome": Outcome.NO, "why": {}}, True),
        ({"key": "", "outcome": Outcome.ADOPTED, "why": {}}, False),
    ],
    ids=lambda one: str(one),
)
def test_a_theme_lacks_a_reaction(told, lacks, area, editor):
    trajectory = make_trajectory([area], editor)
    theme, another = make_theme("square"), make_theme("another")
    survey = make_asked(trajectory, theme)
    if told:
        first = subjects_of(trajectory)[0].said[0].key
        named = {"key": "", "source": survey.subject, "state": "fanned_out"} | told
        named["key"] = first if named["key"] == "first" else named["key"]
        named["theme"] = {"its": theme.pk, "another": another.pk}.get(named.get("theme"))
        make_follow_up(owner=editor, **named)
    report = reports.begin_report(trajectory=trajectory, by=editor)
    assert standing(report) == (["square"] if lacks else [])
    if lacks:
        with pytest.raises(DomainError):
            finish(report)
        assert not FinalReport.objects.finished().exists()


def test_what_was_corrected_is_told_by_its_correction(area, editor):
    trajectory = make_trajectory([area], editor)
    survey = make_asked(trajectory, make_theme("square"))
    wrong = answer(survey, decided={"nl": "Fout.", "en": "Wrong."})
    answer(survey, corrects=wrong, decided={"nl": "Goed.", "en": "Right."})
    said = section(reports.begin_report(trajectory=trajectory, by=editor), "reaction")
    assert "Right." in said and "Wrong." not in said


def test_noting_what_was_decided_gives_a_reaction_and_answers_nobody(area, editor, desk):
    trajectory = make_trajectory([area], editor)
    survey = make_asked(trajectory, make_theme("square"))
    debt = make_debt(make_topic(source=survey.subject, area=area), owner=editor)
    report = reports.begin_report(trajectory=trajectory, by=editor)
    url = reverse("report_reaction", args=[trajectory.pk, "square"])
    sent = {
        "outcome": "no",
        "decided_nl": "Dit doen wij niet.",
        "owner": editor.pk,
        "on": "2026-10-10",
    }
    assert desk.post(url, sent).status_code == 422, "a no without why"
    assert desk.post(url, sent | {"why_nl": "Er is geen geld."}).status_code == 302
    assert standing(report) == ["other"]
    assert "Er is geen geld." in section(report, "reaction", "nl")
    debt.refresh_from_db()
    assert debt.state == "open"
    with pytest.raises(IntegrityError), transaction.atomic():
        ThemeReaction.objects.update(why={})


def test_the_page_lists_what_lacks_and_the_way(area, editor, desk):
    trajectory = make_trajectory([area], editor)
    survey = make_asked(trajectory, make_theme("square", name={"nl": "Plein", "en": "Square"}))
    url = reverse("report", args=[trajectory.pk])
    page = desk.get(url).content.decode()
    assert reverse("report_reaction", args=[trajectory.pk, "square"]) in page and "nog geen antwoord" in page
    topic = subjects_of(trajectory)[0]
    make_debt(make_topic("extra", source=survey.subject, area=area, theme_id=topic.theme), owner=editor)
    (answer,) = desk.get(url).context["subjects"][0][0].to_answer
    assert answer.people == desk.get(answer.url).context["reach"].readers == 1


def test_not_before_everybody_was_answered(area, editor):
    trajectory = make_trajectory([area], editor, answered=False)
    answer(make_asked(trajectory, make_theme("square")))
    with pytest.raises(DomainError, match=str(Step.FEEDBACK.label)):
        finish(reports.begin_report(trajectory=trajectory, by=editor))


def test_the_step_is_done_by_finishing_alone(ready, editor):
    step = ready.trajectory.steps.get(number=Step.REPORT)
    with pytest.raises(DomainError):
        move_step(step=step, to=StepState.DONE, by=editor)
    finish(ready)
    step.refresh_from_db()
    assert step.state == StepState.DONE
    assert Event.objects.filter(verb="finished final report", actor=editor).count() == 1


# --- frozen, published, corrected -----------------------------------------------------------------


def test_a_finished_report_does_not_change(ready, editor):
    report = finish(ready)
    before = section(report, "reaction"), section(report, "input", "nl")
    FollowUp.objects.update(decided={"nl": "Anders.", "en": "Different."})
    Trajectory.objects.update(title="Iets anders")
    report = FinalReport.objects.get()
    assert (section(report, "reaction"), section(report, "input", "nl")) == before
    with pytest.raises(InvalidTransition):
        reports.save_report_draft(report=report, fields={"introduction": {"nl": "Nee"}}, by=editor)
    with pytest.raises(InvalidTransition):
        finish(report)


def test_what_is_confirmed_is_what_was_read(ready, editor, desk):
    url = reverse("report_finish", args=[ready.trajectory_id])
    seen = desk.get(url).context["seen"]
    assert desk.post(url, {"seen": seen}).status_code == 422, "without the tick"
    answer_ = FollowUp.objects.get()
    FollowUp.objects.filter(pk=answer_.pk).update(decided={"nl": "Toch niet.", "en": "Not after all."})
    assert desk.post(url, {"seen": seen, "read": "on"}).status_code == 409
    seen = desk.get(url).context["seen"]
    assert desk.post(url, {"seen": seen, "read": "on"}).status_code == 302
    assert FinalReport.objects.get().finished_by == editor


def test_public_once_published(ready, desk):
    pk = ready.trajectory_id
    address = reverse("final_report", args=[pk])
    assert desk.post(reverse("report_publish", args=[pk, 1])).status_code == 302
    assert Client().get(address).status_code == 404, "not finished, so not published"
    report = finish(ready)
    assert Client().get(address).status_code == 404
    for _press in range(2):
        desk.post(reverse("report_publish", args=[pk, 1]))
    assert Client().get(address).status_code == Client().get(report.get_absolute_url()).status_code == 200
    assert Event.objects.filter(verb="published final report").count() == 1


def test_a_correction_is_a_new_version_with_a_reason(ready, editor, desk):
    report = finish(ready)
    reports.publish_report(report=report, by=editor)
    url = reverse("report_correct", args=[ready.trajectory_id, 1])
    assert desk.post(url, {"why_nl": ""}).status_code == 422
    assert desk.post(url, {"why_nl": "Het bedrag klopte niet."}).status_code == 302
    assert Client().get(reverse("final_report", args=[ready.trajectory_id])).context["report"].version == 1
    second = FinalReport.objects.get(version=2)
    finish(second)
    reports.publish_report(report=second, by=editor)
    page = Client().get(reverse("final_report", args=[ready.trajectory_id]))
    assert page.context["report"].version == 2 and "Het bedrag klopte niet." in page.content.decode()
    first = Client().get(report.get_absolute_url())
    assert first.context["newer"].version == 2 and "Het bedrag" not in first.content.decode()
    with pytest.raises(InvalidTransition):
        reports.correct(report=report, why={"nl": "Nog eens."}, by=editor)


def test_a_correction_of_a_closed_trajectory(ready, editor):
    finish(ready)
    Trajectory.objects.update(closed_on=timezone.localdate())
    made = reports.correct(report=FinalReport.objects.get(), why={"nl": "Fout."}, by=editor)
    assert finish(made).is_finished


@pytest.mark.parametrize(
    "fields",
    [
        {"published_at": timezone.now()},
        {"finished_at": timezone.now()},
        {"content": {"nl": {}}},
        {"version": 2},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_a_row_can_never_be(fields, ready):
    with pytest.raises(IntegrityError), transaction.atomic():
        FinalReport.objects.filter(pk=ready.pk).update(**fields)


def test_one_is_written_at_a_time(ready, editor):
    assert reports.begin_report(trajectory=ready.trajectory, by=editor) == ready
    with pytest.raises(IntegrityError), transaction.atomic():
        FinalReport.objects.create(trajectory=ready.trajectory, version=2, why_corrected={"nl": "x"})


def test_two_who_write_at_once_are_told_of_each_other(ready, desk):
    url = reverse("report_write", args=[ready.trajectory_id])
    form = desk.get(url).context["form"]
    was = str(form.was()).split('value="')[1].split('"')[0].replace("&quot;", '"')
    assert desk.post(url, {"introduction_nl": "Van de een.", "was": was}).status_code == 302
    told = desk.post(url, {"introduction_nl": "Van de ander.", "was": was})
    assert told.status_code == 409 and "Van de een." in told.content.decode()


# --- as documents ---------------------------------------------------------------------------------


def unzipped(content: bytes, name: str = "content.xml") -> Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist()[0] == "mimetype" and archive.testzip() is None
        assert archive.read("mimetype") == b"application/vnd.oasis.opendocument.text"
        return fromstring(archive.read(name))


def test_as_pdf_it_is_tagged(ready, editor):
    reports.publish_report(report=finish(ready), by=editor)
    sent = Client().get(reverse("final_report_file", args=[ready.trajectory_id, 1, "pdf"]))
    assert sent["Content-Type"] == "application/pdf"
    assert b"/StructTreeRoot" in sent.content and b"pdfuaid:part>1<" in sent.content


def test_as_odt_it_opens_again(ready, editor):
    reports.publish_report(report=finish(ready), by=editor)
    url = reverse("final_report_file", args=[ready.trajectory_id, 1, "odt"])
    sent = Client().get(url, headers={"accept-language": "nl"})
    assert 'filename="eindverslag-het-plein-1.odt"' in sent["Content-Disposition"]
    body = unzipped(sent.content)
    headings = [
        (h.get(f"{{{XML_NAMESPACES['text']}}}outline-level"), h.text)
        for h in body.iterfind(".//text:h", XML_NAMESPACES)
    ]
    assert ("1", "Wat bewoners inbrachten") in headings and {level for level, _text in headings} == {"1", "2"}
    tables = body.findall(".//table:table", XML_NAMESPACES)
    assert tables and all(
        table.find("table:table-header-rows", XML_NAMESPACES) is not None for table in tables
    )
    assert all(table.find("table:title", XML_NAMESPACES).text for table in tables)
    cells = [p.text for p in body.iterfind(".//table:table-cell/text:p", XML_NAMESPACES)]
    assert "Keuze 0.0" in cells and "95" in cells
    meta = unzipped(sent.content, "meta.xml")
    assert (
        meta.find(".//dc:language", XML_NAMESPACES).text == "nl"
        and "Het plein" in meta.find(".//dc:title", XML_NAMESPACES).text
    )
    default = unzipped(sent.content, "styles.xml").find(
        ".//style:default-style/style:text-properties", XML_NAMESPACES
    )
    assert default.get(f"{{{XML_NAMESPACES['fo']}}}language") == "nl"


def test_a_draft_is_for_the_desk_alone(ready, viewer):
    url = reverse("report_file", args=[ready.trajectory_id, 1, "odt"])
    sent = signed_in(viewer).get(url, headers={"accept-language": "en"})
    assert 'filename="final-report-het-plein-1-draft.odt"' in sent["Content-Disposition"]
    assert "Draft of" in "".join(unzipped(sent.content).itertext())
    assert Client().get(reverse("final_report_file", args=[ready.trajectory_id, 1, "odt"])).status_code == 404
    assert (
        signed_in(viewer).get(reverse("report_file", args=[ready.trajectory_id, 1, "doc"])).status_code == 404
    )


def test_signs_for_machines_and_markup_are_text(ready, editor):
    words = {"introduction": {"nl": "a\x0bb <b> #strong[x] \ufffe &amp;"}}
    reports.save_report_draft(report=ready, fields=words, by=editor)
    report = finish(ready)
    with translation.override("nl"):
        document = reports.report_document(report)
    from neighbourhoods.trajectories.documents import as_odt, as_pdf

    assert as_pdf(document).startswith(b"%PDF")
    assert "ab <b> #strong[x]  &amp;" in "".join(unzipped(as_odt(document)).itertext())


# --- the Omgevingswet -------------------------------------------------------------------------


NOTICE = {f"{name}_nl": f"{name} in woorden" for name in EnvironmentNotice.FIELDS}


def test_switched_on_per_trajectory(ready, desk):
    pk = ready.trajectory_id
    assert section(ready, "environment") == ""
    assert desk.post(reverse("environment_switch", args=[pk]), {"on": "1"}).status_code == 302
    said = section(ready, "environment")
    assert "How they were involved" in said and "A poll" in said and "1 × partly" in said
    assert desk.post(reverse("environment_switch", args=[pk]), {"on": "0"}).status_code == 302
    assert section(ready, "environment") == ""


def test_the_notice_is_complete_before_it_is_published(ready, desk, editor):
    pk = ready.trajectory_id
    reports.switch_environment(trajectory=ready.trajectory, on=True, by=editor)
    url = reverse("environment_write", args=[pk])
    lacks = NOTICE | {"when_nl": ""}
    assert desk.post(url, lacks | {"publish": "1"}).status_code == 422
    assert Client().get(reverse("environment_notice", args=[pk])).status_code == 404
    assert desk.post(url, NOTICE | {"publish": "1"}).status_code == 302
    page = Client().get(reverse("environment_notice", args=[pk])).content.decode()
    assert all(words in page for words in NOTICE.values())
    pdf = Client().get(reverse("environment_notice_file", args=[pk, "pdf"])).content
    assert b"pdfuaid:part>1<" in pdf
    odt = Client().get(reverse("environment_notice_file", args=[pk, "odt"])).content
    assert "roles in woorden" in "".join(unzipped(odt).itertext())
    assert desk.post(url, lacks).status_code == 422, "what is published stays complete"
    with pytest.raises(DomainError):
        reports.switch_environment(trajectory=ready.trajectory, on=False, by=editor)


def test_residents_find_it_on_the_page_of_their_neighbourhood(ready, editor, area):
    url = reverse("neighbourhood", args=[area.slug])
    assert reverse("final_report", args=[ready.trajectory_id]) not in Client().get(url).content.decode()
    reports.publish_report(report=finish(ready), by=editor)
    assert reverse("final_report", args=[ready.trajectory_id]) in Client().get(url).content.decode()


def test_whoever_decided_may_leave(ready, editor):
    finish(ready, by=make_user(email="gone@example.nl"))
    FinalReport.objects.get().finished_by.delete()
    assert FinalReport.objects.get().is_finished
