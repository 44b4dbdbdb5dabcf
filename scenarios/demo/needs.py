"""Needs of Waterdam, made from responses: one taken up, one not, one without a link."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from feedback.models import Topic
from initiatives.models import Initiative, Meeting, Need
from initiatives.needs.services.need_links import link_need
from initiatives.needs.services.needs import make_need, take_step
from initiatives.states import NeedState, Urgency
from neighbourhoods.models import Area, Place, Theme
from surveys.library.plan import t
from surveys.models import Survey

NEEDS = (
    (
        "meeting", "Oosterhaven", Urgency.NOW,
        t("Een plek waar u ook ’s avonds zomaar kunt binnenlopen", "A place to drop in, in the evening as well"),
        t("Wie geen Nederlands of Engels leest, spraken wij nog niet.",
          "We did not yet speak to people who read no Dutch or English."),
    ),
    (
        "green", "Sluisbuurt", Urgency.THIS_YEAR,
        t("Meer schaduw en minder stenen in de straat", "More shade and fewer stones in the street"), {},
    ),
    (
        "help", "De Linde", Urgency.NOW,
        t("Hulp met brieven en formulieren, dichtbij", "Help with letters and forms, close by"), {},
    ),
    (
        "safety", "Oosterhaven", Urgency.THIS_YEAR,
        t("Licht op het pad langs het water", "Light on the path along the water"), {},
    ),
    (
        "youth", "Oosterhaven", Urgency.CAN_WAIT,
        t("Een plek om huiswerk te maken", "A place to do homework"),
        t("Ouders van kinderen op de basisschool hoorden wij weinig.",
          "We heard little from parents of children at primary school."),
    ),
    (
        "traffic", "Havenkom", Urgency.THIS_YEAR,
        t("Een bushalte die dichterbij is", "A bus stop that is closer by"), {},
    ),
)  # fmt: skip
OPEN_AT_NIGHT = t(
    "De wijkmanager praat met Welzijn Waterdam over de donderdagavond.",
    "The neighbourhood manager talks with Welzijn Waterdam about Thursday evenings.",
)
THURSDAYS = t(
    "Vanaf volgende maand is het Sluishuis op donderdagavond open.",
    "From next month the Sluishuis is open on Thursday evenings.",
)
LAMPS = t(
    "Wij tellen deze maand op drie avonden wie er langs het water loopt, en waar het donker is.",
    "This month we count on three evenings who walks along the water, and where it is dark.",
)
HOMEWORK = t(
    "In de bibliotheek is op maandag en donderdag hulp bij het huiswerk. Er is plaats.",
    "At the library there is help with homework on Mondays and Thursdays. There is room.",
)
SHADE = t(
    "De straat kiest zelf zes bomen, met de buurttuin.",
    "The street chooses six trees itself, with the neighbourhood garden.",
)
NO_STOP = t(
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
            take_step(need=meeting, to=state, seen=meeting.state, words=words, by=by, on=day)
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
        take_step(need=traffic, to=NeedState.NOT_TAKEN_UP, seen=traffic.state, words=NO_STOP, by=by)
    return made


def _step(need: Need | None, to: NeedState, words: dict[str, str], by: User) -> None:
    if need:
        take_step(need=need, to=to, seen=need.state, words=words, by=by)


def _meets(coffee: Initiative) -> None:
    """Meetings on the next four Tuesdays at ten."""
    now = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    tuesday = now + timedelta(days=(1 - now.weekday()) % 7 or 7)
    Meeting.objects.bulk_create(
        Meeting(initiative=coffee, starts_at=tuesday + timedelta(weeks=week), where="Sluishuis")
        for week in range(4)
    )
