"""Surveys of the demo: open, closed, by invitation, on paper."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.states import DeliveryChannel
from feedback.answers.services import compose
from feedback.answers.services.looking_back import note_progress
from feedback.answers.services.release import debts_of, end_holds, fan_out_released, schedule_release
from feedback.delivery.services.guards import claim
from feedback.delivery.services.outbox import EMPTIED_FIELDS
from feedback.models import FollowUp, Message
from feedback.states import MessageState, Outcome, Owed, ProgressKind
from initiatives.models import Initiative
from neighbourhoods.backing.services import sign
from neighbourhoods.models import Area, Theme, Trajectory
from scenarios.demo.people import (
    NEXT_MONTH,
    Neighbours,
    date_in_days,
    day_replacements,
    format_date,
    month,
    month_replacements,
    read_some,
    replace_texts,
)
from surveys.answering.services.beginning import begin_with_ticket, letter_hash, spend_code
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.invitations.services import invitations, post
from surveys.library import LIBRARY
from surveys.library.plan import bilingual
from surveys.models import AccessCode, Option, PaperForm, Survey
from surveys.opening.services.running import ask_backer, close_survey, open_survey
from surveys.paper.services import paper_entry, paper_forms
from surveys.paper.services.paper_sheet import document_of_run
from surveys.questionnaire.document import Document, Shape
from surveys.questionnaire.question_types import WrittenAnswer
from surveys.states import Basis, ChannelKind, DoubleEntryShare, EnvelopeWindow, LegalBasis, Respondent

# The surveys of Waterdam, made from the examples in the library.


DAYS_OPEN = 24
ANSWER_WITHIN_DAYS = 56
"""Days until the promised date of the open survey: within the municipality's own term."""
COUNCIL_WITHIN_DAYS = 90
ERASE_AFTER_DAYS = 180

