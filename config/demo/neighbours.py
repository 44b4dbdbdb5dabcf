"""Neighbours who answered: made up with a fixed seed, and put in by the door that residents use."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone, translation

from accounts.models import User
from feedback.forms import HearBackForm
from feedback.models import Contribution
from feedback.services.hearing_back import confirm, confirm_key, leave_address
from feedback.services.listen import listen
from feedback.states import Reading
from initiatives.services.offers import Hands, make_offer
from initiatives.states import Motive, Skill, Way
from neighbourhoods.models import Area, Theme
from surveys.document import Question, Shape
from surveys.models import Channel, Response, Survey
from surveys.question_types import Words
from surveys.services.answer import (
    Begun,
    begin,
    enter_layer,
    page_after,
    published_of,
    save_page,
    tell_area,
    walk_of,
)
from surveys.states import Respondent

SEED = 2026
STOPS = 0.025

# Question (by its Dutch words) -> how often each answer is chosen, in order; the rest is a fair draw.
LIKELY: dict[str, tuple[int, ...]] = {
    "Hoe is het om in Oosterhaven te wonen?": (20, 38, 22, 11, 9),
    "Wat moet er in Oosterhaven als eerste komen?": (33, 17, 21, 11, 10, 8),
    "Wilt u ergens bij helpen?": (18, 34, 48),
    "Kent u de mensen in uw straat?": (30, 48, 22),
    "Zou u een keer de deur willen openhouden?": (22, 78),
}

WORDS: tuple[tuple[str, str, str], ...] = (
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
SHORT = {
    "stops": ("Ik werk overdag.", "Ik ken er niemand.", "Te ver lopen.", "De trap."),
    "cross": ("Bij de school", "Hoek Sluisweg en Kade", "Bij de supermarkt", "Op de rotonde"),
}


class Neighbours:
    """Answers one survey as its neighbours would, each in their own way."""

    def __init__(self, survey: Survey, *, first_day: date, days: int, seed: int = SEED) -> None:
        self.survey, self.first_day, self.days = survey, first_day, days
        self.random = Random(seed + survey.pk)  # noqa: S311  the same neighbours each time
        self.channels = list(
            survey.channels.select_related("survey__current").defer("survey__current__document")
        )
        self.areas = list(survey.areas.all())
        self.words = list(WORDS)
        self.random.shuffle(self.words)

    def answer(self, people: int, *, addresses: int) -> list[Response]:
        """So many people take part; so many of them leave a way to be reached, and confirm it."""
        found = [self._one(number) for number in range(people)]
        counted = [response for response in found if response.layers_done]
        for number, response in enumerate(self.random.sample(counted, addresses)):
            self._hear_back(response, number)
        return found

    def _one(self, number: int) -> Response:
        day = self.first_day + timedelta(days=int(self.days * self.random.random() ** 1.6))
        channel = self.random.choices(self.channels, [5, 4, 2][: len(self.channels)])[0]
        begun = self._begin(channel, number, day)
        code, response = channel.code, begun.response
        first = published_of(response).document.first_layer
        if not self._layer(response, code, first.id, day):
            return response
        if channel.area_id is None and len(self.areas) > 1:
            area = self.random.choices([*self.areas, None], [5] * len(self.areas) + [1])[0]
            tell_area(response_id=response.pk, area=area, today=day)
        for chance in (0.5, 0.3):
            if self.random.random() < chance:
                self._deeper(response, code, day)
        response.refresh_from_db()
        return response

    def _begin(self, channel: Channel, number: int, day: date) -> Begun:
        return begin(
            channel=channel,
            submit_key=f"demo-{self.survey.pk}-{number:04}",
            language="en" if self.random.random() < 0.12 else "nl",
            respondent=Respondent.ENTREPRENEUR if self.random.random() < 0.05 else Respondent.RESIDENT,
            today=day,
        )

    def _deeper(self, response: Response, code: str, day: date) -> None:
        response = Response.objects.select_related("survey", "version").get(pk=response.pk)
        offered = walk_of(response, published_of(response).document).offered
        if offered:
            layer = self.random.choice(offered)
            enter_layer(response_id=response.pk, layer_id=layer.id)
            self._layer(response, code, layer.id, day)

    def _layer(self, response: Response, code: str, layer_id: str, day: date) -> bool:
        """Page after page, as the phone does. A few put it away halfway: then False."""
        response = Response.objects.select_related("survey", "version").get(pk=response.pk)
        frozen = published_of(response)
        page = page_after(response, frozen, frozen.document.layer(layer_id))
        while page:
            if self.random.random() < STOPS:
                return False
            saved = save_page(
                under_way={response.pk: 0.5 + self.random.random()},
                code=code,
                question_id=page[0].id,
                read=self._read,
                today=day,
            )
            page = saved.following
        return True

    def _read(self, page: tuple[Question, ...]) -> Mapping[str, Any]:
        return {question.id: self._value(question) for question in page}

    def _value(self, question: Question) -> Any:
        if self.random.random() < (0.03 if question.options else 0.2):
            return None
        if question.shape is Shape.TEXT:
            return self._text(question)
        options = list(question.option_ids)
        weights = LIKELY.get(question.text.get("nl", ""), ())
        if len(weights) != len(options):
            weights = tuple(len(options) + 1 - place for place in range(len(options)))
        if question.shape is Shape.MANY:
            real = [option.id for option in question.options if not option.dont_know]
            most = min(int(question.settings.get("most") or 3), len(real))
            return dict.fromkeys(self.random.sample(real, self.random.randint(1, most)), True)
        return self.random.choices(options, weights)[0]

    def _text(self, question: Question) -> Words | None:
        if question.type == "short_text":
            kind = "stops" if "tegen" in question.text.get("nl", "") else "cross"
            return Words(self.random.choice(SHORT[kind]))
        if not self.words:
            return None
        _language, theme, text = self.words.pop()
        return Words(text, theme if question.type == "own_topic" else "")

    def _hear_back(self, response: Response, number: int) -> None:
        receipt = response.receipt
        with translation.override(receipt.language):
            contact = leave_address(
                receipt=receipt,
                email=f"buur{self.survey.pk}-{number}@example.org",
                is_16_or_older=True,
                consent_sentence=HearBackForm().consent_sentence,
            )
        if number % 5:  # one in five has not looked in the mailbox yet
            confirm(receipt=receipt, key=confirm_key(contact))


def read_some(survey: Survey, *, by: User, themes: Mapping[str, Theme]) -> None:
    """The editor read half of what was written, and found nothing sensitive in it."""
    unread = (
        Contribution.objects.unread().filter(topic__source=survey.subject).order_by("said_on", "slot", "id")
    )
    for contribution in list(unread)[::2]:
        if "bedreigd" in contribution.text or any(letter.isdigit() for letter in contribution.text):
            continue  # left for whoever tries the reading desk
        theme = contribution.topic.theme
        listen(
            contribution=contribution,
            seen=contribution.revision,
            reading=Reading.CLEAR,
            themes=[themes[theme.slug]] if theme else [],
            by=by,
        )


HANDS = (
    (Way.ONCE, [Skill.GREEN, Skill.HANDY], [Motive.STREET], "green"),
    (Way.OFTEN, [Skill.COOK], [Motive.MEET, Motive.OTHERS], "meeting"),
    (Way.THINK, [Skill.LANGUAGE], [Motive.OTHERS], "help"),
    (Way.PULL, [Skill.ORGANISE, Skill.CONNECT], [Motive.CHANGE], "meeting"),
    (Way.ONCE, [Skill.DRIVE], [Motive.OTHERS], "traffic"),
    (Way.OFTEN, [Skill.DIGITAL], [Motive.WORK, Motive.LEARN], "help"),
)  # fmt: skip


def offer_hands(
    survey: Survey,
    *,
    areas: list[Area],
    themes: Mapping[str, Theme],
    owner: User,
    now: datetime | None = None,
) -> None:
    """Some want to join in; the coordinator has not called all of them yet."""
    now = now or timezone.now()
    for number, (way, skills, motives, theme) in enumerate(HANDS):
        make_offer(
            hands=Hands(way=way, skills=[str(skill) for skill in skills], motives=[str(m) for m in motives]),
            card=survey.card,
            area=areas[number % len(areas)],
            theme=themes[theme],
            owner=owner,
            language="nl",
            email=f"hand{number}@example.org",
            phone="",
            consent="Ik wil meedoen. De gemeente mag daarover contact met mij opnemen.",
            submit_key=f"demo-hands-{survey.pk}-{number}",
            now=now - timedelta(days=number),
        )
