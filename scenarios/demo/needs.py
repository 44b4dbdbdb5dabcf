"""Needs, challenges and the square of the demo."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from feedback.answers.services import compose
from feedback.answers.services.release import end_holds, fan_out_released, schedule_release
from feedback.models import FollowUp, Topic
from feedback.private import services as private
from initiatives.challenges import services as challenges
from initiatives.challenges.services import ChallengeRequest, Decision
from initiatives.models import Challenge, Initiative, Meeting, Need
from initiatives.needs.services.need_sources import link_need
from initiatives.needs.services.needs import change_need_state, make_need
from initiatives.states import Applicant, ChallengeState, NeedState, Urgency
from neighbourhoods.models import Area, Place, Theme
from scenarios.demo.people import (
    NEXT_MONTH,
    Neighbours,
    date_in_days,
    day_replacements,
    month,
    month_replacements,
    replace_texts,
)
from scenarios.demo.surveys import ERASE_AFTER_DAYS, promise_before, sign_as_backer
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.library.plan import LayerPlan, QuestionPlan, bilingual
from surveys.models import Statement, Survey
from surveys.opening.services.running import open_survey
from surveys.publication.services import take_snapshot
from surveys.results.services.moderation import decide_statements
from surveys.states import ChannelKind

# Needs of Waterdam, made from responses: one taken up, one not, one without a link.


NEEDS = (
    (
        "meeting", "Oosterhaven", Urgency.NOW,
        bilingual("Een plek waar u ook ’s avonds zomaar kunt binnenlopen",
          "A place to drop in, in the evening as well"),
        bilingual("Wie geen Nederlands of Engels leest, spraken wij nog niet.",
          "We did not yet speak to people who read no Dutch or English."),
    ),
    (
        "green", "Sluisbuurt", Urgency.THIS_YEAR,
        bilingual("Meer schaduw en minder stenen in de straat", "More shade and fewer stones in the street"), {},
    ),
    (
        "help", "De Linde", Urgency.NOW,
        bilingual("Hulp met brieven en formulieren, dichtbij", "Help with letters and forms, close by"), {},
    ),
    (
        "safety", "Oosterhaven", Urgency.THIS_YEAR,
        bilingual("Licht op het pad langs het water", "Light on the path along the water"), {},
    ),
    (
        "youth", "Oosterhaven", Urgency.CAN_WAIT,
        bilingual("Een plek om huiswerk te maken", "A place to do homework"),
        bilingual("Ouders van kinderen op de basisschool hoorden wij weinig.",
          "We heard little from parents of children at primary school."),
    ),
    (
        "traffic", "Havenkom", Urgency.THIS_YEAR,
        bilingual("Een bushalte die dichterbij is", "A bus stop that is closer by"), {},
    ),
)  # fmt: skip
OPEN_AT_NIGHT = bilingual(
    "De wijkmanager praat met Welzijn Waterdam over de donderdagavond.",
    "The neighbourhood manager talks with Welzijn Waterdam about Thursday evenings.",
)
THURSDAYS = bilingual(
    "Vanaf volgende maand is het Sluishuis op donderdagavond open.",
    "From next month the Sluishuis is open on Thursday evenings.",
)
LAMPS = bilingual(
    "Wij tellen deze maand op drie avonden wie er langs het water loopt, en waar het donker is.",
    "This month we count on three evenings who walks along the water, and where it is dark.",
)
HOMEWORK = bilingual(
    "In de bibliotheek is op maandag en donderdag hulp bij het huiswerk. Er is plaats.",
    "At the library there is help with homework on Mondays and Thursdays. There is room.",
)
SHADE = bilingual(
    "De straat kiest zelf zes bomen, met de buurttuin.",
    "The street chooses six trees itself, with the neighbourhood garden.",
)
NO_STOP = bilingual(
    "Over de halte gaat het busbedrijf. Dat verandert de route dit jaar niet; volgend jaar vragen wij het opnieuw.",
    "The bus company decides on the stop. It will not change the route this year; next year we ask again.",
)


def make_needs(
    survey: Survey, areas: Mapping[str, Area], themes: Mapping[str, Theme], *, by: User
) -> dict[str, Need]:
    """Needs by theme. A theme that nobody named in this demo is left out."""
    today, made = timezone.localdate(), {}
    for theme, where, urgency, title, missing in NEEDS:
        inside = Area.objects.inside([areas[where].pk])
        topics = Topic.objects.filter(source=survey.subject, theme=themes[theme], area__in=inside)
        if theme == "traffic":  # only written answers are about the bus stop, the options are not
            topics = topics.exclude(key__startswith="option:")
        if topics.exists():
            made[theme] = make_need(
                title=title, theme=themes[theme], area=areas[where], urgency=urgency, missing=missing,
                topics=topics, by=by, on=today - timedelta(days=16),
            )  # fmt: skip
    if meeting := made.get("meeting"):
        for state, words, days in (
            (NeedState.LOOKED_INTO, OPEN_AT_NIGHT, 12),
            (NeedState.TAKEN_UP, THURSDAYS, 3),
        ):
            day = today - timedelta(days=days)
            change_need_state(need=meeting, to=state, seen=meeting.state, words=words, by=by, on=day)
        link_need(need=meeting, what=f"place:{Place.objects.get(name='Het Sluishuis').pk}", by=by)
        coffee = Initiative.objects.get(name__nl="Koffie in het Sluishuis")
        link_need(need=meeting, what=f"initiative:{coffee.pk}", by=by)
        if not coffee.meetings.exists():
            _meets(coffee)
    _step(made.get("safety"), NeedState.LOOKED_INTO, LAMPS, by)
    if help_ := made.get("help"):  # linked to an approach, not yet taken up
        link_need(need=help_, what="approach:neighbour-help", by=by)
    if youth := made.get("youth"):
        homework = Initiative.objects.get(name__nl__startswith="Huiswerk")
        link_need(need=youth, what=f"initiative:{homework.pk}", by=by)
        _step(youth, NeedState.MET, HOMEWORK, by)
    if green := made.get("green"):
        garden = Initiative.objects.get(name__nl__startswith="Buurttuin")
        link_need(need=green, what=f"initiative:{garden.pk}", by=by)
        _step(green, NeedState.TAKEN_UP, SHADE, by)
    if traffic := made.get("traffic"):
        change_need_state(need=traffic, to=NeedState.NOT_TAKEN_UP, seen=traffic.state, words=NO_STOP, by=by)
    return made


def _step(need: Need | None, to: NeedState, words: dict[str, str], by: User) -> None:
    if need:
        change_need_state(need=need, to=to, seen=need.state, words=words, by=by)


def _meets(coffee: Initiative) -> None:
    """Meetings on the next four Tuesdays at ten."""
    now = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    tuesday = now + timedelta(days=(1 - now.weekday()) % 7 or 7)
    Meeting.objects.bulk_create(
        Meeting(initiative=coffee, starts_at=tuesday + timedelta(weeks=week), where="Sluishuis")
        for week in range(4)
    )


# Challenges in the demo: one in each state, each with its deadline. Fictional.


DECIDING_BODY = "het college van burgemeester en wethouders"
SIGNATURE = bilingual("uw wijkmanager", "your neighbourhood manager")


@dataclass(frozen=True)
class Story:
    """What was asked, how many days ago, the public text, and the state it reached."""

    asked: ChallengeRequest
    theme: str
    area: str
    days: int
    title: dict[str, str] = field(default_factory=dict)
    summary: dict[str, str] = field(default_factory=dict)
    state: ChallengeState = ChallengeState.ASKED
    decision: Decision | None = None


CHALLENGE_STORIES = (
    Story(
        ChallengeRequest(
            task="Het schoonhouden van het Kadeplein.",
            better="Wij staan er elke zaterdag met de markt en vegen toch al. Nu komt de veegwagen op maandag.",
            who="De zeven kramen van de zaterdagmarkt.", applicant=Applicant.GROUP,
        ),
        "green", "Havenkom", 3,
    ),
    Story(
        ChallengeRequest(
            task="De openingsuren van de bibliotheek in De Linde.",
            better="De bibliotheek is ’s avonds dicht. Wij zijn met twaalf en willen haar open houden.",
            who="Buren die nu al de Repair-tafel doen.", support="In de straat deed bijna iedereen mee.",
            applicant=Applicant.GROUP, budget=4_000,
        ),
        "meeting", "De Linde", 168,
        bilingual("De bibliotheek ’s avonds open", "The library open in the evening"),
        bilingual("Buren willen de bibliotheek in De Linde op drie avonden per week zelf open houden.",
          "Neighbours want to keep the library in De Linde open themselves, three evenings a week."),
        ChallengeState.TALKING,
    ),
    Story(
        ChallengeRequest(
            task="Het groen langs de Sluisweg.",
            better="Wij wonen er. Als er iets dood gaat, zien wij het dezelfde dag.",
            who="De buurttuin, met vijftien mensen.", support="41 handtekeningen.", applicant=Applicant.GROUP,
            budget=2_500,
        ),
        "green", "Sluisbuurt", 120,
        bilingual("Het groen langs de Sluisweg", "The green along the Sluisweg"),
        bilingual("De buurttuin wil de perken langs de Sluisweg zelf onderhouden.",
          "The neighbourhood garden wants to look after the flower beds along the Sluisweg itself."),
        ChallengeState.GRANTED,
        Decision(
            ChallengeState.GRANTED, DECIDING_BODY,
            bilingual("U doet het al twee jaar op de hoek, en goed. Het kost niet meer dan nu.",
              "You have done it well on the corner for two years. It costs no more than now."),
            bilingual("In maart tekenen wij de afspraken bij u in de tuin. De gemeente betaalt de planten.",
              "In March we sign the agreements in your garden. The municipality pays for the plants."),
        ),
    ),
    Story(
        ChallengeRequest(
            task="Het vervoer van ouderen naar de dagopvang.",
            better="Onze leden rijden toch. Nu wachten mensen soms een uur op het busje.",
            who="Sportvereniging Molenhoek.", applicant=Applicant.PARTY, budget=11_000,
        ),
        "help", "Molenhoek", 150,
        bilingual("Vervoer naar de dagopvang", "Transport to day care"),
        bilingual("De sportvereniging wil ouderen uit Molenhoek naar de dagopvang rijden.",
          "The sports club wants to drive elderly people from Molenhoek to day care."),
        ChallengeState.PARTLY,
        Decision(
            ChallengeState.PARTLY, DECIDING_BODY,
            bilingual("Wie zelf in- en uitstapt, kan met u mee. Voor rolstoelen is een ingerichte bus verplicht.",
              "Whoever gets in and out by themselves can ride with you. Wheelchairs take a bus that is made for it."),
            bilingual("Vanaf september rijdt u op dinsdag en donderdag. Na een half jaar kijken wij samen terug.",
              "From September you drive on Tuesdays and Thursdays. After half a year we look back together."),
        ),
    ),
    Story(
        ChallengeRequest(
            task="Het zwembad De Schelp.",
            better="De kaartjes zijn te duur. Met vrijwilligers aan de kassa kan het goedkoper.",
            budget=300_000,
        ),
        "youth", "Veldzicht", 175,
        bilingual("Zwembad De Schelp", "Swimming pool De Schelp"),
        bilingual("Een bewoner wil het zwembad overnemen, met vrijwilligers aan de kassa.",
          "A resident wants to take over the swimming pool, with volunteers at the till."),
        ChallengeState.REFUSED,
        Decision(
            ChallengeState.REFUSED, "de gemeenteraad",
            bilingual(
              "Wie een bad beheert, moet dag en nacht iemand hebben voor het water. Dat kan één bewoner niet dragen.",
              "Who runs a pool needs somebody for the water day and night. One resident can't carry that."),
            bilingual("De kaartjes voor kinderen worden in januari € 1 goedkoper. U kunt tot 1 februari bezwaar maken.",
              "Tickets for children become € 1 cheaper in January. You can object until 1 February."),
        ),
    ),
    Story(
        ChallengeRequest(
            task="Sneeuw ruimen op de stoep voor de school.",
            better="De ouders staan er om acht uur toch.",
        ),
        "traffic", "De Linde", 60, state=ChallengeState.WITHDRAWN,
    ),
)  # fmt: skip


def make_challenges(areas: Mapping[str, Area], themes: Mapping[str, Theme], *, by: User) -> None:
    """`by` prepares the decisions and informs the residents who asked."""
    days: dict[str, str] = day_replacements("1 februari", "1 February", date_in_days(NEXT_MONTH))
    for nl, en in (("maart", "March"), ("september", "September"), ("januari", "January")):
        days |= month_replacements(nl, en, date_in_days(NEXT_MONTH))
    for number, story in enumerate(replace_texts(CHALLENGE_STORIES, days)):
        asked_at = timezone.localtime() - timedelta(days=story.days)
        challenge, _code = challenges.submit_challenge(
            area=areas[story.area], challenge_request=story.asked, language="nl",
            submit_key=f"demo-request-{number:04}", now=asked_at,
        )  # fmt: skip
        if story.title:
            challenges.save_public_texts(
                challenge=challenge, title=story.title, summary=story.summary, theme=themes[story.theme], party=None,
                by=by,
            )  # fmt: skip
            challenges.publish_challenge(challenge=challenge, by=by, now=asked_at + timedelta(days=9))
        if story.state == ChallengeState.WITHDRAWN:
            assert challenge.receipt
            private.withdraw_receipt(receipt=challenge.receipt)
        elif story.state != ChallengeState.ASKED:
            challenges.talk(challenge=challenge, by=by)
        if story.decision:
            _decide(challenge, story.decision, by)


def _decide(challenge: Challenge, decision: Decision, by: User) -> None:
    """Decided six days ago; the residents read it on their page. A granted challenge becomes an initiative."""
    at = timezone.localtime() - timedelta(days=6)
    answer = challenges.decide_challenge(challenge=challenge, decision=decision, by=by, now=at)
    assert answer is not None
    compose.save_follow_up_draft(
        follow_up=answer, seen=answer.digest, by=by, title=answer.title, outcome=answer.outcome, decided=answer.decided,
        why=answer.why, next_step=answer.next_step, signed_as=dict(SIGNATURE),
    )  # fmt: skip
    answer = FollowUp.objects.get(pk=answer.pk)
    schedule_release(follow_up=answer, by=by, now=at)
    end_holds(now=at + timedelta(minutes=11))
    fan_out_released(now=at + timedelta(minutes=11))
    challenge.refresh_from_db()
    if challenge.state == ChallengeState.GRANTED:
        challenges.begin_initiative(challenge=challenge, by=by)


# A second open survey, in Westpolder, with every type of question, for trying them out.


DAYS_OPEN = 12
ANSWER_WITHIN_DAYS = 70
LAST_VISIT_DAYS = 35
_PEOPLE = 70
LAYER_SHARES = (("Wat buren zeggen", 0.8), ("Op de kaart", 0.4), ("Hoe u er komt", 0.5), ("Kom kijken", 0.3))
UNREAD_STATEMENTS = 2


def make_square_survey(areas: dict[str, Area], people: dict[str, User]) -> Survey:
    example, editor, today = LIBRARY["square"], people["editor"], timezone.localdate()
    before, planting = date_in_days(ANSWER_WITHIN_DAYS), date_in_days(ANSWER_WITHIN_DAYS + 60)
    visit = LayerPlan(
        title=bilingual("Kom kijken", "Come and see"),
        theme="meeting",
        questions=(
            QuestionPlan(
                key="visit",
                type="date",
                text=bilingual(
                    "Op welke dag loopt u mee over het plein?",
                    "On which day will you walk across the square with us?",
                ),
                purpose=bilingual(
                    "Op een tekening ziet u de hoogte niet.", "A drawing does not show the height."
                ),
                use=bilingual(
                    "Op de drie dagen die het meest genoemd zijn, staat de ontwerper klaar.",
                    "On the three days named most, the designer is there.",
                ),
                owner_role=example.owner_role,
                settings={
                    "earliest": today.isoformat(),
                    "latest": date_in_days(LAST_VISIT_DAYS).isoformat(),
                },
            ),
            QuestionPlan(
                key="ask",
                type="long_text",
                text=bilingual("Wat wilt u de ontwerper vragen?", "What would you ask the designer?"),
                purpose=bilingual(
                    "Dan kan de ontwerper zich voorbereiden.", "So that the designer can prepare."
                ),
                use=bilingual(
                    "De ontwerper begint met de vraag die het meest gesteld is.",
                    "The designer begins with what most people ask.",
                ),
                owner_role=example.owner_role,
            ),
        ),
    )
    plan = replace(
        replace_texts(
            example,
            {
                "in het najaar": f"in {month(planting, 'nl')}",
                "in autumn": f"in {month(planting, 'en')}",
            },
        ),
        title=bilingual("Een nieuw plein voor Westpolder", "A new square for Westpolder"),
        promise=promise_before(before),
        layers=(*example.layers, visit),
    )
    where = [areas[name] for name in ("Molenhoek", "Veldzicht", "Kadekwartier")]
    survey = start_survey(plan=plan, areas=where, languages=["nl", "en"], by=editor)
    survey.promise_before, survey.erase_on = before, before + timedelta(days=ERASE_AFTER_DAYS)
    survey.save()
    confirm_all(survey=survey, by=editor)
    opened = timezone.localtime() - timedelta(days=DAYS_OPEN)
    publish_survey(survey=survey, by=editor, now=opened)
    survey.refresh_from_db()
    add_channel(survey=survey, kind=ChannelKind.POSTER, name="Bord op het plein", code="plein", by=editor)
    sign_as_backer(survey, by=editor, backer=people["backer"])
    open_survey(survey=survey, by=editor, now=opened)
    first_day = today - timedelta(days=DAYS_OPEN)
    neighbours = Neighbours(survey, first_day=first_day, days=DAYS_OPEN, deeper=LAYER_SHARES)
    neighbours.answer(_PEOPLE, addresses=8)
    _read_statements(survey, by=people["administrator"])
    take_snapshot(survey=survey)
    return survey


def _read_statements(survey: Survey, *, by: User) -> None:
    """Most statements are let through; some are left for a visitor to decide."""
    written = Statement.objects.filter(question__layer__survey=survey).to_decide()
    pks = list(written.values_list("pk", flat=True))
    decide_statements(survey=survey, statements=pks[:-UNREAD_STATEMENTS], through=True, by=by)
