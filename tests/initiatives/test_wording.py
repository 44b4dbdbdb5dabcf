"""The words of matching, in both languages: on a chip, and to the volunteer."""

import pytest
from django.utils import translation
from hypothesis import given

from initiatives.matching import (
    MAX_POINTS_PER_TOPIC,
    FitTopic,
    Reason,
    ReasonCode,
    adjustments,
    barriers,
    fit,
    suggest,
)
from initiatives.matching.pairs import as_values, from_values
from initiatives.states import Skill
from initiatives.wording import (
    MARK_TEXTS,
    SKILL_PHRASES,
    SKILL_PHRASES_FOR_VOLUNTEER,
    chip,
    chips,
    describe_moments,
    describe_reason,
    sums,
    volunteer_reason_text,
)
from tests.initiatives.test_matching import TODAY, vacancy_like, volunteer_like


@pytest.fixture(autouse=True)
def this_year(time_machine):
    time_machine.move_to("2026-05-04T12:00:00+02:00", tick=False)


EXAMPLES = [
    (Reason(ReasonCode.NO_CONSENT), "gaf hier geen toestemming voor"),
    (Reason(ReasonCode.UNREACHABLE), "zei nog niet dat het adres klopt"),
    (Reason(ReasonCode.TOO_YOUNG), "zei niet 18 te zijn, en dat moet hier"),
    (Reason(ReasonCode.NO_CLEARANCE, 0, ("vog", "2026-06-01")), "geen geldige VOG op 1 juni"),
    (Reason(ReasonCode.NO_CLEARANCE, 0, ("vog", "2027-06-01")), "geen geldige VOG op 1 juni 2027"),
    (Reason(ReasonCode.NO_ROOM), "geen plek meer"),
    (Reason(ReasonCode.BUSY, 0, (2, 0)), "doet al 2 dingen"),
    (Reason(ReasonCode.BUSY, 0, (1, 1)), "doet al 1 ding"),
    (Reason(ReasonCode.BUSY, 0, (0, 1)), "is al voor iets anders gevraagd en gaf nog geen antwoord"),
    (Reason(ReasonCode.CLASH, 0, ("6a",)), "tijden botsen: alleen zaterdagmiddag"),
    (Reason(ReasonCode.ENDS_BEFORE, 0, ("2026-05-14",)), "biedt dit aan tot 14 mei"),
    (Reason(ReasonCode.SAID_NO, 0, ("too_far",)), "zei hier eerder nee tegen: te ver"),
    (Reason(ReasonCode.TOO_FAR), "vond iets wat even ver is te ver"),
    (Reason(ReasonCode.OTHER_MOMENTS, 0, ("4a",)), "kan niet op donderdagmiddag, bleek eerder"),
    (Reason(ReasonCode.TOO_MUCH, 0, ("2026-08-02",)), "vond het nu te veel (vraag weer vanaf 2 augustus)"),
    (Reason(ReasonCode.PAUSED, 0, ("2026-09-01",)), "heeft pauze tot 1 september"),
    (Reason(ReasonCode.PAUSED), "heeft pauze"),
    (Reason(ReasonCode.ALREADY), "is al voorgesteld"),
    (Reason(ReasonCode.SKILLS, 25, ("cook",)), "kan koken"),
    (Reason(ReasonCode.SKILLS, 25, ("cook", "handy")), "kan koken en is handig"),
    (Reason(ReasonCode.SKILLS_UNKNOWN, 12, ("",)), "vraag wat iemand kan"),
    (Reason(ReasonCode.SKILLS_UNKNOWN, 12, ("role",)), "vraagt niets bijzonders"),
    (Reason(ReasonCode.INTEREST, 10), "wil hier iets aan doen"),
    (Reason(ReasonCode.FREE, 17, ("4a", "4m")), "donderdag vrij"),
    (Reason(ReasonCode.FREE, 17, ("2e", "6m")), "dinsdag rond etenstijd en zaterdagochtend vrij"),
    (Reason(ReasonCode.TIMES_UNKNOWN, 8, ("",)), "vraag wanneer iemand kan"),
    (Reason(ReasonCode.TIMES_UNKNOWN, 8, ("role",)), "wanneer het is, staat nog niet vast"),
    (Reason(ReasonCode.OFTEN, 8), "wil vaker helpen"),
    (Reason(ReasonCode.ONCE, 8), "het is voor één keer"),
    (Reason(ReasonCode.SAME_AREA, 15), "zelfde buurt"),
    (Reason(ReasonCode.NEAR, 9), "buurt ernaast"),
    (Reason(ReasonCode.SAME_TOWN, 3), "elders in de gemeente"),
    (Reason(ReasonCode.PLACE_UNKNOWN, 6), "hoe ver het is, weten wij niet"),
    (Reason(ReasonCode.SPEAKS, 6, ("tr",)), "spreekt Turks, daar nodig"),
    (Reason(ReasonCode.NO_LANGUAGE_ASKED, 3), "geen andere taal nodig"),
    (Reason(ReasonCode.LANGUAGE_UNKNOWN, 3), "vraag welke talen iemand spreekt"),
    (Reason(ReasonCode.TOGETHER, 4), "liever samen, en dat kan"),
    (Reason(ReasonCode.ALONE, 4), "liever alleen, en dat kan"),
    (Reason(ReasonCode.EITHER, 2), "samen of alleen: geen voorkeur bekend"),
    (Reason(ReasonCode.WISHED_ROLE, 15), "koos dit zelf"),
    (Reason(ReasonCode.WISHED_THEME, 15), "noemde dit zelf in de peiling"),
    (Reason(ReasonCode.WAITS, 3, (6,)), "wacht al 6 dagen"),
    (Reason(ReasonCode.NOBODY_YET, 10), "nog niemand bij deze klus"),
    (Reason(ReasonCode.LOAD, -6, (1,)), "doet al iets"),
    (Reason(ReasonCode.LOAD, -12, (2,)), "doet al 2 dingen"),
    (Reason(ReasonCode.PROPOSED_THIS_WEEK, -9, (3,)), "deze week al 3 mensen voorgesteld"),
    (Reason(ReasonCode.PROPOSED_THIS_WEEK, -3, (1,)), "deze week al iemand voorgesteld"),
]


