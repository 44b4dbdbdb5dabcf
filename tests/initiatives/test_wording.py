"""The words of matching, in both languages: on a chip, and to the volunteer."""

import pytest
from django.utils import translation
from hypothesis import given

from initiatives.matching import (
    MAX_POINTS_PER_TOPIC,
    FitTopic,
    Mark,
    Reason,
    adjustments,
    barriers,
    fit,
    suggest,
)
from initiatives.matching.pairs import as_values, from_values
from initiatives.states import Skill
from initiatives.wording import (
    CAN,
    MARK_TEXTS,
    YOU_CAN,
    chip,
    chips,
    describe_moments,
    describe_reason,
    sums,
    to_volunteer,
)
from tests.initiatives.test_matching import TODAY, vacancy_like, volunteer_like


@pytest.fixture(autouse=True)
def this_year(time_machine):
    time_machine.move_to("2026-05-04T12:00:00+02:00", tick=False)


EXAMPLES = [
    (Reason(Mark.NO_CONSENT), "gaf hier geen toestemming voor"),
    (Reason(Mark.UNREACHABLE), "zei nog niet dat het adres klopt"),
    (Reason(Mark.TOO_YOUNG), "zei niet 18 te zijn, en dat moet hier"),
    (Reason(Mark.NO_CLEARANCE, 0, ("vog", "2026-06-01")), "geen geldige VOG op 1 juni"),
    (Reason(Mark.NO_CLEARANCE, 0, ("vog", "2027-06-01")), "geen geldige VOG op 1 juni 2027"),
    (Reason(Mark.NO_ROOM), "geen plek meer"),
    (Reason(Mark.BUSY, 0, (2, 0)), "doet al 2 dingen"),
    (Reason(Mark.BUSY, 0, (1, 1)), "doet al 1 ding"),
    (Reason(Mark.BUSY, 0, (0, 1)), "is al voor iets anders gevraagd en gaf nog geen antwoord"),
    (Reason(Mark.CLASH, 0, ("6a",)), "tijden botsen: alleen zaterdagmiddag"),
    (Reason(Mark.ENDS_BEFORE, 0, ("2026-05-14",)), "biedt dit aan tot 14 mei"),
    (Reason(Mark.SAID_NO, 0, ("too_far",)), "zei hier eerder nee tegen: te ver"),
    (Reason(Mark.TOO_FAR), "vond iets wat even ver is te ver"),
    (Reason(Mark.OTHER_MOMENTS, 0, ("4a",)), "kan niet op donderdagmiddag, bleek eerder"),
    (Reason(Mark.TOO_MUCH, 0, ("2026-08-02",)), "vond het nu te veel (vraag weer vanaf 2 augustus)"),
    (Reason(Mark.PAUSED, 0, ("2026-09-01",)), "heeft pauze tot 1 september"),
    (Reason(Mark.PAUSED), "heeft pauze"),
    (Reason(Mark.ALREADY), "is al voorgesteld"),
    (Reason(Mark.SKILLS, 25, ("cook",)), "kan koken"),
    (Reason(Mark.SKILLS, 25, ("cook", "handy")), "kan koken en is handig"),
    (Reason(Mark.SKILLS_UNKNOWN, 12, ("",)), "vraag wat iemand kan"),
    (Reason(Mark.SKILLS_UNKNOWN, 12, ("role",)), "vraagt niets bijzonders"),
    (Reason(Mark.INTEREST, 10), "wil hier iets aan doen"),
    (Reason(Mark.FREE, 17, ("4a", "4m")), "donderdag vrij"),
    (Reason(Mark.FREE, 17, ("2e", "6m")), "dinsdag rond etenstijd en zaterdagochtend vrij"),
    (Reason(Mark.TIMES_UNKNOWN, 8, ("",)), "vraag wanneer iemand kan"),
    (Reason(Mark.TIMES_UNKNOWN, 8, ("role",)), "wanneer het is, staat nog niet vast"),
    (Reason(Mark.OFTEN, 8), "wil vaker helpen"),
    (Reason(Mark.ONCE, 8), "het is voor één keer"),
    (Reason(Mark.SAME_AREA, 15), "zelfde buurt"),
    (Reason(Mark.NEAR, 9), "buurt ernaast"),
    (Reason(Mark.SAME_TOWN, 3), "elders in de gemeente"),
    (Reason(Mark.PLACE_UNKNOWN, 6), "hoe ver het is, weten wij niet"),
    (Reason(Mark.SPEAKS, 6, ("tr",)), "spreekt Turks, daar nodig"),
    (Reason(Mark.NO_LANGUAGE_ASKED, 3), "geen andere taal nodig"),
    (Reason(Mark.LANGUAGE_UNKNOWN, 3), "vraag welke talen iemand spreekt"),
    (Reason(Mark.TOGETHER, 4), "liever samen, en dat kan"),
    (Reason(Mark.ALONE, 4), "liever alleen, en dat kan"),
    (Reason(Mark.EITHER, 2), "samen of alleen: geen voorkeur bekend"),
    (Reason(Mark.WISHED_ROLE, 15), "koos dit zelf"),
    (Reason(Mark.WISHED_THEME, 15), "noemde dit zelf in de peiling"),
    (Reason(Mark.WAITS, 3, (6,)), "wacht al 6 dagen"),
    (Reason(Mark.NOBODY_YET, 10), "nog niemand bij deze klus"),
    (Reason(Mark.LOAD, -6, (1,)), "doet al iets"),
    (Reason(Mark.LOAD, -12, (2,)), "doet al 2 dingen"),
    (Reason(Mark.PROPOSED_THIS_WEEK, -9, (3,)), "deze week al 3 mensen voorgesteld"),
    (Reason(Mark.PROPOSED_THIS_WEEK, -3, (1,)), "deze week al iemand voorgesteld"),
]


