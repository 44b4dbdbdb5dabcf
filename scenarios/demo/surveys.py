"""The surveys of Waterdam, made from the examples in the library."""

from dataclasses import replace
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from initiatives.models import Initiative
from neighbourhoods.backing.services import sign
from neighbourhoods.models import Area, Theme, Trajectory
from scenarios.demo.days import ahead, in_month, month, reworded, written
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.library.plan import t
from surveys.models import Survey
from surveys.opening.services.running import ask_backer, open_survey
from surveys.states import ChannelKind, LegalBasis

DAYS_OPEN = 24
ANSWER_IN = 56
"""Days until the promised date of the open survey: within the municipality's own term."""
COUNCIL_IN = 90
ERASE_AFTER = 180

INITIATIVES = (
    (
        "meeting", "Havenkom", t("Koffie in het Sluishuis", "Coffee at the Sluishuis"),
        t("Dinsdag van 10 tot 12 is er koffie in het Sluishuis. Gratis, binnenlopen mag.",
          "Tuesdays 10 to 12 there is coffee at the Sluishuis. Free, just walk in."),
    ),
    (
        "meeting", "De Linde", t("Buurtmaaltijd De Linde", "Neighbourhood meal De Linde"),
        t("Elke laatste zaterdag om 17.30 uur in de school. € 4, kinderen gratis.",
          "Every last Saturday at 17:30 in the school. € 4, children free."),
    ),
    (
        "green", "Sluisbuurt", t("Buurttuin aan de Sluisweg", "Neighbourhood garden at the Sluisweg"),
        t("Woensdagmiddag is er iemand. Neem handschoenen mee.",
          "Somebody is there on Wednesday afternoons. Bring gloves."),
    ),
    (
        "help", "De Linde", t("Repair-tafel", "Repair table"),
        t("Eerste zaterdag van de maand, van 10 tot 13 uur in de bibliotheek.",
          "First Saturday of the month, 10 to 13 in the library."),
    ),
    (
        "youth", "Havenkom", t("Huiswerk in de bibliotheek", "Homework at the library"),
        t("Maandag en donderdag na schooltijd, met hulp van studenten.",
          "Mondays and Thursdays after school, with the help of students."),
    ),
)  # fmt: skip


def make_initiatives(areas: dict[str, Area], themes: dict[str, Theme]) -> None:
    for theme, area, name, description in INITIATIVES:
        Initiative.objects.create(
            theme=themes[theme],
            area=areas[area],
            name=dict(name),
            description=dict(description),
            public_on=timezone.localdate(),
        )


def make_open_survey(areas: dict[str, Area], people: dict[str, User], trajectory: Trajectory) -> Survey:
    """“Wat heeft Oosterhaven nodig?”, backed and open."""
    editor = people["editor"]
    before, council, later = ahead(ANSWER_IN), ahead(COUNCIL_IN), ahead(COUNCIL_IN + 120)
    erase = before + timedelta(days=ERASE_AFTER)
    months = in_month("juni", "June", council) | in_month("oktober", "October", later)
    example = LIBRARY["first-sounding"]
    plan = replace(
        reworded(example, months),
        who_asks=t(
            "De gemeente Waterdam, samen met de bezoekers van het Sluishuis.",
            "The municipality, together with the visitors of the Sluishuis.",
        ),
        why=t(
            f"In {month(council, 'nl')} verdeelt de gemeenteraad het geld voor uw buurt. "
            "Eerst willen wij weten wat u nodig hebt.",
            f"In {month(council, 'en')} the council divides the money for your neighbourhood. "
            "First we want to know what you need.",
        ),
        promise=promise_before(before),
        card=reworded(example.card, months)
        | {
            "money": t(
                "€ 750 voor spullen. Meer is er dit jaar niet. Huur hoeft niet.",
                "€ 750 for materials. There is no more this year. No rent.",
            ),
            "influence": t(
                "U beslist mee over wat er gebeurt. Over het gebouw beslist de gemeente.",
                "You help decide what happens. The municipality decides on the building.",
            ),
            "too_few": t(
                f"Dan hoort u dat vóór {written(before, 'nl')}. Wij proberen het in {month(later, 'nl')} nog eens.",
                f"You hear so before {written(before, 'en')}. We try again in {month(later, 'en')}.",
            ),
        },
    )
    neighbourhoods = [areas[name] for name in ("Havenkom", "Sluisbuurt", "De Linde")]
    survey = start_survey(
        plan=plan, areas=neighbourhoods, languages=["nl", "en"], trajectory=trajectory, by=editor
    )
    survey.promise_before, survey.erase_on = before, erase
    survey.save()
    confirm_all(survey=survey, by=editor)
    opened = timezone.localtime() - timedelta(days=DAYS_OPEN)
    publish_survey(survey=survey, by=editor, now=opened)
    survey.refresh_from_db()
    add_channel(
        survey=survey, kind=ChannelKind.POSTER, name="Poster in het Sluishuis", code="haven", by=editor
    )
    add_channel(
        survey=survey, kind=ChannelKind.POSTER, name="Poster bij de school in De Linde", code="linde",
        area_id=areas["De Linde"].pk, by=editor,
    )  # fmt: skip
    back(survey, by=editor, backer=people["backer"])
    open_survey(survey=survey, by=editor, now=opened)
    return survey


KEEPING = {
    "basis": LegalBasis.PUBLIC_TASK,
    "basis_in": "Participatieverordening Waterdam, artikel 3",
    "impact_note": "Wie antwoordt, hoeft geen naam of adres te geven. Wat mensen opschrijven kan gevoelig zijn: een "
    "collega leest het voordat iemand anders het ziet. Aantallen onder de tien tonen wij niet.",
    "processors": "Niemand buiten de gemeente. De gemeente beheert het systeem zelf.",
}
"""The processing record that the privacy officer approved."""


def make_draft_survey(areas: dict[str, Area], people: dict[str, User]) -> Survey:
    """An unpublished survey: it would let residents decide, which is more influence than the advice allows now."""
    plan = replace(
        LIBRARY["meeting"],
        title=t("Wie beheert het Sluishuis?", "Who runs the Sluishuis?"),
        influence="decide",
        influence_text=t(
            "Bewoners beheren het Sluishuis. De gemeente betaalt het gebouw.",
            "Residents run the Sluishuis. The municipality pays for the building.",
        ),
    )
    return start_survey(plan=plan, areas=[areas["Havenkom"]], languages=["nl", "en"], by=people["editor"])


def back(survey: Survey, *, backer: User, by: User) -> None:
    backing = ask_backer(
        survey=survey,
        backer=backer,
        statement=dict(
            t(
                "Ik sta achter deze vragen, en achter de belofte dat u antwoord krijgt.",
                "I stand behind these questions, and behind the promise that you get an answer.",
            )
        ),
        until=survey.erase_on,
        by=by,
    )
    sign(backing=backing, by=backer, digest=backing.digest)


def promise_before(day: date) -> dict[str, str]:
    return dict(
        t(
            f"Vóór {written(day, 'nl')} hoort u wat wij met de antwoorden doen. Ook als iets niet kan.",
            f"Before {written(day, 'en')} you hear what we do with the answers. "
            "Also when something can't be done.",
        )
    )
