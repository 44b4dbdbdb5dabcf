"""The meaning of the columns of a file with figures: as chosen by the user, else as recognised."""

from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from neighbourhoods.imports.column_detection import Glance, ScannedColumn
from neighbourhoods.imports.numerals import Decimal
from neighbourhoods.imports.services import indicators
from neighbourhoods.imports.services.figure_work import NEW, Meaning
from neighbourhoods.models import Indicator
from neighbourhoods.states import Nature


class Columns:
    """`meanings` are the columns to import, `shown` is the page's data per column, `asks` what must be chosen.

    `known` are the indicators by slug, `named` maps the name of a column to a slug.
    """

    def __init__(
        self, seen: Glance, known: dict[str, Indicator], named: dict[str, str], options: dict[str, Any]
    ) -> None:
        self._seen, self._named, self._options = seen, named, options
        self._known = dict(known)  # a copy: new indicators are added for this reading only
        self.meanings: list[Meaning] = []
        self.shown: list[dict[str, Any]] = []
        self.asks: list[str] = []
        self._read()

    @property
    def left_out(self) -> list[str]:
        brought = {one.column.index for one in self.meanings}
        return [one.key for one in self._seen.figures if one.index not in brought]

    def _read(self) -> None:
        chosen = self._options.get("columns", {})
        twice = {one.index for one in self._seen.twice}
        taken: dict[str, str] = {}
        for one in self._seen.figures:
            slug = chosen.get(str(one.index))
            guess = self._named.get(one.key, "") if one.index not in twice else ""
            if slug is None:
                slug = "" if one.evidence.is_all_zero or guess in taken else guess
            elif slug in taken:
                raise DomainError(
                    _("Two columns mean the same: %(one)s and %(other)s. Leave one of them out.")
                    % {"one": taken[slug], "other": one.head}
                )
            meaning = None
            if indicator := self._indicator(one, slug):
                taken[indicator.slug] = one.head
                meaning = self._meaning(one, indicator)
                self.meanings.append(meaning)
            self.shown.append(self._show(one, guess, slug, meaning))

    def _indicator(self, one: ScannedColumn, slug: str) -> Indicator | None:
        if slug != NEW:
            return self._known.get(slug)
        told = self._options.get("new", {}).get(str(one.index), {})
        made = indicators.new_indicator(
            name=told.get("name") or one.head,
            unit=told.get("unit", ""),
            nature=told.get("nature", Nature.COUNT),
            column=one.key,
            taken=self._known,
        )
        self._known[made.slug] = made
        return made

    def _meaning(self, one: ScannedColumn, indicator: Indicator) -> Meaning:
        decimal, sure = self._sign(one, indicator)
        if not sure:
            self._ask("signs")
        source = self._options.get("source") or indicators.source_of(indicator.slug)
        if not source:
            self._ask("source")
        return Meaning(one, indicator, decimal, self._zero_unknown(one, indicator), source or {})

    def _ask(self, what: str) -> None:
        if what not in self.asks:
            self.asks.append(what)

    def _sign(self, one: ScannedColumn, indicator: Indicator | None) -> tuple[Decimal, bool]:
        if told := self._options.get("signs", {}).get(str(one.index)):
            return Decimal(told), True
        counts = bool(indicator and indicator.nature == Nature.COUNT) or one.unit.casefold() == "aantal"
        return self._seen.sign(one, counts=counts)

    def _zero_unknown(self, one: ScannedColumn, indicator: Indicator) -> bool:
        """Whether an exact zero means "not known", which is common in columns of averages."""
        told = self._options.get("zeros")
        if told is not None:
            return one.index in told
        if not one.evidence.zeros:
            return False
        of_averages = indicator.nature in (Nature.AVERAGE, Nature.ESTIMATE)
        return indicators.never_zero(indicator.slug) or (of_averages and one.evidence.has_lonely_zero)

    def _show(self, one: ScannedColumn, guess: str, slug: str, meaning: Meaning | None) -> dict[str, Any]:
        evidence = one.evidence
        decimal, _sure = self._sign(one, meaning.indicator if meaning else None)
        return {
            "index": one.index,
            "head": one.head[:120],
            "unit": one.unit[:20],
            "examples": evidence.examples,
            "filled": evidence.filled,
            "gaps": evidence.gaps,
            "guess": guess,
            "slug": slug,
            "called": indicators.called(meaning.indicator) if meaning else "",
            "decimal": decimal.value,
            "doubtful": evidence.doubtful if not self._seen.sign(one, counts=False)[1] else [],
            "zeros": evidence.zeros,
            "all_zero": evidence.is_all_zero,
            "zero_unknown": bool(meaning and meaning.zero_unknown),
        }