INITIATIVES = (
    (
        "meeting", "Havenkom", bilingual("Koffie in het Sluishuis", "Coffee at the Sluishuis"),
        bilingual("Dinsdag van 10 tot 12 is er koffie in het Sluishuis. Gratis, binnenlopen mag.",
          "Tuesdays 10 to 12 there is coffee at the Sluishuis. Free, just walk in."),
    ),
    (
        "meeting", "De Linde", bilingual("Buurtmaaltijd De Linde", "Neighbourhood meal De Linde"),
        bilingual("Elke laatste zaterdag om 17.30 uur in de school. € 4, kinderen gratis.",
          "Every last Saturday at 17:30 in the school. € 4, children free."),
    ),
    (
        "green", "Sluisbuurt", bilingual("Buurttuin aan de Sluisweg", "Neighbourhood garden at the Sluisweg"),
        bilingual("Woensdagmiddag is er iemand. Neem handschoenen mee.",
          "Somebody is there on Wednesday afternoons. Bring gloves."),
    ),
    (
        "help", "De Linde", bilingual("Repair-tafel", "Repair table"),
        bilingual("Eerste zaterdag van de maand, van 10 tot 13 uur in de bibliotheek.",
          "First Saturday of the month, 10 to 13 in the library."),
    ),
    (
        "youth", "Havenkom", bilingual("Huiswerk in de bibliotheek", "Homework at the library"),
        bilingual("Maandag en donderdag na schooltijd, met hulp van studenten.",
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
    before, council, later = (
        date_in_days(ANSWER_WITHIN_DAYS),
        date_in_days(COUNCIL_WITHIN_DAYS),
        date_in_days(COUNCIL_WITHIN_DAYS + 120),
    )
    erase = before + timedelta(days=ERASE_AFTER_DAYS)
    months = month_replacements("juni", "June", council) | month_replacements("oktober", "October", later)
    example = LIBRARY["first-sounding"]
    plan = replace(
        replace_texts(example, months),
        who_asks=bilingual(
            "De gemeente Waterdam, samen met de bezoekers van het Sluishuis.",
            "The municipality, together with the visitors of the Sluishuis.",
        ),
        why=bilingual(
            f"In {month(council, 'nl')} verdeelt de gemeenteraad het geld voor uw buurt. "
            "Eerst willen wij weten wat u nodig hebt.",
            f"In {month(council, 'en')} the council divides the money for your neighbourhood. "
            "First we want to know what you need.",
        ),
        promise=promise_before(before),
        card=replace_texts(example.card, months)
        | {
            "money": bilingual(
                "€ 750 voor spullen. Meer is er dit jaar niet. Huur hoeft niet.",
                "€ 750 for materials. There is no more this year. No rent.",
            ),
            "influence": bilingual(
                "U beslist mee over wat er gebeurt. Over het gebouw beslist de gemeente.",
                "You help decide what happens. The municipality decides on the building.",
            ),
            "too_few": bilingual(
                f"Dan hoort u dat vóór {format_date(before, 'nl')}. Wij proberen het in {month(later, 'nl')} nog eens.",
                f"You hear so before {format_date(before, 'en')}. We try again in {month(later, 'en')}.",
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
    sign_as_backer(survey, by=editor, backer=people["backer"])
    open_survey(survey=survey, by=editor, now=opened)
    return survey


DATA_PROCESSING = {
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
        title=bilingual("Wie beheert het Sluishuis?", "Who runs the Sluishuis?"),
        influence="decide",
        influence_text=bilingual(
            "Bewoners beheren het Sluishuis. De gemeente betaalt het gebouw.",
            "Residents run the Sluishuis. The municipality pays for the building.",
        ),
    )
    return start_survey(plan=plan, areas=[areas["Havenkom"]], languages=["nl", "en"], by=people["editor"])


def sign_as_backer(survey: Survey, *, backer: User, by: User) -> None:
    backing = ask_backer(
        survey=survey,
        backer=backer,
        statement=dict(
            bilingual(
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
        bilingual(
            f"Vóór {format_date(day, 'nl')} hoort u wat wij met de antwoorden doen. Ook als iets niet kan.",
            f"Before {format_date(day, 'en')} you hear what we do with the answers. "
            "Also when something can't be done.",
        )
    )


# An earlier, closed survey: two follow-ups were sent, and some people wait longer than promised.


_PEOPLE = 50

# chosen options -> subject, outcome, decided, why, what next
ANSWERS = (
    (
        ("Koffie, zomaar binnenlopen", "Samen eten"),
        bilingual("een huiskamer", "a living room"),
        Outcome.ADOPTED,
        bilingual(
            "Dit gaat door. De bibliotheek is vanaf januari op dinsdag en donderdag ook huiskamer.",
            "This goes ahead. From January the library is a living room as well, on Tuesdays and Thursdays.",
        ),
        bilingual(
            "Koffie en samen eten werden het meest genoemd, en genoeg buren willen de deur openhouden.",
            "Coffee and eating together were named most, and enough neighbours want to keep the door open.",
        ),
        bilingual(
            "Op 12 januari om 10 uur zetten wij de eerste koffie. U bent welkom.",
            "On 12 January at 10 we pour the first coffee. You are welcome.",
        ),
    ),
    (
        ("Samen bewegen",),
        bilingual("samen bewegen", "moving together"),
        Outcome.NO,
        bilingual(
            "Dit doen wij niet. Er komt geen gymzaal in Westpolder.",
            "We won't do this. There will be no gym in Westpolder.",
        ),
        bilingual(
            "Een zaal huren kost € 18.000 per jaar, en dat geld is nodig voor de school.",
            "Renting a hall costs € 18,000 a year, and that money is needed for the school.",
        ),
        bilingual(
            "De wandelgroep vertrekt elke woensdag om 9 uur bij de molen. Meelopen is gratis.",
            "The walking group leaves the mill every Wednesday at 9. Joining is free.",
        ),
    ),
)


SUMMARY_TEXT = bilingual(
    "U wilt ergens zomaar binnenlopen, voor koffie of om samen te eten. Daar beginnen wij mee.",
    "You would like to just walk in somewhere, for coffee or to eat together. That is where we begin.",
)


def make_closed_survey(areas: dict[str, Area], people: dict[str, User], themes: dict[str, Theme]) -> Survey:
    editor, today = people["editor"], timezone.localdate()
    began = timezone.localtime() - timedelta(days=100)
    survey = start_survey(
        plan=LIBRARY["meeting"],
        areas=[areas[name] for name in ("Molenhoek", "Veldzicht", "Kadekwartier")],
        languages=["nl", "en"],
        by=editor,
    )
    survey.promise_before = today - timedelta(days=9)
    survey.erase_on = today + timedelta(days=180)
    survey.promise = promise_before(survey.promise_before)
    survey.save()
    confirm_all(survey=survey, by=editor)
    publish_survey(survey=survey, by=editor, now=began)
    survey.refresh_from_db()
    add_channel(
        survey=survey, kind=ChannelKind.POSTER, name="Poster bij de molen", code="molen",
        area_id=areas["Molenhoek"].pk, by=editor,
    )  # fmt: skip
    sign_as_backer(survey, by=editor, backer=people["backer"])
    open_survey(survey=survey, by=editor, now=began)
    Neighbours(survey, first_day=timezone.localdate(began), days=40).answer(_PEOPLE, addresses=18)
    read_some(survey, by=editor, themes=themes)
    close_survey(survey=survey, by=editor, now=began + timedelta(days=45))
    first, last = replace_texts(ANSWERS, _opening())
    told = release_answer(survey, first, by=editor, now=began + timedelta(days=70))
    # Yesterday, so that its mails are in the mailbox of the demo.
    release_answer(survey, last, by=editor, now=began + timedelta(days=99), is_sent=False)
    for days, kind, words in PROGRESS_STEPS:
        on = timezone.localdate(began) + timedelta(days=days)
        note_progress(follow_up=told, kind=kind, on=on, text=dict(words), by=editor)
    return survey


def _opening() -> dict[str, str]:
    """The living room opens on a Tuesday of next month."""
    day = date_in_days(NEXT_MONTH)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return month_replacements("januari", "January", day) | day_replacements("12 januari", "12 January", day)


PROGRESS_STEPS = (
    (
        78,
        ProgressKind.BEGUN,
        bilingual("De tafels en stoelen zijn besteld.", "Tables and chairs were ordered."),
    ),
    (
        88,
        ProgressKind.UPDATE,
        bilingual(
            "Er zijn genoeg buren die om beurten de deur openhouden.",
            "There are enough neighbours to take turns keeping the door open.",
        ),
    ),
)
"""Days after the start of the survey, and what happened with the first answer."""


def release_answer(
    survey: Survey, answer: tuple, *, by: User, now: datetime, is_sent: bool = True
) -> FollowUp:
    """Write a follow-up, schedule its release and let its hold end. `is_sent` counts its mails as sent on that day."""
    labels, title, outcome, decided, why, next_step = answer
    options = Option.objects.filter(question__layer__survey=survey, label__nl__in=labels, theme__isnull=False)
    keys = [f"option:{option.pk}" for option in options] or ""
    follow_up = compose.start_follow_up(chosen={"source": survey.subject, "key": keys}, by=by)
    compose.save_follow_up_draft(
        follow_up=follow_up,
        seen=follow_up.digest,
        by=by,
        title=dict(title),
        outcome=outcome,
        decided=dict(decided),
        why=dict(why),
        next_step=dict(next_step),
        signed_as=dict(bilingual("uw wijkmanager", "your neighbourhood manager")),
    )
    follow_up = schedule_release(follow_up=follow_up, by=by, now=now)
    end_holds(now=now + timedelta(minutes=11))
    fan_out_released(now=now + timedelta(minutes=11))
    if is_sent:
        _hand_over(now + timedelta(minutes=12))
    follow_up.refresh_from_db()
    return follow_up


def _hand_over(now: datetime) -> None:
    """Mark due messages as sent, so that no relay gets mail of months ago."""
    for carrier in (DeliveryChannel.MAIL, DeliveryChannel.TEXT):
        _token, ids = claim(most=Message.objects.count(), now=now, carrier=carrier)
        due = Message.objects.filter(pk__in=ids)
        due.move(MessageState.HANDING_OVER, handed_over_at=now)
        due.move(MessageState.SENT, settled_at=now, attempts=1, **EMPTIED_FIELDS)
        for message in due:
            debts_of(message).filter(state=Owed.PUBLISHED).move(Owed.SENT, now=now)


# Letters and mails of the open survey: some used codes, a list to make letters from, and mails in the mailbox.


# Real codes are random; these are for trying out. O is read as 0.
_CODE = "DEM0" + "{:04}"
SAMPLE_CODE = "DEM0-0001"
LETTER_COUNT, USED_CODE_COUNT = 40, 9

STREETS = ("Sluisweg", "Havenkade", "Lindelaan")


def make_invitations(survey: Survey, areas: dict[str, Area], people: dict[str, User]) -> None:
    editor = people["editor"]
    _make_posted_letters(survey, areas["De Linde"], editor)
    head = "Straat;Huisnummer;Toevoeging;Postcode;Woonplaats"
    rows = [f"{STREETS[n % 3]};{n + 3};{'bis' if n % 7 == 0 else ''};1999 ZZ;Waterdam" for n in range(24)]
    post.create_letter_run(
        survey=survey,
        name="Brieven naar de Sluisbuurt",
        content="\n".join(
            [head, *rows, "Sluisweg;;;1999 ZZ;Waterdam", "Sluisweg;9;;19 ZZ;Waterdam"]
        ).encode(),
        area=areas["Sluisbuurt"],
        window=EnvelopeWindow.LEFT,
        with_reminder=True,
        by=editor,
    )
    addresses = invitations.create_address_list(
        survey=survey,
        name="Buurtpanel, per mail",
        content=b"",
        pasted="\n".join(f"buur-{n:02}@example.nl" for n in range(1, 13)),
        origin="uw aanmelding voor het buurtpanel",
        basis=Basis.CONSENT,
        area=None,
        by=editor,
    )
    invitations.create_invitations(addresses=addresses, by=editor)
    a_week_ago = timezone.localtime() - timedelta(days=7)
    invitations.plan_mailing(
        addresses=addresses, on=timezone.localdate(a_week_ago), by=editor, now=a_week_ago
    )
    invitations.release_due(now=timezone.now() + timedelta(seconds=settings.HOLD_SECONDS))


def _make_posted_letters(survey: Survey, area: Area, editor: User) -> None:
    """Letters that were printed and posted; the list is destroyed, only codes are left, and some were used."""
    channel = add_channel(
        survey=survey,
        kind=ChannelKind.LETTER,
        name="Brieven naar De Linde",
        code="brief",
        invited=True,
        area_id=area.pk,
        by=editor,
    )
    codes = [_CODE.format(n) for n in range(1, LETTER_COUNT + 1)]
    hashes = sorted(letter_hash(channel, code) for code in codes)
    AccessCode.objects.bulk_create(AccessCode(code_hash=one, channel=channel) for one in hashes)
    for code in codes[-USED_CODE_COUNT:]:
        ticket = spend_code(channel=channel, typed=code, page=f"demo-{code}")
        begin_with_ticket(channel=channel, ticket=ticket, language="nl", respondent=Respondent.RESIDENT)


# Paper forms: some count, some wait for a second entry, and one was entered in two different ways.


PAPER_FORM_COUNT = 12
# In order: who entered it first, who second, and how many; the remaining forms are still out.
PAPER_ENTRIES = (
    ("coordinator", "traffic", 4),
    ("coordinator", "", 3),
    ("editor", "", 1),
    ("traffic", "coordinator", 1),
)
HANDWRITTEN_TEXTS = {
    2: "Ik heb geen computer. Fijn dat het ook zo kan.",
    5: "Op de brug is het glad als het regent.",
}


def make_paper_forms(survey: Survey, areas: dict[str, Area], people: dict[str, User]) -> None:
    """The two entries of the last form differ; the editor can settle that."""
    editor = people["editor"]
    channel = add_channel(
        survey=survey, kind=ChannelKind.PAPER, name="Formulieren in de bibliotheek", code="papier", by=editor
    )
    run = paper_forms.order_forms(
        survey=survey,
        channel=channel,
        language="nl",
        forms=PAPER_FORM_COUNT,
        hand_in="Aan de balie van de bibliotheek",
        checked=DoubleEntryShare.ALL,
        by=editor,
    )
    paper_forms.run_paper_jobs()
    document, random = document_of_run(run), Random(f"{survey.title}")  # noqa: S311  the same forms each time
    forms = list(run.made.order_by("number"))
    pile = [(first, second) for first, second, many in PAPER_ENTRIES for _form in range(many)]
    for place, (form, (first, second)) in enumerate(zip(forms, pile, strict=False)):
        answers, lives = _paper_answers(document, random, place), random.choice(("Havenkom", "De Linde"))
        _enter(form, answers, areas[lives], by=people[first])
        if second and place == len(pile) - 1:
            answers, lives = _differing_entry(document, answers), "Sluisbuurt"
        if second:
            _enter(form, answers, areas[lives], by=people[second])


def _paper_answers(document: Document, random: Random, place: int) -> dict[str, Any]:
    answers: dict[str, Any] = {
        question.id: random.choice(question.option_ids)
        for question in document.first_layer.asked
        if question.shape is Shape.ONE
    }
    own = next(question for question in document.questions if question.type == "own_topic")
    return answers | ({own.id: WrittenAnswer(HANDWRITTEN_TEXTS[place])} if place in HANDWRITTEN_TEXTS else {})


def _differing_entry(document: Document, answers: dict[str, Any]) -> dict[str, Any]:
    """The entry of a colleague who read a cross between two boxes differently."""
    id = next(id for id in answers if document.question(id).shape is Shape.ONE)
    options = document.question(id).option_ids
    return answers | {id: options[options.index(answers[id]) - 1]}


def _enter(form: PaperForm, answers: dict[str, Any], area: Area, *, by: User) -> None:
    values = paper_entry.entry_values(answers, area=str(area.pk), respondent=Respondent.RESIDENT)
    paper_entry.enter_form(number=form.number, values=values, tap=f"demo-{form.number}-{by.pk}", by=by)
