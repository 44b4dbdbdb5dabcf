"""Remarks on answers, each by itself and beside the others: said when they should be, and not on plain answers."""

import pytest

from surveys.builder.lints import LintCode, answer_lints, pair_lints, range_of
from surveys.builder.services.readiness import dismiss_remark, open_remarks, remarks_with_dismissals
from surveys.library import LIBRARY
from surveys.models import Option
from tests.surveys.drafts import fresh, make_draft


def codes(text: str, language: str = "nl", **more) -> list[str]:
    return [lint.code for lint in answer_lints(text, language, **more)]


def pairs(*labels: str, language: str = "nl") -> list[tuple[str, str, str]]:
    return [
        (pair.code, labels[pair.first], labels[pair.second]) for pair in pair_lints(tuple(labels), language)
    ]


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("Een plek waar jong en oud elkaar de hele dag kunnen vinden", "nl", LintCode.LONG_ANSWER),
        ("Ja, en ik wil ook helpen", "nl", LintCode.TWO_ANSWERS),
        ("Nee, maar wel in het weekend", "nl", LintCode.TWO_ANSWERS),
        ("Te druk en/of te vies", "nl", LintCode.TWO_ANSWERS),
        ("Het is hier fijn, maar ik mis groen", "nl", LintCode.TWO_ANSWERS),
        ("Ja, natuurlijk", "nl", LintCode.LEADING_ANSWER),
        ("Het prachtige park", "nl", LintCode.LEADING_ANSWER),
        ("Het participatietraject", "nl", LintCode.OFFICIAL),
        ("Betere voorzieningen", "nl", LintCode.OFFICIAL),
        ("Verkeersveiligheidsmaatregelen", "nl", LintCode.LONG_WORD),
        ("Niet onveilig", "nl", LintCode.DOUBLE_NEGATIVE),
        ("Somewhere that young and old can find each other all day long", "en", LintCode.LONG_ANSWER),
        ("Yes, and I will help", "en", LintCode.TWO_ANSWERS),
        ("Dirty and/or busy", "en", LintCode.TWO_ANSWERS),
        ("I like it here, but I miss trees", "en", LintCode.TWO_ANSWERS),
        ("Yes, of course", "en", LintCode.LEADING_ANSWER),
        ("The wonderful park", "en", LintCode.LEADING_ANSWER),
        ("Better amenities", "en", LintCode.OFFICIAL),
        ("Not unsafe", "en", LintCode.DOUBLE_NEGATIVE),
    ],
)
def test_remark_on_one_answer(text, language, code):
    assert codes(text, language) == [code]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ja", "nl"),
        ("Nee, nu niet", "nl"),
        ("Ja, als er dichtbij een andere is", "nl"),
        ("Bomen en schaduw", "nl"),
        ("De gevaarlijke kruising", "nl"),
        ("Natuurlijk spelen, met takken en water", "nl"),
        ("Niet of bijna niet", "nl"),
        ("No, not now", "en"),
        ("Trees and shade", "en"),
        ("Not good at all", "en"),
        ("Evet, ve de yardım ederim", "tr"),
    ],
)
def test_plain_answer_gets_no_remark(text, language):
    assert codes(text, language) == []