@pytest.mark.parametrize(("reason", "dutch"), EXAMPLES, ids=lambda one: getattr(one, "mark", ""))
def test_every_mark_in_dutch(reason, dutch):
    with translation.override("nl"):
        assert describe_reason(reason) == dutch


def test_every_mark_has_words_and_an_example():
    assert set(MARK_TEXTS) == set(Mark) == {reason.mark for reason, _dutch in EXAMPLES}
    assert set(CAN) == set(YOU_CAN) == set(Skill.values)


@pytest.mark.parametrize(
    ("reason", "kind", "sign"),
    [
        (Reason(Mark.SKILLS, 25, ("cook",)), "", ""),
        (Reason(Mark.TIMES_UNKNOWN, 8, ("",)), "not", ""),
        (Reason(Mark.NO_ROOM), "not", ""),
        (Reason(Mark.WAITS, 3, (6,)), "adjust", "+"),
        (Reason(Mark.PROPOSED_THIS_WEEK, -9, (3,)), "adjust", "−"),
    ],
)
def test_how_a_chip_looks(reason, kind, sign):
    found = chip(reason)
    assert (found.kind, found.sign) == (kind, sign)


def test_chips_first_what_fits_then_what_to_ask_then_what_is_weighed_beside_it():
    reasons = [
        Reason(Mark.WAITS, 3, (6,)),
        Reason(Mark.TIMES_UNKNOWN, 8, ("",)),
        Reason(Mark.EITHER, 2),
        Reason(Mark.OFTEN, 2),
        Reason(Mark.SAME_AREA, 15),
    ]
    with translation.override("en"):
        assert [(one.sign, one.text) for one in chips(reasons)] == [
            ("", "same neighbourhood"),
            ("", "ask when they can"),
            ("+", "waits 6 days already"),
        ]


WHY = [
    Reason(Mark.SKILLS, 25, ("cook",)),
    Reason(Mark.FREE, 17, ("4a", "4m")),
    Reason(Mark.WAITS, 3, (6,)),
    Reason(Mark.TIMES_UNKNOWN, 8, ("",)),
]


@pytest.mark.parametrize(
    ("language", "reasons", "sentence"),
    [
        ("nl", WHY, "Wij denken dat dit bij u past, omdat u donderdag vrij bent en graag kookt."),
        ("en", WHY, "We think this suits you, because you are free on Thursday and like to cook."),
        (
            "nl",
            [*WHY, Reason(Mark.WISHED_THEME, 15), Reason(Mark.SAME_AREA, 15)],
            "Wij denken dat dit bij u past, omdat u dit zelf noemde, donderdag vrij bent en graag kookt.",
        ),
        ("nl", [Reason(Mark.SPEAKS, 6, ("tr",)), Reason(Mark.NEAR, 9)],
         "Wij denken dat dit bij u past, omdat u Turks spreekt en dichtbij woont."),
        ("nl", [Reason(Mark.WAITS, 3, (6,))], "Wij denken dat dit bij u kan passen."),
        ("nl", [], "Wij denken dat dit bij u kan passen."),
    ],
)  # fmt: skip
def test_the_sentence_to_the_volunteer(language, reasons, sentence):
    with translation.override(language):
        assert to_volunteer(reasons) == sentence


@given(volunteer_like(1), vacancy_like(1))
def test_reasons_are_kept_and_said_later(volunteer, vacancy):
    reasons = (
        *fit(volunteer, vacancy),
        *adjustments(volunteer, vacancy),
        *barriers(volunteer, vacancy, TODAY),
    )
    assert from_values(as_values(reasons)) == reasons
    assert all(describe_reason(one) for one in reasons)


def test_a_mark_of_another_time_is_left_out():
    values = [*as_values(WHY), {"mark": "star_sign", "points": 3, "detail": []}, {}]
    assert from_values(values) == tuple(WHY)


@given(volunteer_like(1), vacancy_like(1))
def test_the_sum_shows_all_five_parts_and_adds_up(volunteer, vacancy):
    found = suggest(volunteer, vacancy)
    told = sums((*found.reasons, *found.adjustments))
    assert sum(one.points for one in told) == found.score
    assert [one.most for one in told] == [MAX_POINTS_PER_TOPIC[topic] for topic in FitTopic]


def test_a_week_in_words():
    with translation.override("en"):
        assert describe_moments(["6m", "2e"]) == "Tuesday at mealtime and Saturday morning"
        assert describe_moments(["1m", "1a", "3n"]) == "Monday and Wednesday evening"
