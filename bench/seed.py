"""Actions in a house that is measured, each in a process of its own: `python -m bench.seed <action> [number ...]`."""

import os
import sys

import django

from bench import filling, pages, timing, volunteers

ACTIONS = {
    "house": filling.house,
    "bare": filling.bare,
    "answers": filling.answers,
    "grow": filling.grow,
    "grow-answers": filling.grow_answers,
    "desk": pages.desk,
    "queries": timing.queries,
    "postcodes": timing.postcodes,
    "owe": filling.owe,
    "offers": filling.offers,
    "hands": timing.hands,
    "boards": pages.boards,
    "city": filling.city,
    "compare": timing.compare,
    "export": timing.export,
    "hundred": pages.hundred,
    "letters": timing.letters,
    "publish": timing.publish_draft,
    "texts": pages.texts,
    "volunteers": volunteers.fill,
    "suggestions": volunteers.time_suggestions,
    "round": volunteers.time_round,
}


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    action, *numbers = words
    ACTIONS[action](*(int(word) if word.isdigit() else word for word in numbers))


if __name__ == "__main__":
    main(sys.argv[1:])
