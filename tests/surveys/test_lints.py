"""Remarks on how a question is put: each said when it should be, and not on plain questions."""

import pytest

from neighbourhoods.advice.plain_language import readability_score
from surveys.builder.lints import LintCode, lints, use_lints
from surveys.library import LIBRARY


def codes(text: str, language: str = "nl", **more) -> list[str]:
    more = {"can_say_dont_know": False, "may_keep_to_oneself": False} | more
    return [lint.code for lint in lints(text, language, **more)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hoe komt u hier en waar parkeert u?", LintCode.TWO_IN_ONE),
        ("Komt u vaak? Bent u tevreden?", LintCode.TWO_IN_ONE),
        ("Bent u het eens met het plan?", LintCode.AGREE),
        ("Bent u het oneens?", LintCode.AGREE),
        ("Wilt u participeren?", LintCode.OFFICIAL),
        ("Wat vindt u m.b.t. de bus?", LintCode.OFFICIAL),
        ("Hoe is uw gezondheid?", LintCode.SENSITIVE),
        ("Kunt u rondkomen?", LintCode.SENSITIVE),
        ("Hoe vaak rijdt de bus?", LintCode.GUESS),
        ("Wat " + "heel " * 20 + "lang?", LintCode.LONG),
        ("Bent u tevreden over het groen en de speelplekken?", LintCode.TWO_IN_ONE),
        ("In hoeverre bent u het eens met deze keuze?", LintCode.AGREE),
        ("Vindt u ook dat er te hard gereden wordt?", LintCode.LEADING),
        ("Wat doen we aan de gevaarlijke kruising?", LintCode.LEADING),
        ("Wat vindt u van de verkeersveiligheidsmaatregelen?", LintCode.LONG_WORD),
        ("Vindt u niet dat het te druk is?", LintCode.LEADING),
        ("Is het niet zo dat er geen bus meer komt?", LintCode.DOUBLE_NEGATIVE),
        ("Moet parkeren hier niet verboden worden?", LintCode.DOUBLE_NEGATIVE),
        ("Is het hier niet onveilig?", LintCode.DOUBLE_NEGATIVE),
        ("Bent u er niet tegen?", LintCode.DOUBLE_NEGATIVE),
    ],
)
def test_dutch(text, code):
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("How do you get here and where do you park?", LintCode.TWO_IN_ONE),
        ("Do you disagree with the plan?", LintCode.AGREE),
        ("Would you like to participate?", LintCode.OFFICIAL),
        ("How is your health?", LintCode.SENSITIVE),
        ("How many people live here?", LintCode.GUESS),
        ("Do you not want there to be no parking?", LintCode.DOUBLE_NEGATIVE),
        ("Should parking not be banned here?", LintCode.DOUBLE_NEGATIVE),
        ("Is it not unpleasant here?", LintCode.DOUBLE_NEGATIVE),
    ],
)
def test_english(text, code):
    assert codes(text, "en") == [code]


def test_double_negative_that_steers_as_well():
    assert codes("Vindt u niet dat er geen auto’s mogen rijden?") == [
        LintCode.LEADING,
        LintCode.DOUBLE_NEGATIVE,
    ]
    assert codes("Do you not think no cars should pass?", "en") == [
        LintCode.LEADING,
        LintCode.DOUBLE_NEGATIVE,
    ]
    assert codes("Don’t you think nobody comes here?", "en") == [LintCode.LEADING, LintCode.DOUBLE_NEGATIVE]


def test_way_out_is_enough():
    assert codes("Hoe vaak rijdt de bus?", can_say_dont_know=True) == []
    assert codes("Hoe is uw gezondheid?", may_keep_to_oneself=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hoe vaak komt u hier?",
        "Een plek?",
        "Meer groen en schaduw?",
        "Wat moet er als eerste komen?",
        "Hebt u wel eens hulp van een buur?",
        "Wilt u het volgend jaar nog eens doen?",
        "Hoe komt u bij het ziekenhuis?",
        "Hoe veilig is de Kerkstraat?",
        "Waar komt u andere buren tegen?",
        "Hoe ver is de bushalte voor u?",
        "Waarom komt u hier niet?",
        "Komt u hier niet of bijna nooit?",
        "Waar kunt u niet tegen?",
        "Wat kunt u niet missen?",
        "Waar komt u niet omdat het er niet fijn is?",
    ],
)
def test_plain_question_gets_no_remark(text):
    assert codes(text) == []


def test_other_language_gets_its_length_alone():
    assert codes("Burası nasıl bir yer?", "tr") == []


def test_examples_need_no_remark():
    for plan in LIBRARY.values():
        for layer in plan.layers:
            for question in layer.questions:
                knows = question.skip == "dont_know" or any(option.dont_know for option in question.options)
                for language, text in question.text.items():
                    found = list(lints(text, language, can_say_dont_know=knows, may_keep_to_oneself=False))
                    assert not found, (text, found)


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("Wij nemen uw antwoord mee.", True),
        ("Om inzicht te krijgen in de wijk.", True),
        ("Voor het beleid.", True),
        ("De drie meest genoemde plekken krijgen een bank.", False),
    ],
)
def test_use_that_says_nothing(text, empty):
    assert [lint.code for lint in use_lints(text, "nl")] == ([LintCode.NO_USE] if empty else [])


def test_how_a_longer_text_reads():
    easy = "Wij kijken waar het donker is. Daar komt een lamp. In mei is het klaar. Dat leest u op uw eigen pagina."
    hard = (
        "Participatieve beleidsontwikkeling impliceert wederkerige verantwoordelijkheid, waarbij gemeentelijke "
        "besluitvorming nadrukkelijk geformuleerde randvoorwaarden respecteert en organisatorische afstemming "
        "continueert binnen de kaders die eerder door het gemeentebestuur overeengekomen waren."
    )
    assert readability_score(easy) > 60 > 30 > readability_score(hard)
    assert readability_score("Een korte zin.") is None
