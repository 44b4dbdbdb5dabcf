"""Template tags for figures, their age and trend, and maps with classes. A builtin, as core/templatetags/nabij.py is.

Maps and long tables are built in Python: a city has 500 areas, and a template would be too slow.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core import drawings
from neighbourhoods.areas.maps import Map
from neighbourhoods.profile.services.compare import AreaComparison, AreaRow, FigureCell, Heading
from neighbourhoods.profile.statistics import TrendPoint

register = template.Library()

NO_FIGURE_SHADE = 4
"""The shade of an area without a figure; the four classes are 0 to 3."""


# --- figures ----------------------------------------------------------------------------------


def _format_figure(value: float | None, unit: str = "", decimals: int = 0) -> str:
    """For example "31%", "1.940", "€ 31,2", "4,1 km", with the separators of the reader's language."""
    return "" if value is None else _format_number(value, unit, decimals, get_language())


@lru_cache(maxsize=20_000)
def _format_number(value: float, unit: str, decimals: int, language: str | None) -> str:
    """Cached: formatting is slow, the table of a city has 3,000 numbers, and most of those are the same."""
    value = round(value, decimals) + 0.0  # turns -0.0 into 0.0
    number = formats.number_format(value, decimals, use_l10n=True, force_grouping=True)
    if unit == "%":
        return f"{number}%"
    if unit.startswith("€"):
        return f"€\u00a0{number}{unit[1:]}"
    return f"{number}\u00a0{unit}" if unit else number


@register.simple_tag
def figure(value: float | None, unit: str = "", decimals: int = 0) -> str:
    return _format_figure(value, unit, decimals)


