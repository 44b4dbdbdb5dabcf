"""What texts may be about, learnt from what colleagues coded before. Nothing counts before a person accepts it."""

import math
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock, Thread
from typing import Any
from uuid import UUID

from django.db.models import Count, Max

from feedback.contributions.suggesting import LabelSuggestion, Model, TrainingExample, learn
from feedback.contributions.vocabulary import widen
from feedback.models import Contribution, ContributionTheme
from feedback.states import Reading
from neighbourhoods.models import Theme

MOST_EXAMPLES = 1_000
_QUICK_EXAMPLES = 50
_MODEL_SECONDS = 3_600
_lock = Lock()
_kept: dict[Any, tuple[float, Model | None]] = {}


def for_texts(
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
    """Learnt anew when a tenth more was coded, a theme changed, or an hour passed; kept in this process only.

    Nobody waits for that: what was learnt before, or a quick look at a few, serves until the new one is there.
    """
    coded = ContributionTheme.objects.aggregate(n=Count("pk"), last=Max("pk"))
    names = tuple((theme.slug, repr(theme.name), repr(theme.words)) for theme in themes)
    size = int(math.log(coded["n"] or 1, 1.1)) if coded["n"] else -1
    # A database made anew begins counting anew: the last one tells them apart while there are few.
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
        if key in _kept:  # else something newer is being learnt
            _kept[key] = (time.monotonic(), model)


def _aside(work: Callable[[], None]) -> None:
    """Beside the page that asked: it takes a second or a few."""
    Thread(target=work, name="suggestions", daemon=True).start()


def _examples() -> list[TrainingExample]:
    """What was coded last; what is sensitive is no example."""
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
    """The words that go with a theme, those of its name, and what belongs with them."""
    said: dict[str, list[str]] = defaultdict(list)
    for texts in (theme.name, theme.words):
        for language, text in texts.items():
            said[language] += [word for word in re.split(r"[\s,;/]+", text) if word]
    for language, words in said.items():
        for word, weight in widen(words, language).items():
            yield word, language, weight
