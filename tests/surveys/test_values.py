"""A number, a date, a neighbourhood and something about who answers: what each type makes of what came in."""

import pytest
from django.http import QueryDict

from surveys.questionnaire.counting import MAX_MONTH_BANDS, tally
from surveys.questionnaire.document import Shape
from surveys.questionnaire.question_types import QUESTION_TYPES, AnswerError, type_of
from surveys.questionnaire.question_types.about_you import SENSITIVE_TOPICS, PersonalTopic
from surveys.states import CountsAs
from tests.people import make_area
from tests.surveys.documents import layer, poll, question


def make(type, options=(), **settings):
    return poll(layer("1", question("9", type, options, settings=settings))).question("9")


def ask(asked, sent):
    return type_of(asked).clean(asked, QueryDict(sent))


# --- numbers


@pytest.mark.parametrize(
    ("sent", "answer"),
    [("0", {"n": 0}), (" 12 ", {"n": 12}), ("1 2", {"n": 12}), ("", None), ("  ", None)],
)
def test_a_number_is_kept_as_a_number(sent, answer):
    assert ask(make("number", least=0, most=20), f"q9={sent}") == answer


@pytest.mark.parametrize("sent", ["21", "-1", "3,5", "3.5", "veel", "1e9", "١x", "9" * 400])
def test_what_is_no_number_between_the_bounds_is_refused_with_the_bounds(sent):
    with pytest.raises(AnswerError, match="20"):
        ask(make("number", least=0, most=20), f"q9={sent}")


def test_a_number_is_read_with_its_unit():
    asked = make("number", least=0, most=40, unit={"nl": "uur", "en": "hours"})
    labels = [option.label for option in type_of(asked).result_options(asked)]

    assert type_of(asked).answer_text(asked, {"n": 3}, "en") == "3 hours"
    assert labels[1] == {"nl": "5–9 uur", "en": "5–9 hours"}


# --- dates

SUMMER = {"earliest": "2026-05-01", "latest": "2026-09-30"}


def test_a_day_is_kept_as_a_day():
    asked = make("date", **SUMMER)

    assert ask(asked, "q9-day=1&q9-month=5&q9-year=2026") == {"day": "2026-05-01"}
    assert ask(asked, "q9-day=&q9-month=&q9-year=") is None
    assert type_of(asked).answer_text(asked, {"day": "2026-05-01"}, "nl") == "1 mei 2026"


@pytest.mark.parametrize(
    "sent", ["1--", "1-5-", "31-6-2026", "1-1-2026", "1-10-2026", "a-5-2026", "0-0-0", "1-5-26"]
)
def test_what_is_no_day_between_the_bounds_is_refused(sent):
    day, month, year = sent.split("-")
    with pytest.raises(AnswerError):
        ask(make("date", **SUMMER), f"q9-day={day}&q9-month={month}&q9-year={year}")


def test_days_are_read_per_month_in_the_language_of_who_reads():
    asked = make("date", **SUMMER)
    options = type_of(asked).result_options(asked)

    assert [option.id for option in options][:2] == ["month:2026-05", "month:2026-06"]
    assert options[0].label == {"nl": "mei 2026", "en": "May 2026"}
    assert len(options) <= MAX_MONTH_BANDS


@pytest.mark.parametrize("type", ["one_choice", "several_choices", "about_you", "number", "date"])
def test_whatever_is_counted_has_a_row_in_the_results(type):
    asked = make(type, ("31", "32") if QUESTION_TYPES[type].has_options else (), subject="age")
    value = {
        Shape.ONE: "31", Shape.MANY: {"31": True}, Shape.NUMBER: {"n": 3}, Shape.DAY: {"day": "2026-05-01"},
    }.get(asked.shape)  # fmt: skip
    counted = tally(poll(layer("1", question("9", type, [o.id for o in asked.options]))), {"9": value}, ())
    rows = {option.id for option in type_of(asked).result_options(asked)}
    assert {key for _question, key in counted} - rows == {"shown", "answered"}


# --- neighbourhoods


@pytest.fixture
def places(municipality):
    return {"here": make_area("Havenkom"), "there": make_area("De Linde"), "far": make_area("Molenhoek")}


@pytest.fixture
def where(places):
    raw = question("9", "neighbourhood")
    raw["options"] = QUESTION_TYPES["neighbourhood"].frozen_options([places["here"], places["there"]])
    return poll(layer("1", raw)).question("9")


def give(code, *areas):
    for area in areas:
        area.postcodes.create(code=code)


@pytest.mark.django_db
def test_a_postcode_finds_the_neighbourhood_and_is_dropped(where, places):
    give("1011AB", places["here"])

    assert ask(where, "q9-postcode=1011+ab") == f"area:{places['here'].pk}"


@pytest.mark.django_db
def test_a_postcode_in_two_neighbourhoods_makes_the_person_choose(where, places):
    give("1011AB", places["here"], places["there"])

    with pytest.raises(AnswerError) as refused:
        ask(where, "q9-postcode=1011AB")

    assert refused.value.choices == {f"area:{places['here'].pk}", f"area:{places['there'].pk}"}


@pytest.mark.django_db
def test_a_postcode_elsewhere_offers_elsewhere(where, places):
    give("1099ZZ", places["far"])

    with pytest.raises(AnswerError) as refused:
        ask(where, "q9-postcode=1099ZZ")

    assert refused.value.choices == {"area:elsewhere"}


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ["q9-postcode=nergens", "q9-postcode=%00", "q9=area:999", "q9=31"])
def test_what_is_no_place_here_is_refused(where, sent):
    with pytest.raises(AnswerError):
        ask(where, sent)


@pytest.mark.django_db
def test_choosing_in_the_list_goes_before_the_postcode(where, places):
    assert ask(where, f"q9=area:{places['there'].pk}&q9-postcode=nergens") == f"area:{places['there'].pk}"
    assert ask(where, "q9=area:elsewhere") == "area:elsewhere"
    assert ask(where, "") is None


# --- about you


@pytest.mark.parametrize("subject", PersonalTopic.values)
def test_what_must_be_said_before_it_may_be_asked(subject):
    kind, languages = QUESTION_TYPES["about_you"], ["nl", "en"]
    bare = {"subject": subject}
    said = bare | {"reason": {"nl": "Daarom.", "en": "Because."}}

    assert bool(list(kind.missing(bare, languages))) == (subject != PersonalTopic.AGE)
    assert bool(list(kind.missing(said, languages))) == (subject in SENSITIVE_TOPICS)
    assert not list(kind.missing(said | {"consent": True}, languages))
    assert list(kind.missing(bare | {"consent": True}, languages))


def test_without_consent_no_answer_is_kept():
    asked = make("about_you", ("31", "32"), subject="health", consent=True)

    with pytest.raises(AnswerError):
        ask(asked, "q9=31")
    assert ask(asked, "q9=31&q9-consent=yes") == "31"
    assert ask(asked, "q9-consent=yes") is None
    assert not type_of(asked).is_one_tap(asked.settings)


def test_age_bands_are_those_of_the_advice():
    marks = {start.counts_as for start in QUESTION_TYPES["about_you"].starting_options({"subject": "age"})}

    assert marks - {""} == {CountsAs.AGE_15, CountsAs.AGE_25, CountsAs.AGE_45, CountsAs.AGE_65}


@pytest.mark.parametrize("subject", sorted(SENSITIVE_TOPICS))
def test_what_is_sensitive_begins_without_answers(subject):
    assert QUESTION_TYPES["about_you"].starting_options({"subject": subject}) == []
