"""Hints to the reader: danger and street defects, in two languages, and quiet elsewhere."""

import pytest

from feedback.screening import SignalKind, find_signals
from feedback.states import Handover
from tests.growth import grows_in_step


def topics(text):
    return {signal.topic for signal in find_signals(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Mijn buurman bedreigt mij als ik de deur uit ga.",
        "Er was weer een steekpartij bij het metrostation",
        "De jongen van hiernaast wordt geslagen, dat hoor je door de muur",
        "Hij slaat zijn vrouw. Doe iets!",
        "Soms wil ik niet meer leven.",
        "De kinderen worden verwaarloosd",
        "Die groep gedraagt zich bedreigend",
        "In de kelder ligt een vuurwapen",
        "Al dagen een gaslucht in het portiek",
        "vorige week is er een auto in brand gestoken",
        "She is afraid, he hits her and the kids",
        "I was threatened with a knife near the station",
        "Sometimes I want to die",
        "There is a smell of gas in the hallway",
        "Two men assaulted my son",
    ],
)
def test_danger_is_pointed_out(text):
    assert topics(text) == {SignalKind.DANGER}


@pytest.mark.parametrize(
    "text",
    [
        "De lantaarnpaal voor nummer 12 brandt niet",
        "kapotte lantaarn in het achterpad",
        "Er zit een gat in de weg bij de school",
        "Losse tegels, mijn moeder is er al twee keer gevallen",
        "De container zit altijd vol",
        "De put op de hoek is verstopt.",
        "Het bankje bij de vijver is stuk",
        "Huge pothole in front of the library",
        "The street lights in our lane are out",
        "The bins are always overflowing",
        "broken swing in the playground",
    ],
)
def test_street_defect_is_pointed_out(text):
    assert topics(text) == {SignalKind.DEFECT}


@pytest.mark.parametrize(
    "text",
    [
        "Graag meer bankjes in het park en een plek om te zitten.",
        "Ik mis een buurthuis. Vroeger at je daar samen.",
        "Meer verlichting in de tunnel zou fijn zijn",
        "Een schommel en een glijbaan voor de kleintjes",
        "De bus stopt hier niet meer",
        "Wat een geweldig plan!",
        "Het plein ligt er verwaarloosd bij",
        "Er is veel geld in gestoken",
        "Het buurthuis dreigt te verdwijnen",
        "They are threatening to close the library",
        "Ik kan helpen met koken voor de buurt",
        "More trees and fewer cars please",
        "A bench near the water and a bigger bin would be nice",
        "We skill up young people and share a workshop",
        "Ik houd van deze stad, hij is van ons allemaal.",
    ],
)
def test_what_is_no_signal_stays_quiet(text):
    assert find_signals(text) == []


def test_signals_show_the_words_and_may_be_of_both_kinds():
    text = "De lantaarn is kapot en in het donker word ik bedreigd."
    assert [(text[one.start : one.end], one.topic) for one in find_signals(text)] == [
        ("lantaarn is kapot", SignalKind.DEFECT),
        ("bedreigd", SignalKind.DANGER),
    ]


def test_topics_are_those_the_desk_hands_over():
    assert {topic.value for topic in SignalKind} <= set(Handover.values)


@pytest.mark.parametrize("piece", ["a ", "put ", "los ", "kapot put ", "mes een "])
def test_hints_on_a_huge_answer_take_no_time(piece):
    assert grows_in_step(find_signals, lambda size: piece * (size // len(piece)), 20_000)