@pytest.mark.parametrize(("reason", "dutch"), EXAMPLES, ids=lambda one: getattr(one, "mark", ""))
def test_every_mark_in_dutch(reason, dutch):
    with translation.override("nl"):
        assert describe_reason(reason) == dutch


def test_every_mark_has_words_and_an_example():
    assert set(MARK_TEXTS) == set(ReasonCode) == {reason.mark for reason, _dutch in EXAMPLES}
    assert set(SKILL_PHRASES) == set(SKILL_PHRASES_FOR_VOLUNTEER) == set(Skill.values)


@pytest.mark.parametrize(
    ("reason", "kind", "sign"),
    [
        (Reason(ReasonCode.SKILLS, 25, ("cook",)), "", ""),
        (Reason(ReasonCode.TIMES_UNKNOWN, 8, ("",)), "not", ""),
        (Reason(ReasonCode.NO_ROOM), "not", ""),
        (Reason(ReasonCode.WAITS, 3, (6,)), "adjust", "+"),
        (Reason(ReasonCode.PROPOSED_THIS_WEEK, -9, (3,)), "adjust", "−"),
    ],
)
def test_how_a_chip_looks(reason, kind, sign):
    found = chip(reason)
    assert (found.kind, found.sign) == (kind, sign)


def test_chips_first_what_fits_then_what_to_ask_then_what_is_weighed_beside_it():
    reasons = [
        Reason(ReasonCode.WAITS, 3, (6,)),
        Reason(ReasonCode.TIMES_UNKNOWN, 8, ("",)),
        Reason(ReasonCode.EITHER, 2),
        Reason(ReasonCode.OFTEN, 2),
        Reason(ReasonCode.SAME_AREA, 15),
    ]
    with translation.override("en"):
        assert [(one.sign, one.text) for one in chips(reasons)] == [
            ("", "same neighbourhood"),
            ("", "ask when they can"),
            ("+", "waits 6 days already"),
        ]


WHY = [
    Reason(ReasonCode.SKILLS, 25, ("cook",)),
    Reason(ReasonCode.FREE, 17, ("4a", "4m")),
    Reason(ReasonCode.WAITS, 3, (6,)),
    Reason(ReasonCode.TIMES_UNKNOWN, 8, ("",)),
]


@pytest.mark.parametrize(
    ("language", "reasons", "sentence"),
    [
        ("nl", WHY, "Wij denken dat dit bij u past, omdat u donderdag vrij bent en graag kookt."),
        ("en", WHY, "We think this suits you, because you are free on Thursday and like to cook."),
        (
            "nl",
            [*WHY, Reason(ReasonCode.WISHED_THEME, 15), Reason(ReasonCode.SAME_AREA, 15)],
            "Wij denken dat dit bij u past, omdat u dit zelf noemde, donderdag vrij bent en graag kookt.",
        ),
        ("nl", [Reason(ReasonCode.SPEAKS, 6, ("tr",)), Reason(ReasonCode.NEAR, 9)],
         "Wij denken dat dit bij u past, omdat u Turks spreekt en dichtbij woont."),
        ("nl", [Reason(ReasonCode.WAITS, 3, (6,))], "Wij denken dat dit bij u kan passen."),
        ("nl", [], "Wij denken dat dit bij u kan passen."),
    ],
)  # fmt: skip
def test_the_sentence_to_the_volunteer(language, reasons, sentence):
    with translation.override(language):
        assert volunteer_reason_text(reasons) == sentence


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