def test_statement_is_a_sentence_and_may_be_as_long():
    long = "Ik kom hier vaak met mijn kinderen omdat zij hier veilig kunnen spelen"
    assert codes(long) == [LintCode.LONG_ANSWER]
    assert codes(long, is_statement=True) == []


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("nl", ("0-10", "10-20")),
        ("nl", ("0 tot en met 10 minuten", "10 – 20 minuten")),
        ("nl", ("Tot en met 18 jaar", "18 jaar of ouder")),
        ("nl", ("Minder dan 10", "5 of meer")),
        ("nl", ("€ 1.000 - € 2.000", "€ 2.000 of meer")),
        ("nl", ("1 keer", "1 of 2 keer")),
        ("nl", ("0-2 uur", "2-5 uur")),
        ("en", ("0-10", "10-20")),
        ("en", ("15 to 25", "25 to 40")),
        ("en", ("Up to 5 years", "5 years or more")),
        ("en", ("More than 3", "4 to 6")),
    ],
)
def test_numbers_that_overlap(language, labels):
    assert pairs(*labels, language=language) == [(LintCode.OVERLAP, *labels)]


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("nl", ("0-9", "10-19", "20 of meer")),
        ("nl", ("Kinderen tot 6 jaar", "Kinderen van 6 tot 12", "Jongeren van 12 tot 18")),
        ("nl", ("Jonger dan 15", "15 tot en met 24", "65 of ouder")),
        ("nl", ("11 of jonger", "12 of 13", "14 of 15")),
        ("nl", ("10-12 uur", "12-14 uur")),
        ("nl", ("5 tot 10 minuten", "1 tot 6 uur")),
        ("nl", ("2 keer per week", "2 keer per maand")),
        ("nl", ("Minder dan € 1.000", "€ 1.000 tot € 2.000", "Meer dan € 2.000")),
        ("nl", ("Dinsdag 10-12", "Donderdag 10-12")),
        ("nl", ("Arena 2", "Arena 3")),  # not “na 2” and “na 3”
        ("en", ("Thunder 2", "Thunder 3")),
        ("en", ("Under 5", "5 to 9", "10 or more")),
        ("en", ("Less than 10 minutes", "10 to 20 minutes", "Over 20 minutes")),
    ],
)
def test_numbers_that_do_not_overlap(language, labels):
    assert pairs(*labels, language=language) == []


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("nl", ("Elke dag", "Dagelijks")),
        ("nl", ("Lopend", "Te voet")),
        ("nl", ("Bomen en schaduw", "Schaduw, bomen")),
        ("nl", ("Weet ik niet", "Geen idee")),
        ("en", ("Every day", "Daily")),
        ("en", ("Trees and shade", "Shade and trees")),
    ],
)
def test_answers_that_mean_the_same(language, labels):
    assert pairs(*labels, language=language) == [(LintCode.SAME_ANSWER, *labels)]


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("nl", ("Van school naar huis", "Van huis naar school")),
        ("nl", ("Ja", "Ja")),  # refused at publication, and no remark as well
        ("nl", ("Fijn", "Niet fijn", "Helemaal niet fijn")),
        ("en", ("Good", "Not good")),
        ("tr", ("Her gün", "Günlük")),
    ],
)
def test_answers_that_do_not(language, labels):
    assert pairs(*labels, language=language) == []


def test_reads_numbers_as_they_are_written():
    assert range_of("1.500 of meer", "nl").least == 1500
    assert range_of("2,5 tot 5 km", "nl") == (2.5, 5, "km", True, False)
    assert range_of("In 2024 en 2025 en 2026", "nl") is None
    assert range_of("Vaak", "nl") is None


def test_examples_of_the_house_need_no_remark():
    seen = 0
    for plan in LIBRARY.values():
        for question in (question for layer in plan.layers for question in layer.questions):
            statements = question.type == "statements"
            for language in ("nl", "en"):
                labels = [option.label[language] for option in question.options]
                seen += len(labels)
                found = [list(answer_lints(label, language, is_statement=statements)) for label in labels]
                assert not any(found), (labels, found)
                assert statements or pairs(*labels, language=language) == [], labels
    assert seen > 400


@pytest.mark.django_db
def test_author_reads_them_at_the_question_and_may_let_them_stay(area, editor):
    survey = make_draft(areas=[area], by=editor)
    question = survey.layers.get(is_first=True).questions.order_by("order")[1]
    for number, label in enumerate(({"nl": "0-10", "en": "0-10"}, {"nl": "10-20", "en": "10 to 20"})):
        Option.objects.create(question=question, order=90 + number, label=label)
    found = [remark for remark in open_remarks(fresh(survey)) if remark.code.startswith(LintCode.OVERLAP)]
    assert sorted(remark.language for remark in found) == ["en", "nl"]
    found.sort(key=lambda remark: remark.language, reverse=True)
    assert "“0-10”" in found[0].sentence and found[0].url.endswith("?language=nl#options")
    assert not found[0].is_stop

    dismiss_remark(survey=survey, key=found[0].key, reason="Het gaat om huisnummers", by=editor)
    left = [remark for remark in open_remarks(fresh(survey)) if remark.code.startswith(LintCode.OVERLAP)]
    assert [remark.language for remark in left] == ["en"]
    Option.objects.filter(question=question, order=91).update(label={"nl": "10 - 30", "en": "10 to 20"})
    back = [
        pair for pair in remarks_with_dismissals(fresh(survey)) if pair[0].code.startswith(LintCode.OVERLAP)
    ]
    assert [aside for _remark, aside in back] == [None, None]  # other words bring it back
