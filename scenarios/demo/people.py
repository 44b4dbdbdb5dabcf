"""Colleagues and residents of the demo, and their days."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import formats, timezone, translation

from accounts.models import User
from accounts.passwords import DEMO_PASSWORD
from accounts.states import DeliveryChannel
from feedback.contacts.forms import CONTACT_FORMS
from feedback.contacts.services.hearing_back import confirm_address, confirm_key, leave_address
from feedback.contributions.services.contributions import ContributionLocation
from feedback.contributions.services.listening import save_reading
from feedback.models import Contribution
from feedback.states import Reading
from neighbourhoods.areas.services import DECIMALS, map_of, places_in
from neighbourhoods.models import Area, Membership, Theme
from neighbourhoods.states import Role
from surveys.answering.services.answer import (
    enter_layer,
    page_after,
    published_version_of,
    save_home_area,
    save_page,
    walk_of,
)
from surveys.answering.services.beginning import BegunParticipation, begin_participation
from surveys.models import Channel, Response, Survey
from surveys.questionnaire.counting import STATEMENT_VIEWS, bounds, days
from surveys.questionnaire.document import Question, Shape
from surveys.questionnaire.question_types import StatementViews, WrittenAnswer
from surveys.states import Respondent

# One colleague per role. Residents see only the title; there are no names.


DOMAIN = "waterdam.example"

# address before the @, title, role, area
COLLEAGUES = (
    ("administrator", "beheerder", Role.ADMINISTRATOR, "Waterdam"),
    ("editor", "wijkmanager Oosterhaven", Role.EDITOR, "Waterdam"),
    ("traffic", "teamleider verkeer", Role.EDITOR, "Waterdam"),
    ("coordinator", "coördinator wijkteam", Role.COORDINATOR, "Oosterhaven"),
    ("backer", "wethouder wonen", Role.BACKER, "Waterdam"),
    ("viewer", "raadsgriffier", Role.VIEWER, "Waterdam"),
)
ADDRESSES = {f"{name}@{DOMAIN}" for name, _title, _role, _area in COLLEAGUES}


def make_people(areas: dict[str, Area]) -> dict[str, User]:
    """Colleagues by the part of their address before the @."""
    people = {}
    for name, title, role, area in COLLEAGUES:
        user = User(email=f"{name}@{DOMAIN}", title=title)
        if people:
            # Hash once, because hashing is slow on purpose.
            user.password = next(iter(people.values())).password
        else:
            user.set_password(DEMO_PASSWORD)
        user.save()
        Membership.objects.create(user=user, area=areas[area], role=role)
        people[name] = user
    return people


# Dates in the texts of the demo, relative to the day it is loaded, so that none is past and they stay consistent.


NEXT_MONTH = 35
"""Days: always in a later month than today."""


def date_in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def format_date(day: date, language: str) -> str:
    with translation.override(language):
        return formats.date_format(day, "j F")


def month(day: date, language: str) -> str:
    with translation.override(language):
        return formats.date_format(day, "F")


def month_replacements(nl: str, en: str, day: date) -> dict[str, str]:
    """Replacements for a month named in a text, in both languages."""
    return {nl: month(day, "nl"), en: month(day, "en")}


def day_replacements(nl: str, en: str, day: date) -> dict[str, str]:
    return {nl: format_date(day, "nl"), en: format_date(day, "en")}


def replace_texts(value: Any, instead: Mapping[str, str]) -> Any:
    """A copy of a plan, or any structure with texts, with the replacements of `instead` made in each text."""
    if type(value) is str:  # enum members are instances of str too
        longest_first = sorted(instead, key=len, reverse=True)
        pattern = "|".join(rf"\b{re.escape(words)}\b" for words in longest_first)
        return re.sub(pattern, lambda found: instead[found[0]], value)
    if isinstance(value, Mapping):
        return {key: replace_texts(part, instead) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(replace_texts(part, instead) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: replace_texts(getattr(value, f.name), instead) for f in fields(value)}
        )
    return value


# Fictional responses, generated with a fixed seed and submitted through the services that residents' pages call.


SEED = 2026
STOP_PROBABILITY = 0.025
# The Dutch title of a deeper layer ("" for a random one), and the share of respondents who take it.
LAYER_SHARES = (("Over u", 0.6), ("", 0.5), ("", 0.3))

# Question (by its Dutch text) -> weight of each answer, in order; other questions are drawn uniformly.
OPTION_WEIGHTS: dict[str, tuple[int, ...]] = {
    "Hoe is het om in Oosterhaven te wonen?": (20, 38, 22, 11, 9),
    "Wat moet er in Oosterhaven als eerste komen?": (33, 17, 21, 11, 10, 8),
    "Wilt u ergens bij helpen?": (11, 36, 53),
    "Hoe oud bent u?": (12, 27, 29, 32),
    "Kent u de mensen in uw straat?": (30, 48, 22),
    "Wat moet er in Molenhoek als eerste komen?": (36, 32, 8, 9, 8, 7),
    "Waarvoor zou u uw huis uit komen?": (36, 27, 14, 12, 7, 4),
    "Zou u een keer de deur willen openhouden?": (22, 78),
}

OPEN_ANSWERS: tuple[tuple[str, str, str], ...] = (
    ("nl", "traffic", "De bushalte bij de Sluisweg is weg. Mijn moeder komt nu bijna de deur niet meer uit."),
    ("nl", "traffic", "Zet de bushalte terug. Lopen naar de Kade is met een rollator niet te doen."),
    ("nl", "traffic", "Scooters op de stoep bij de school, elke ochtend."),
    ("nl", "traffic", "Op de Sluisweg rijdt iedereen 60. Een drempel zou al helpen."),
    ("nl", "green", "Meer bankjes in de schaduw, ook voor wie niet ver kan lopen."),
    ("nl", "green", "De bomen op het plein staan dood. Komen er nieuwe?"),
    ("nl", "green", "Ik zou graag met de buren de perken doen, als iemand de planten regelt."),
    ("nl", "meeting", "Het Sluishuis is alleen overdag open. Dan werk ik."),
    ("nl", "meeting", "Samen eten, een keer per maand. Ik help met koken."),
    ("nl", "meeting", "Er is geen plek waar je gratis kunt zitten als het regent."),
    ("nl", "youth", "Voor jongeren van 12 tot 16 is er niets. Ze hangen nu bij de garages."),
    ("nl", "youth", "Doelen op het veldje, meer vraag ik niet."),
    ("nl", "help", "De formulieren van de gemeente snap ik niet. Kan iemand daar op vaste tijden bij helpen?"),
    ("nl", "help", "Mijn buurman komt nooit meer buiten. Wie kijkt er naar hem om?"),
    ("nl", "housing", "De lift in de Havenflat doet het om de week niet."),
    ("nl", "", "Zeg eens wat er met de vorige keer gebeurd is."),
    ("nl", "", "Bel mij gerust over de tuin: 06 12345678, ik ben vaak thuis."),
    ("nl", "safety", "De lantaarn bij de tunnel is al weken kapot."),
    ("nl", "safety", "In ons portiek wordt iemand bedreigd. Ik durf er niets van te zeggen."),
    ("en", "meeting", "I moved here last year and know nobody. A place to practise Dutch would be great."),
    ("en", "traffic", "The crossing near the supermarket feels dangerous with a pram."),
)  # fmt: skip
SHORT_TEXTS = {
    "stops": ("Ik werk overdag.", "Ik ken er niemand.", "Te ver lopen.", "De trap."),
    "cross": ("Bij de school", "Hoek Sluisweg en Kade", "Bij de supermarkt", "Op de rotonde"),
}

STATEMENTS = (
    "Ik wil er 's zomers kunnen zitten zonder iets te kopen.",
    "Op zaterdag is de markt het enige wat er gebeurt.",
    "De fontein mag weg, die doet het toch nooit.",
    "Ik ga er met mijn rollator niet meer heen.",
    "Er moet een kraan komen met drinkwater.",
    "Voor mij mag het blijven zoals het is.",
)
MAP_TEXTS = (
    "Hier staat 's avonds geen lamp.",
    "De stoep is hier te smal voor een kinderwagen.",
    "Hier fietst iedereen tegen het verkeer in.",
    "Een fijn hoekje uit de wind. Zet hier een bank.",
)


class Neighbours:
    """Simulates the responses to one survey."""

    def __init__(
        self,
        survey: Survey,
        *,
        first_day: date,
        days: int,
        deeper: tuple[tuple[str, float], ...] = LAYER_SHARES,
        words: tuple[tuple[str, str, str], ...] = OPEN_ANSWERS,
    ) -> None:
        self.survey, self.first_day, self.days, self.deeper = survey, first_day, days, deeper
        # Seeded by title, so that the same responses come out whatever id the survey has.
        self.random = Random(f"{SEED} {survey.title}")  # noqa: S311
        self.channels = list(
            survey.channels.select_related("survey__current").defer("survey__current__document")
        )
        self.areas = list(survey.areas.all())
        self.words = list(words)
        self.random.shuffle(self.words)
        self.statements = list(STATEMENTS)

    def answer(self, people: int, *, addresses: int) -> list[Response]:
        """Create `people` responses, of which `addresses` leave a contact; four in five of those confirm it.

        They confirm on the day they answered. Unconfirmed contacts are dated now, since they are kept for only a
        week.
        """
        found = [self.one(number, on=self._some_day()) for number in range(people)]
        counted = [response for response in found if response.layers_done]
        for number, response in enumerate(self.random.sample(counted, addresses)):
            self.hear_back(
                response,
                f"buur{self.survey.pk}-{number}@example.org",
                confirms=number % 5 > 0,
                now=_noon(response.day) if number % 5 else None,
                **_other_contact(number),
            )
        return found

    def _some_day(self) -> date:
        """More days early on, when the posters are new."""
        return self.first_day + timedelta(days=int(self.days * self.random.random() ** 1.6))

    def one(self, number: int, *, on: date) -> Response:
        """One response on this day. Some stop before layer 1 is finished."""
        channel = self.random.choices(self.channels, [5, 4, 2][: len(self.channels)])[0]
        begun = self._begin(channel, number, on)
        code, response = channel.code, begun.response
        first = published_version_of(response).document.first_layer
        if not self._layer(response, code, first.id, on):
            return response
        response.refresh_from_db()
        if channel.area_id is None and len(self.areas) > 1 and not response.area_was_asked:
            area = self.random.choices([*self.areas, None], [5] * len(self.areas) + [1])[0]
            save_home_area(response_id=response.pk, area=area, today=on)
        for title, chance in self.deeper:
            if self.random.random() < chance:
                self._deeper(response, code, on, title)
        response.refresh_from_db()
        return response

    def _begin(self, channel: Channel, number: int, day: date) -> BegunParticipation:
        return begin_participation(
            channel=channel,
            submit_key=f"demo-{self.survey.pk}-{number:04}",
            language="en" if self.random.random() < 0.12 else "nl",
            respondent=Respondent.ENTREPRENEUR if self.random.random() < 0.05 else Respondent.RESIDENT,
            today=day,
        )

    def _deeper(self, response: Response, code: str, day: date, title: str) -> None:
        """One more layer: the one with this title, or a random one if it is ""."""
        response = Response.objects.select_related("survey", "version").get(pk=response.pk)
        offered = walk_of(response, published_version_of(response).document).offered
        offered = [layer for layer in offered if title in ("", layer.title.get("nl"))]
        if offered:
            layer = self.random.choice(offered)
            enter_layer(response_id=response.pk, layer_id=layer.id)
            self._layer(response, code, layer.id, day)

    def _layer(self, response: Response, code: str, layer_id: str, day: date) -> bool:
        """Answer page after page, as a browser would. Returns False for the few that stop halfway."""
        response = Response.objects.select_related("survey", "version").get(pk=response.pk)
        frozen = published_version_of(response)
        page = page_after(response, frozen, frozen.document.layer(layer_id))
        while page:
            if self.random.random() < STOP_PROBABILITY:
                return False
            saved = save_page(
                under_way={response.pk: 0.5 + self.random.random()},
                code=code,
                question_id=page[0].id,
                read=self._read,
                today=day,
            )
            page = saved.next_page
        return True

    def _read(self, page: tuple[Question, ...]) -> Mapping[str, Any]:
        return {question.id: self._value(question) for question in page}

    def _value(self, question: Question) -> Any:
        if self.random.random() < (0.03 if question.options else 0.2):
            return None
        if question.type == "place":
            return self._spot(question)
        if question.shape is Shape.VIEWS:
            return self._views(question)
        if question.shape is Shape.TEXT:
            return self._text(question)
        if question.shape is Shape.NUMBER:
            least, most = bounds(question.settings)
            return {"n": min(most, least + int((most - least) * self.random.random() ** 2))}
        if question.shape is Shape.DAY:
            first, last = days(question.settings)
            return {"day": (first + timedelta(days=self.random.randint(0, (last - first).days))).isoformat()}
        options = list(question.option_ids)
        weights = OPTION_WEIGHTS.get(question.text.get("nl", ""), ())
        if len(weights) != len(options):
            weights = tuple(len(options) + 1 - place for place in range(len(options)))
        if question.shape is Shape.MANY:
            real = [option.id for option in question.options if not option.dont_know]
            most = min(int(question.settings.get("most") or 3), len(real))
            return dict.fromkeys(self.random.sample(real, self.random.randint(1, most)), True)
        return self.random.choices(options, weights)[0]

    def _text(self, question: Question) -> WrittenAnswer | None:
        if question.type == "short_text":
            kind = "stops" if "tegen" in question.text.get("nl", "") else "cross"
            return WrittenAnswer(self.random.choice(SHORT_TEXTS[kind]))
        if not self.words:
            return None
        _language, theme, text = self.words.pop()
        return WrittenAnswer(text, theme if question.type == "own_topic" else "")

    def _spot(self, question: Question) -> WrittenAnswer:
        """A random point in the middle of the map, or a known place."""
        words = self.random.choice(MAP_TEXTS)
        places = places_in(question.settings["areas"])
        if places and self.random.random() < 0.3:
            return WrittenAnswer(words, spot=ContributionLocation(place_id=self.random.choice(places).pk))
        map = map_of(question.settings["areas"])
        assert map
        x, y = self.random.uniform(0.3, 0.7) * map.width, self.random.uniform(0.3, 0.7) * map.height
        spot = ContributionLocation(
            round(map.west + x * map.across, DECIMALS), round(map.north - y * map.down, DECIMALS)
        )
        return WrittenAnswer(words, spot=spot)

    def _views(self, question: Question) -> StatementViews:
        """A view on every statement, and sometimes a statement of their own."""
        views = {id: self.random.choices(STATEMENT_VIEWS, (5, 3, 2))[0] for id in question.option_ids}
        own = self.statements.pop() if self.statements and self.random.random() < 0.4 else ""
        return StatementViews(views, own, is_done=True)

    def hear_back(
        self,
        response: Response,
        email: str,
        *,
        confirms: bool,
        mobile: str = "",
        postal: str = "",
        now: datetime | None = None,
    ) -> None:
        """Leave an e-mail address, or a mobile number or postal address instead. Unconfirmed means not opened yet."""
        carrier = (
            DeliveryChannel.TEXT if mobile else DeliveryChannel.LETTER if postal else DeliveryChannel.MAIL
        )
        receipt = response.receipt
        with translation.override(receipt.language):
            contact = leave_address(
                receipt=receipt,
                email="" if mobile or postal else email,
                mobile=mobile,
                postal=postal,
                is_16_or_older=True,
                consent_sentence=CONTACT_FORMS[carrier]().consent_sentence,
                now=now,
            )
        if confirms:
            confirm_address(receipt=receipt, key=confirm_key(contact), now=now)


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def _other_contact(number: int) -> dict[str, str]:
    """One in ten leaves a mobile number and one in ten a postal address instead of e-mail."""
    if number % 10 == 3:
        return {"mobile": f"+3161234{number:04}"}
    if number % 10 == 8:
        return {"postal": f"\nKade {number}\n1234 AB  WATERDAM"}
    return {}


def read_some(survey: Survey, *, by: User, themes: Mapping[str, Theme]) -> None:
    """The editor has read half of the contributions and found nothing sensitive."""
    unread = (
        Contribution.objects.unread().filter(topic__source=survey.subject).order_by("said_on", "slot", "id")
    )
    for contribution in list(unread)[::2]:
        if "bedreigd" in contribution.text or any(letter.isdigit() for letter in contribution.text):
            continue  # left for a visitor who tries the listening desk
        theme = contribution.topic.theme
        save_reading(
            contribution=contribution,
            seen=contribution.revision,
            reading=Reading.CLEAR,
            themes=[themes[theme.slug]] if theme else [],
            by=by,
        )
