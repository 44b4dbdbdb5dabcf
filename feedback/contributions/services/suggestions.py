"""Suggests themes for texts, learnt from what colleagues coded. A suggestion counts only when a person
accepts it."""

import math
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock, Thread
from typing import Any
from uuid import UUID

from django.db.models import Count, Max

from feedback.contributions.labelling import LabelSuggestion, Model, TrainingExample, learn, widen
from feedback.models import Contribution, ContributionTheme
from feedback.states import Reading
from neighbourhoods.models import Theme

MOST_EXAMPLES = 1_000
_QUICK_EXAMPLES = 50
_MODEL_SECONDS = 3_600
_lock = Lock()
_kept: dict[Any, tuple[float, Model | None]] = {}


def suggestions_for_texts(
    texts: Iterable[Mapping[str, Any]], themes: Iterable[Theme]
) -> dict[UUID, list[LabelSuggestion]]:
    """Suggestions by id of a text (pk, masked_text, language). The labels are slugs of themes in use."""
    texts, themes = list(texts), [theme for theme in themes if theme.retired_on is None]
    model = _model(themes) if texts else None
    if model is None:
        return {}
    slugs = {theme.slug for theme in themes}
    found = {row["pk"]: model.suggest(row["masked_text"], row["language"]) for row in texts}
    return {pk: [one for one in ones if one.label in slugs] for pk, ones in found.items()}


def _model(themes: list[Theme]) -> Model | None:
    """The model of this process; retrained when codings grow by 10%, a theme changes, or after an hour.

    Training never blocks a page: the previous model, or one trained on a few examples, is used meanwhile.
    """
    coded = ContributionTheme.objects.aggregate(n=Count("pk"), last=Max("pk"))
    names = tuple((theme.slug, repr(theme.name), repr(theme.words)) for theme in themes)
    size = int(math.log(coded["n"] or 1, 1.1)) if coded["n"] else -1
    # A recreated database restarts its counts: while there are few codings, the last id tells them apart.
    key = (size, coded["last"] if coded["n"] < 100 else None, names)
    with _lock:
        made, model = _kept.get(key, (0.0, None))
        if made and time.monotonic() - made <= _MODEL_SECONDS:
            return model
        before = model or next((old for _made, old in _kept.values()), None)
        examples, hints = _examples(), {theme.slug: list(_hints(theme)) for theme in themes}
        model = before or learn(examples[:_QUICK_EXAMPLES], hints)
        _kept.clear()
        _kept[key] = (time.monotonic(), model)
    _aside(lambda: _keep(key, learn(examples, hints)))
    return _kept.get(key, (0.0, model))[1]


def _keep(key: Any, model: Model | None) -> None:
    with _lock:
        if key in _kept:  # otherwise a newer one is being trained
            _kept[key] = (time.monotonic(), model)


def _aside(work: Callable[[], None]) -> None:
    """Run in a thread, not in the request: it takes seconds."""
    Thread(target=work, name="suggestions", daemon=True).start()


def _examples() -> list[TrainingExample]:
    """The latest coded texts, without sensitive ones."""
    rows = list(
        Contribution.objects.texts()
        .filter(reading=Reading.CLEAR)
        .order_by("-said_on", "-pk")
        .values_list("pk", "masked_text", "language")[:MOST_EXAMPLES]
    )
    labels: dict[UUID, set[str]] = defaultdict(set)
    given = ContributionTheme.objects.filter(contribution__in=[pk for pk, _text, _language in rows])
    for pk, slug in given.values_list("contribution", "theme__slug"):
        labels[pk].add(slug)
    return [
        TrainingExample(text, language, frozenset(labels[pk])) for pk, text, language in rows if labels[pk]
    ]


def _hints(theme: Theme) -> Iterable[tuple[str, str, float]]:
    """(word, language, weight) of a theme: its words, those of its name, and related words."""
    said: dict[str, list[str]] = defaultdict(list)
    for texts in (theme.name, theme.words):
        for language, text in texts.items():
            said[language] += [word for word in re.split(r"[\s,;/]+", text) if word]
    for language, words in said.items():
        for word, weight in widen(words, language).items():
            yield word, language, weight
