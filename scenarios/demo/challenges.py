"""Challenges in the demo: one in each state, each with its deadline. Fictional."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from feedback.answers.services import compose
from feedback.answers.services.release import end_holds, fan_out_released, schedule_release
from feedback.models import FollowUp
from feedback.private.services import personal
from initiatives.challenges import services as challenges
from initiatives.challenges.services import ChallengeRequest, Decision
from initiatives.models import Challenge
from initiatives.states import Applicant, ChallengeState
from neighbourhoods.models import Area, Theme
from scenarios.demo.days import NEXT_MONTH, ahead, in_month, on_day, reworded
from surveys.library.plan import t

COLLEGE = "het college van burgemeester en wethouders"
SIGNED = t("uw wijkmanager", "your neighbourhood manager")


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


STORIES = (
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
        t("De bibliotheek ’s avonds open", "The library open in the evening"),
        t("Buren willen de bibliotheek in De Linde op drie avonden per week zelf open houden.",
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
        t("Het groen langs de Sluisweg", "The green along the Sluisweg"),
        t("De buurttuin wil de perken langs de Sluisweg zelf onderhouden.",
          "The neighbourhood garden wants to look after the flower beds along the Sluisweg itself."),
        ChallengeState.GRANTED,
        Decision(
            ChallengeState.GRANTED, COLLEGE,
            t("U doet het al twee jaar op de hoek, en goed. Het kost niet meer dan nu.",
              "You have done it well on the corner for two years. It costs no more than now."),
            t("In maart tekenen wij de afspraken bij u in de tuin. De gemeente betaalt de planten.",
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
        t("Vervoer naar de dagopvang", "Transport to day care"),
        t("De sportvereniging wil ouderen uit Molenhoek naar de dagopvang rijden.",
          "The sports club wants to drive elderly people from Molenhoek to day care."),
        ChallengeState.PARTLY,
        Decision(
            ChallengeState.PARTLY, COLLEGE,
            t("Wie zelf in- en uitstapt, kan met u mee. Voor rolstoelen is een ingerichte bus verplicht.",
              "Whoever gets in and out by themselves can ride with you. Wheelchairs take a bus that is made for it."),
            t("Vanaf september rijdt u op dinsdag en donderdag. Na een half jaar kijken wij samen terug.",
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
        t("Zwembad De Schelp", "Swimming pool De Schelp"),
        t("Een bewoner wil het zwembad overnemen, met vrijwilligers aan de kassa.",
          "A resident wants to take over the swimming pool, with volunteers at the till."),
        ChallengeState.REFUSED,
        Decision(
            ChallengeState.REFUSED, "de gemeenteraad",
            t("Wie een bad beheert, moet dag en nacht iemand hebben voor het water. Dat kan één bewoner niet dragen.",
              "Who runs a pool needs somebody for the water day and night. One resident can't carry that."),
            t("De kaartjes voor kinderen worden in januari € 1 goedkoper. U kunt tot 1 februari bezwaar maken.",
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
    days: dict[str, str] = on_day("1 februari", "1 February", ahead(NEXT_MONTH))
    for nl, en in (("maart", "March"), ("september", "September"), ("januari", "January")):
        days |= in_month(nl, en, ahead(NEXT_MONTH))
    for number, story in enumerate(reworded(STORIES, days)):
        asked_at = timezone.localtime() - timedelta(days=story.days)
        challenge, _code = challenges.submit_challenge(
            area=areas[story.area], asked=story.asked, language="nl", submit_key=f"demo-request-{number:04}",
            now=asked_at,
        )  # fmt: skip
        if story.title:
            challenges.save_public_texts(
                challenge=challenge, title=story.title, summary=story.summary, theme=themes[story.theme], party=None,
                by=by,
            )  # fmt: skip
            challenges.publish_challenge(challenge=challenge, by=by, now=asked_at + timedelta(days=9))
        if story.state == ChallengeState.WITHDRAWN:
            assert challenge.receipt
            personal.withdraw_receipt(receipt=challenge.receipt)
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
        why=answer.why, next_step=answer.next_step, signed_as=dict(SIGNED),
    )  # fmt: skip
    answer = FollowUp.objects.get(pk=answer.pk)
    schedule_release(follow_up=answer, by=by, now=at)
    end_holds(now=at + timedelta(minutes=11))
    fan_out_released(now=at + timedelta(minutes=11))
    challenge.refresh_from_db()
    if challenge.state == ChallengeState.GRANTED:
        challenges.begin_initiative(challenge=challenge, by=by)
