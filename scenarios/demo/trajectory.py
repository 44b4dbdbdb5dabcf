"""A trajectory of the demo and its final report."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from core.revision import revision
from feedback.models import EnvironmentNotice, FinalReport
from feedback.reports.services import reports
from feedback.states import Outcome
from neighbourhoods.advice.advice import AreaApproach
from neighbourhoods.advice.services import advice_for, decide_approach, set_resources
from neighbourhoods.models import ApproachDecision, Area, Backing, TalkBack, Theme, Trajectory
from neighbourhoods.states import Phase, Step, StepState, TalkBackKind
from neighbourhoods.trajectories import services
from scenarios.demo.people import (
    NEXT_MONTH,
    Neighbours,
    date_in_days,
    month,
    month_replacements,
    read_some,
    replace_texts,
)
from scenarios.demo.surveys import COUNCIL_WITHIN_DAYS, promise_before, release_answer, sign_as_backer
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.library.plan import bilingual
from surveys.models import Survey
from surveys.opening.services.running import close_survey, open_survey
from surveys.states import ChannelKind

# The trajectory that contains the open survey: its plan and its progress.


def make_trajectory(areas: dict[str, Area], people: dict[str, User]) -> Trajectory:
    """“Oosterhaven kiest”: its plan is published, so the survey may open."""
    editor, today = people["editor"], timezone.localdate()
    trajectory = services.start_trajectory(
        title="Oosterhaven kiest",
        areas=[areas[name] for name in ("Havenkom", "Sluisbuurt", "De Linde")],
        phase=Phase.PREPARATION,
        owner=editor,
        by=editor,
    )
    meeting, council = date_in_days(35), date_in_days(COUNCIL_WITHIN_DAYS)
    activities = [
        (
            bilingual(
                "Een peiling in vier tikken, op de telefoon en aan de deur",
                "A poll of four taps, by phone and at the door",
            ),
            today - timedelta(days=24),
        ),
        (
            bilingual("Koffie met wie niet vanzelf komt", "Coffee with those who don't come by themselves"),
            today + timedelta(days=14),
        ),
        (
            bilingual(
                "De uitkomst terug op tafel, in het Sluishuis",
                "The results back on the table, at the Sluishuis",
            ),
            meeting,
        ),
    ]
    plan = {
        "goal": bilingual(
            f"In {month(council, 'nl')} verdeelt de gemeenteraad € 40.000 over Oosterhaven. "
            "Waarvoor, dat kiezen wij samen.",
            f"In {month(council, 'en')} the council divides € 40,000 over Oosterhaven. What for, we choose together.",
        ),
        "fixed": bilingual(
            "Er is niet meer geld dan dit. Aan de huren kan de gemeente niets veranderen.",
            "There is no more money than this. The municipality can't change the rents.",
        ),
        "influence": "advise",
        "influence_why": bilingual(
            "De raad beslist over het geld. Wijkt zij af van wat u zegt, dan schrijft zij op waarom.",
            "The council decides on the money. If it decides otherwise than you say, it writes down why.",
        ),
        "who": bilingual(
            "Iedereen van Havenkom, de Sluisbuurt en De Linde. Wij gaan langs de deuren bij wie wij niet horen.",
            "Everybody of Havenkom, Sluisbuurt and De Linde. We go from door to door where we hear nobody.",
        ),
        "activities": [{"what": what, "on": on.isoformat()} for what, on in activities],
        "input_use": bilingual(
            "Uw wijkmanager leest alles en legt de drie meest genoemde wensen voor aan de raad.",
            "Your neighbourhood manager reads everything and puts the three wishes named most to the council.",
        ),
        "reporting": bilingual(
            "Op deze pagina, en persoonlijk aan wie een adres achterliet.",
            "On this page, and in person to whoever left an address.",
        ),
    }
    services.save_plan(plan=trajectory.plan, fields=plan, why={}, by=editor)
    services.publish_plan(plan=trajectory.plan, by=editor)
    for number in (Step.MANDATE, Step.DESK_PROFILE, Step.INVENTORY):
        services.move_step(step=trajectory.steps.get(number=number), to=StepState.DONE, by=editor)
    for number, days in ((Step.POLL, 18), (Step.TALK_BACK, 35), (Step.FEEDBACK, 54)):
        trajectory.steps.filter(number=number).update(owner=editor, due_on=today + timedelta(days=days))
    talk_back = TalkBack(
        kind=TalkBackKind.MEETING, on=meeting, at=time(19, 30), place="Sluishuis",
        asks=bilingual(
            "De drie wensen die het meest genoemd zijn gaan naar de raad. De andere niet, dit jaar.",
            "The three wishes that were named most go to the council. The others do not, this year.",
        ),
    )  # fmt: skip
    services.record_talk_back(trajectory=trajectory, talk_back=talk_back, by=editor)
    return trajectory


# Two final reports: one finished and public, one that still lacks reactions.


_PEOPLE = 60
AREA_NAME = "Molenhoek"

GREEN_PLAN = {
    "goal": bilingual(
        "Waar komen bomen en planten in Molenhoek?",
        "Where do trees and plants come in Molenhoek?",
    ),
    "fixed": bilingual(
        "Er is € 18.000. De leidingen onder de stoep blijven waar ze liggen.",
        "There is € 18,000. The pipes under the pavement stay where they are.",
    ),
    "influence": "advise",
    "influence_why": bilingual(
        "U weet waar het heet wordt. De tuinmannen weten wat er kan groeien.",
        "You know where it gets hot. The gardeners know what can grow.",
    ),
    "who": bilingual("Iedereen die in Molenhoek woont.", "Everybody who lives in Molenhoek."),
    "input_use": bilingual(
        "De groenbeheerder maakt er een plan van. Het college besluit.",
        "The green manager makes a plan of it. The aldermen decide.",
    ),
    "reporting": bilingual(
        "Op deze pagina, en persoonlijk aan wie een adres achterliet.",
        "On this page, and in person to whoever left an address.",
    ),
}
# chosen options -> subject, outcome, decided, why, what next; the last entry is for all other options
ANSWERS = (
    (
        ("Bomen langs de straat", "Schaduw waar kinderen spelen"),
        bilingual("bomen en schaduw", "trees and shade"),
        Outcome.ADOPTED,
        bilingual(
            "Dit gaat door. In november planten wij veertien bomen.",
            "This goes ahead. In November we plant fourteen trees.",
        ),
        bilingual(
            "Dit werd het meest genoemd, en er is geld voor.",
            "This was named most, and there is money for it.",
        ),
        bilingual("De eerste komen bij de speeltuin.", "The first come at the playground."),
    ),
    (
        ("Minder plassen na een bui", "Een tuin van de buurt", "Groene gevels en voortuinen"),
        bilingual("water en tuinen", "water and gardens"),
        Outcome.PARTLY,
        bilingual(
            "Een deel kan. De stoepen krijgen geveltuinen, de riolering blijft zoals zij is.",
            "Part of it can be done. The pavements get façade gardens, the sewers stay as they are.",
        ),
        bilingual(
            "Een ander riool kost € 900.000. Dat geld is er pas over zes jaar.",
            "Other sewers cost € 900,000. That money is there in six years.",
        ),
        bilingual(
            "Wie een geveltuin wil, belt de groenbeheerder.",
            "Whoever wants a garden calls the green manager.",
        ),
    ),
    (
        (),
        bilingual("alles wat u nog meer zei", "everything else you said"),
        Outcome.NOT_YET,
        bilingual(
            "Wij weten het nog niet. Wij nemen het mee naar het plan van volgend jaar.",
            "We don't know yet. We take it along to next year's plan.",
        ),
        bilingual("Voor dit plan is het geld op.", "For this plan the money is gone."),
        bilingual("In maart hoort u meer.", "In March you hear more."),
    ),
)


def make_finished_report(
    areas: dict[str, Area], people: dict[str, User], themes: dict[str, Theme]
) -> FinalReport:
    """“Groen in Molenhoek”, from mandate to report; only the look back is still to come."""
    editor, here, now = people["editor"], areas[AREA_NAME], timezone.localtime()
    began = now - timedelta(days=230)
    set_resources(area=here, mandate=True, mandate_of="wethouder wonen", budget=18_000, hours=12, by=editor)
    trajectory = _start("Groen in Molenhoek", [here], GREEN_PLAN, began, by=editor)
    _finish_phase(trajectory, began, Step.MANDATE, Step.DESK_PROFILE, Step.INVENTORY, by=editor)
    survey = _ask(trajectory, here, people, began + timedelta(days=14))
    read_some(survey, by=editor, themes=themes)
    asked = began + timedelta(days=60)
    _finish_phase(trajectory, asked, Step.POLL, Step.DEEPENING, by=editor)
    meeting = TalkBack(
        kind=TalkBackKind.MEETING, on=timezone.localdate(asked), place="De Molen",
        present=42, support_yes=25, support_partly=10, support_no=0,
        heard=bilingual("Zet de bomen zo dat de bankjes zon houden.",
          "Plant the trees so that the benches keep the sun."),
    )  # fmt: skip
    services.record_talk_back(trajectory=trajectory, talk_back=meeting, by=editor)
    decide_approach(
        area=here,
        chosen=AreaApproach.MAKE_TOGETHER,
        reason="Wij spraken buren met de peiling en in De Molen. Waar het heet wordt, weten zij. "
        "Wie wij misten, zoeken wij op bij het planten.",
        seen=advice_for(here).approach,
        by=editor,
        trajectory=trajectory,
    )
    ApproachDecision.objects.filter(trajectory=trajectory).update(decided_at=asked + timedelta(days=7))
    _finish_phase(trajectory, asked + timedelta(days=7), Step.TALK_BACK, Step.APPROACH, by=editor)
    for number, answer in enumerate(replace_texts(ANSWERS, _planted_text() | _later_text())):
        release_answer(survey, answer, by=editor, now=asked + timedelta(days=20 + 6 * number))
    _finish_phase(trajectory, asked + timedelta(days=40), Step.FEEDBACK, Step.START, by=editor)
    return _report(trajectory, now - timedelta(days=25), by=editor)


def _planted_text() -> dict[str, str]:
    return month_replacements("november", "November", date_in_days(NEXT_MONTH))


def _later_text() -> dict[str, str]:
    return month_replacements("maart", "March", date_in_days(3 * NEXT_MONTH))


def _start(title: str, where: list[Area], plan: dict, began: datetime, *, by: User) -> Trajectory:
    trajectory = services.start_trajectory(title=title, areas=where, phase=Phase.PREPARATION, owner=by, by=by)
    trajectory.started_on = timezone.localdate(began)
    trajectory.save(update_fields=["started_on"])
    activities = [
        {
            "what": bilingual("Een peiling, op de telefoon en op papier", "A poll, by phone and on paper"),
            "on": timezone.localdate(began + timedelta(days=14)).isoformat(),
        },
        {
            "what": bilingual("De uitkomst terug op tafel", "The results back on the table"),
            "on": timezone.localdate(began + timedelta(days=60)).isoformat(),
        },
    ]
    fields = plan | {"activities": activities}
    services.save_plan(plan=trajectory.plan, fields=fields, why={}, by=by)
    services.publish_plan(plan=trajectory.plan, by=by, now=began)
    return trajectory


def _finish_phase(trajectory: Trajectory, when: datetime, *steps: Step, by: User) -> None:
    for number in steps:
        step = trajectory.steps.get(number=number)
        services.move_step(step=step, to=StepState.DONE, by=by, now=when)


def _ask(trajectory: Trajectory, here: Area, people: dict[str, User], opened: datetime) -> Survey:
    editor = people["editor"]
    planted = {
        "Het plantseizoen begint": "Wij planten",
        "Planting begins": "We plant",
        "Dit najaar": "Dit jaar",
        "dit najaar": "dit jaar",
        "This autumn": "This year",
        "this autumn": "this year",
    }
    plan = replace_texts(replace_texts(LIBRARY["green"], planted), _planted_text())
    survey = start_survey(plan=plan, areas=[here], languages=["nl", "en"], trajectory=trajectory, by=editor)
    survey.promise_before = timezone.localdate(opened + timedelta(days=90))
    survey.erase_on = timezone.localdate() + timedelta(days=200)
    survey.promise = promise_before(survey.promise_before)
    survey.save()
    confirm_all(survey=survey, by=editor)
    publish_survey(survey=survey, by=editor, now=opened)
    survey.refresh_from_db()
    add_channel(survey=survey, kind=ChannelKind.POSTER, name="Poster bij De Molen", code="veld", by=editor)
    sign_as_backer(survey, by=editor, backer=people["backer"])
    Backing.objects.filter(subject__startswith=f"{survey.subject}:").update(decided_at=opened)
    open_survey(survey=survey, by=editor, now=opened)
    Neighbours(survey, first_day=timezone.localdate(opened), days=30).answer(_PEOPLE, addresses=20)
    close_survey(survey=survey, by=editor, now=opened + timedelta(days=35))
    return survey


def _report(trajectory: Trajectory, now: datetime, *, by: User) -> FinalReport:
    asked = trajectory.started_on + timedelta(days=60)
    reports.switch_environment(trajectory=trajectory, on=True, by=by)
    notice = {
        "who": bilingual(
            "Iedereen die in Molenhoek woont of werkt.", "Everybody who lives or works in Molenhoek."
        ),
        "about": bilingual("Waar bomen en planten komen.", "Where trees and plants come."),
        "when": bilingual(
            f"Van {month(trajectory.started_on, 'nl')} tot en met {month(asked, 'nl')}.",
            f"From {month(trajectory.started_on, 'en')} up to and including {month(asked, 'en')}.",
        ),
        "roles": bilingual(
            "De gemeente vraagt, maakt het plan en besluit.",
            "The municipality asks, makes the plan and decides.",
        ),
        "more": bilingual("Op deze site, of bel 14 099.", "On this site, or call 14 099."),
    }
    reports.write_notice(notice=trajectory.environment_notice, fields=notice, publish=True, by=by)
    announced = now.replace(year=asked.year, month=asked.month, day=asked.day) - timedelta(days=60)
    EnvironmentNotice.objects.filter(trajectory=trajectory).update(published_at=announced)
    report = reports.begin_report(trajectory=trajectory, by=by)
    written = {
        "introduction": bilingual(
            "In de zomer is Molenhoek een van de heetste buurten van Waterdam. "
            "Wij vroegen waar groen het hardst nodig is.",
            "In summer Molenhoek is one of the hottest neighbourhoods of Waterdam. "
            "We asked where green is needed most.",
        ),
        "closing": bilingual(
            "Dank aan wie meedeed. Wie wil helpen planten, is op de eerste zaterdag van november welkom.",
            "Thanks to all who took part. Whoever wants to help plant is welcome on the first Saturday of November.",
        ),
        "happened": {
            "activity1": bilingual(
                "De peiling ging open zoals gepland. Op papier kwam er niets binnen.",
                "The poll opened as planned. Nothing came in on paper.",
            ),
            "activity2": bilingual(
                "Het was een volle avond in De Molen.", "It was a full evening at De Molen."
            ),
        },
        "decision_number": f"{now.year}-0417",
        "decision_on": timezone.localdate(now),
        "decision_by": bilingual("Het college van burgemeester en wethouders", "The mayor and aldermen"),
        "decision_url": f"https://waterdam.example/besluiten/{now.year}-0417",
    }
    reports.save_report_draft(report=report, fields=replace_texts(written, _planted_text()), by=by)
    seen = revision(reports.build_all_languages(report))
    report = reports.finish_report(report=report, seen=seen, by=by, now=now)
    reports.publish_report(report=report, by=by, now=now)
    return report


def make_lacking_report(closed: Survey, people: dict[str, User]) -> FinalReport:
    """“Ontmoeten in Westpolder”: the earlier survey, in which some themes have no answer yet."""
    editor = people["editor"]
    plan = GREEN_PLAN | {
        "goal": bilingual("Hoe komen buren in Westpolder elkaar tegen?", "How do neighbours in Westpolder meet?"),
        "fixed": bilingual("De bibliotheek blijft open. Er is geen geld voor een nieuw gebouw.",
                   "The library stays open. There is no money for a new building."),
        "influence_why": bilingual("U weet waar u elkaar tegenkomt.", "You know where you meet."),
        "who": bilingual("Iedereen die in Westpolder woont.", "Everybody who lives in Westpolder."),
        "input_use": bilingual("De wijkmanager vraagt de plekken die het meest genoemd zijn of zij opengaan.",
                       "The neighbourhood manager asks the places named most to open their doors."),
    }  # fmt: skip
    began = timezone.localtime() - timedelta(days=120)
    trajectory = _start("Ontmoeten in Westpolder", list(closed.areas.all()), plan, began, by=editor)
    Survey.objects.filter(pk=closed.pk).update(trajectory=trajectory)
    _finish_phase(trajectory, began, Step.MANDATE, Step.DESK_PROFILE, Step.INVENTORY, by=editor)
    _finish_phase(trajectory, began + timedelta(days=65), Step.POLL, by=editor)
    return reports.begin_report(trajectory=trajectory, by=editor)