@register.filter
def age_of_day(day: date | None) -> str:
    """Age in words: “of today”, “5 days old”, “3 months old”."""
    if day is None:
        return ""
    days = (timezone.localdate() - day).days
    if days < 1:
        return _("of today")
    if days < 60:
        return ngettext("%(days)d day old", "%(days)d days old", days) % {"days": days}
    if days < 730:
        return ngettext("%(months)d month old", "%(months)d months old", days // 30) % {"months": days // 30}
    return ngettext("%(years)d year old", "%(years)d years old", days // 365) % {"years": days // 365}


@register.simple_tag
def sparkline(points: list[TrendPoint], unit: str = "", decimals: int = 0) -> SafeString:
    """A figure over years that can be compared; the values are in the label for screen readers."""
    said = ", ".join(f"{point.year}: {_format_figure(point.value, unit, decimals)}" for point in points)
    line = drawings.line([(point.year, point.value) for point in points])
    x, y = line.last
    return format_html(
        '<svg class="nabij-line" width="{}" height="{}" role="img" aria-label="{}">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>',
        line.width, line.height, said, line.points, str(x), str(y),
    )  # fmt: skip


@register.simple_tag
def monthly_sparkline(points: list[tuple[date, float]]) -> SafeString:
    """A figure over the months, with its last value; used beside a table that has the numbers."""
    said = ", ".join(
        f"{formats.date_format(on, 'F Y')}: {formats.number_format(value, 0)}" for on, value in points
    )
    line = drawings.line([(on.toordinal(), value) for on, value in points], 220, 44)
    x, y = line.last
    return format_html(
        '<svg class="nabij-line" width="{}" height="{}" role="img" aria-label="{}">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg> <b class="strong num">{}</b>',
        line.width, line.height, said, line.points, str(x), str(y), formats.number_format(points[-1][1], 0),
    )  # fmt: skip


@lru_cache(maxsize=4)
def _address(page: str) -> str:
    """Cached, because a page links to 500 areas twice."""
    return reverse(page, args=["0"])


def area_url(slug: str, page: str = "area") -> str:
    return _address(page).replace("0", slug)


# --- maps -------------------------------------------------------------------------------------


@register.simple_tag
def shade_defs() -> SafeString:
    """The patterns of all maps on a page, once: white, two hatches, cross-hatch, and dots for no figure."""
    strokes = ("", "M0 0V7", "M0 0V7", "M0 0V7M0 0H7", "")
    patterns = "".join(
        f'<pattern id="shade{shade}" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect class="shade{shade}" width="7" height="7"/>'
        + (f'<path class="shade{shade}-line" d="{stroke}"/>' if stroke else "")
        + ('<circle class="shade4-dot" cx="3.5" cy="3.5" r="1"/>' if shade == NO_FIGURE_SHADE else "")
        + "</pattern>"
        for shade, stroke in enumerate(strokes)
    )
    return mark_safe(f'<svg class="nabij-defs-only" aria-hidden="true"><defs>{patterns}</defs></svg>')


@register.simple_tag
def shade_swatch(shade: int) -> SafeString:
    return mark_safe(
        '<svg class="nabij-swatch" width="34" height="20" aria-hidden="true">'
        f'<rect width="34" height="20" fill="url(#shade{int(shade)})"/></svg>'
    )


@register.simple_tag
def area_map(
    map: Map,
    shades: Mapping[str, int] | None = None,
    own: str = "",
    border: str = "",
    linked: Collection[str] | None = None,
    page: str = "area",
) -> SafeString:
    """Areas on a map; the list beside it has the same links.

    With `shades` (key -> 0 to 3) areas are filled by class; an area missing from it has no figure. `own` is the
    area of the page and `border` its path, drawn double; a district surrounds several areas. `linked` holds the
    keys that link to `page`; None means all.
    """
    drawn, names = [], []
    mine = f'<path class="own-gap" d="{border}"/><path class="own" d="{border}"/>' if border else ""
    for shape in map.shapes:
        title = escape(shape.title)
        fill = "" if shades is None else f' fill="url(#shade{shades.get(shape.key, NO_FIGURE_SHADE)})"'
        path = f'<path d="{shape.path}"{fill}><title>{title}</title></path>'
        if linked is None or shape.key in linked:
            current = ' aria-current="page"' if shape.key == own else ""
            path = f'<a href="{area_url(shape.key, page)}" aria-label="{title}"{current}>{path}</a>'
        drawn.append(path)
        if shape.name:
            strong = ' class="strong"' if shape.key == own else ""
            names.append(
                f'<text x="{shape.x}" y="{shape.y}" font-size="{map.letter}" aria-hidden="true"{strong}>'
                f"{escape(shape.name)}</text>"
            )
    label = escape(_("Map of the areas; the list has the same links"))
    kind = "nabij-map" if shades is None else "nabij-map nabij-map--shaded"
    return mark_safe(
        f'<svg class="{kind}" viewBox="0 0 {map.width} {map.height}" role="group" aria-label="{label}">'
        f"{''.join(drawn)}{mine}{''.join(names)}</svg>"
    )


@register.simple_tag
def point_map(map: Map, at: tuple[int, int] | None = None) -> SafeString:
    """Areas without links and one point on them; static/point.js lets the user place it."""
    shapes = "".join(f'<path d="{shape.path}"/>' for shape in map.shapes)
    names = "".join(
        f'<text x="{shape.x}" y="{shape.y}" font-size="{2 * map.letter}">{escape(shape.name)}</text>'
        for shape in map.shapes
        if shape.name
    )
    where = f'transform="translate({at[0]} {at[1]})"' if at else 'visibility="hidden"'
    label = escape(_("Map of the neighbourhoods; the list holds the places"))
    return mark_safe(
        f'<svg class="nabij-map nabij-map--point" viewBox="0 0 {map.width} {map.height}" role="img" '
        f'aria-label="{label}" data-west="{map.west!r}" data-north="{map.north!r}" '
        f'data-across="{map.across!r}" data-down="{map.down!r}">{shapes}{names}'
        f'<g data-point {where}><g><circle class="point" r="26"/><circle class="point-heart" r="8"/></g></g></svg>'
    )


@register.simple_tag
def map_shapes(map: Map) -> SafeString:
    """The borders alone, for reuse by small maps on the same page."""
    shapes = "".join(f'<path id="m-{escape(shape.key)}" d="{shape.path}"/>' for shape in map.shapes)
    return mark_safe(f'<svg class="nabij-defs-only" aria-hidden="true"><defs>{shapes}</defs></svg>')


@register.simple_tag
def small_map(map: Map, shades: Mapping[str, int], label: str) -> SafeString:
    """One of several maps for comparison at a glance; its numbers are in the table."""
    uses = "".join(
        f'<use href="#m-{escape(shape.key)}" fill="url(#shade{shades.get(shape.key, NO_FIGURE_SHADE)})"/>'
        for shape in map.shapes
    )
    return mark_safe(
        f'<svg class="nabij-map nabij-map--small" viewBox="0 0 {map.width} {map.height}" role="img" '
        f'aria-label="{escape(label)}">{uses}</svg>'
    )


# --- the table of all areas -------------------------------------------------------------------


def cell_text(cell: FigureCell, heading: Heading) -> str:
    return (
        _format_figure(cell.value, heading.unit, heading.decimals)
        if cell.value is not None
        else cell.short_gap_text
    )


@register.simple_tag
def map_legend_list(rows: Iterable[AreaRow], heading: Heading) -> SafeString:
    """The list beside a map: each area with its value in one column."""
    drawn = []
    for row in rows:
        cell = row.cells[heading.key]
        kind = "soft" if cell.value is None else "num"
        drawn.append(
            f'<li><a href="{area_url(row.area.slug)}">{escape(row.area.name)}</a> '
            f'<span class="{kind}">{escape(cell_text(cell, heading))}</span></li>'
        )
    return mark_safe(f'<ol class="nabij-beside nabij-beside--long">{"".join(drawn)}</ol>')


@register.simple_tag
def compare_rows(comparison: AreaComparison, rows: Iterable[AreaRow]) -> SafeString:
    """The body of the table: the area name as a link, then a cell per column."""
    drawn = []
    for row in rows:
        cells = []
        for heading in comparison.headings:
            cell = row.cells[heading.key]
            text = escape(cell_text(cell, heading))
            if cell.value is None:
                text = f'<span class="nabij-suppressed">{text}</span>'
            elif cell.missing:
                text += " *"
            cells.append(f'<td class="r num">{text}</td>')
        district = escape(row.area.parent.name) if row.area.parent else ""
        drawn.append(
            f'<tr><th scope="row"><a href="{area_url(row.area.slug)}">{escape(row.area.name)}</a> '
            f'<span class="soft tiny">{district}</span></th>{"".join(cells)}</tr>'
        )
    return mark_safe("".join(drawn))
