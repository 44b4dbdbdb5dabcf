"""Words that people type, and what they mean by them."""

import pytest

from initiatives.matching import skills
from initiatives.matching.skills import skills_in
from initiatives.states import Skill


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fietsen maken", {"handy"}),
        ("Ik repareer graag oude fietsen.", {"handy"}),
        ("Soep koken voor de buurt", {"cook"}),
        ("I like cooking, and I can drive a van.", {"cook", "drive"}),
        ("tuinieren", {"handy", "green"}),
        ("Nederlandse les geven", {"language"}),
        ("helpen met formulieren en brieven", {"language"}),
        ("ik heb een schuur die u mag lenen", {"space"}),
        ("gitaar spelen, of voorlezen", {"creative", "language"}),
        ("Ik organiseer evenementen", {"organise"}),
        ("op bezoek gaan bij ouderen", {"care"}),
        ("my phone and photos", {"digital"}),
        ("Ik kan niet koken", set()),
        ("Ik kan niet koken, maar wel timmeren", {"handy"}),
        ("I can't drive. I can bake!", {"cook"}),
        ("koken (maar niet rijden)", {"cook"}),
        ("", set()),
        ("!!! 123 ...", set()),
        ("Ik ben een kokosnoot", set()),  # short beginnings are whole words
    ],
)
def test_skills_in_words(words, found):
    assert skills_in(words) == found


def test_every_skill_has_words():
    assert set(skills.SKILL_WORDS) == set(Skill.values)
