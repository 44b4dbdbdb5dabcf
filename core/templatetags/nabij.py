"""Template components. A builtin of the template engine: no {% load %} needed.

Slots are block tags: {% words by=_("You wrote") %}...{% endwords %}. Components without slots are includes in
templates/components/. /styleguide/ shows all of them in every state. Tags that know a subject stand in the
templatetags of its app.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import Field
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from core import drawings
from core import i18n as texts

register = template.Library()


# --- what is the same for everybody ---------------------------------------------------------------


class CachedBlockNode(template.Node):
    """Renders its content once per process, language and keys. Keeps MOST results, then starts over."""

    MOST = 500

    def __init__(self, nodelist: template.NodeList, keys: list[template.base.FilterExpression]) -> None:
        self.nodelist, self.keys = nodelist, keys
        self.drawn: dict[tuple, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        keys = tuple(key.resolve(context, ignore_failures=True) for key in self.keys)
        if None in keys:
            return self.nodelist.render(context)
        keys = (get_language(), *keys)
        drawn = self.drawn.get(keys)
        if drawn is None:
            if len(self.drawn) >= self.MOST:
                self.drawn.clear()
            drawn = self.drawn[keys] = self.nodelist.render(context)
        return drawn


@register.tag
def kept(parser: template.base.Parser, token: template.base.Token) -> CachedBlockNode:
    """{% kept key ... %}...{% endkept %}: caches a part that depends only on the language and the keys.

    Never use it for personal data or choices. If a key is None, the part is rendered without caching.
    """
    keys = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return CachedBlockNode(nodelist, keys)


# --- icons and drawings -----------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 20, weight: float = 1.9, label: str = "") -> SafeString:
    """An inline icon, hidden from screen readers unless it has a label."""
    flip = " flip" if name in drawings.FLIPPED_ICONS else ""
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" width="{}" height="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="{}" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        flip, size, size, str(weight), said, mark_safe(drawings.ICON_PATHS[name]),
    )  # fmt: skip


@register.simple_tag
@lru_cache(maxsize=8)
def mark(size: int = 28) -> SafeString:
    """The logo: a house with one lit window."""
    return format_html(
        '<svg class="nabij-mark-house" width="{0}" height="{0}" viewBox="0 0 28 28" aria-hidden="true">'
        '<path class="wall" d="M3 27V11L14 2l11 9v16z"/>'
        '<rect class="dark" x="8" y="14" width="5.5" height="7" rx="1"/>'
        '<rect class="lit" x="15" y="14" width="5.5" height="7" rx="1"/></svg>',
        size,
    )


@register.simple_tag
def street_drawing(
    lit: int = 0, own: bool = False, label: str = "", width: int = 360, height: int = 104
) -> SafeString:
    """The street with exactly `lit` windows lit, one of them the reader's if `own`."""
    drawn = drawings.street(int(lit), own=bool(own), width=width, height=height)
    role = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return mark_safe(drawings.street_svg(drawn, role=role))


SCENES = (280, 330, 380, 440, 520)
"""Widths of the street that show different houses."""


@register.simple_tag
def scene(seed: int | None) -> SafeString:
    """A street used as a picture, always the same for a theme. Its windows are dark, since a lit one means a
    neighbour who was heard.
    """
    width = SCENES[(seed or 0) % len(SCENES)]
    return format_html(
        '<div class="nabij-sky nabij-picture">{}</div>', street_drawing(0, width=width, height=104)
    )


@register.inclusion_tag("components/street.html")
def lit_street(times: int, own: bool = False) -> dict:
    """Street and caption for the number of times people took part, a public number (from the snapshot, rounded)."""
    lights = drawings.lights_for(times or 0, drawings.capacity_of() - (1 if own else 0))
    return {"lit": lights.lit + (1 if own else 0), "each": lights.each, "own": own}


@register.simple_tag
def bar(value: float, of: float, kind: str = "") -> SafeString:
    """A horizontal bar on a track whose full length is `of`; the number stands beside it as text.

    Kind "few" is a mark without a length (too few to show), "outline" is the population, "behind" is hatched (less
    than half of its share so far). "counts" has no track: its numbers are no parts of a whole, and `of` is the
    largest of them.
    """
    if kind == "few":
        return mark_safe('<span class="nabij-bar-few"></span>')
    width = str(drawings.share(value or 0, of or 0))
    stripes = '<line x2="{}%" y1="50%" y2="50%"/>' if kind == "behind" else ""
    return format_html(
        f'<svg class="nabij-bar{f" nabij-bar--{kind}" if kind in ("outline", "behind", "counts") else ""}" '
        f'aria-hidden="true"><rect width="{{}}%" height="100%"/>{stripes}</svg>',
        width,
        width,
    )


@register.simple_tag
def bar_rows(rows: Iterable[Any]) -> SafeString:
    """The answers to one question as bars, like components/bar_row.html. Rendered in Python, because a page of
    results has a hundred.

    Each row has label (texts), n (None: too few to show), `of` (the total) and percent (or None).
    """
    language, few = get_language() or "", escape(_("too few"))
    drawn = [
        f"<li><span>{escape(texts.pick(row.label, language))}</span>{_bar_and_number(row, few)}</li>"
        for row in rows
    ]
    return mark_safe(f'<ul class="nabij-bars">{"".join(drawn)}</ul>')


def _bar_and_number(row: Any, few: str) -> str:
    if row.n is None:
        return f'{bar(0, 1, "few")}<span class="soft">{few}</span>'
    share = "" if row.percent is None else f" · {row.percent}%"
    return f'{bar(row.n, row.of)}<span class="num"><b class="strong">{row.n}</b>{share}</span>'


@register.simple_tag
def count_rows(rows: Iterable[Any], percents: bool = True) -> SafeString:
    """The same rows as table rows, for readers who prefer numbers."""
    language, few = get_language() or "", escape(_("too few"))
    drawn = []
    for row in rows:
        n = f'<span class="nabij-suppressed">{few}</span>' if row.n is None else str(row.n)
        share = f'<td class="r num">{"" if row.percent is None else row.percent}</td>' if percents else ""
        drawn.append(
            f'<tr><td>{escape(texts.pick(row.label, language))}</td><td class="r num">{n}</td>{share}</tr>'
        )
    return mark_safe("".join(drawn))


@register.simple_tag
def waiting_strip(waits: list[tuple[float, int]], promised: int) -> SafeString:
    """Circles for everybody who waits. `waits`: (days so far, people); `promised`: the number of days promised."""
    return _strip(tuple(waits), promised, get_language())


@lru_cache(maxsize=500)
def _strip(waits: tuple[tuple[float, int], ...], promised: int, language: str | None) -> SafeString:
    strip = drawings.waiting_strip(waits, promised)
    late = ' class="late"'
    drawn = "".join(
        f'<circle cx="{at.x}" cy="{at.y}" r="3.5"{late if at.late else ""}/>' for at in strip.circles
    )
    context = {
        "strip": strip,
        "circles": mark_safe(drawn),
        "people": sum(people for _days, people in waits),
        "late": sum(people for days, people in waits if days > promised),
    }
    return render_to_string("components/waiting_strip.html", context)


@register.inclusion_tag("components/reconciliation.html", takes_context=True)
def reconciliation(context, parts: list[dict], total: int, name: str = "") -> dict:
    """A bar of parts that must add up to `total`. Each part: kind, label, count and perhaps url and action.

    Kinds: sent, page, suppressed, failed, uncertain, pending. The parts and the total come from the same query; the
    sum is written beside the bar so that a reader can check it.
    """
    count = context.render_context.get("nabij_bars", 0) + 1
    context.render_context["nabij_bars"] = count
    return {
        "parts": drawings.parts_of_whole(parts),
        "total": total,
        "name": name,
        "adds_up": sum(part["count"] for part in parts) == total,
        "id": f"bar{count}",
    }


# --- blocks with a slot -----------------------------------------------------------------------


def _block(kind: str, by, status, content, tag: str = "div") -> SafeString:
    label = format_html('<p class="nabij-by">{}{}</p>', by, _pill(status)) if by or status else ""
    return format_html('<div class="{}">{}<{}>{}</{}></div>', kind, label, tag, content, tag)


def _pill(status) -> SafeString | str:
    """A status is a kind ("done") or a kind and a text ("late:3 weeks")."""
    if not status:
        return ""
    kind, _colon, word = str(status).partition(":")
    return format_html(
        " {}", mark_safe(render_to_string("components/status.html", {"kind": kind, "word": word}))
    )


@register.simple_block_tag
def words(content, by="", lang="", about=""):
    """What a resident said; `about` is the question it answers."""
    said = format_html(' lang="{}"', lang) if lang else ""
    label = format_html('<p class="nabij-by">{}</p>', by) if by else ""
    asked = format_html('<p class="small soft">{}</p>', about) if about else ""
    return format_html(
        '<div class="nabij-words">{}{}<blockquote dir="auto"{}>{}</blockquote></div>',
        label,
        asked,
        said,
        mark_safe(content.strip()),
    )


@register.simple_block_tag
def reply(content, by="", status=""):
    """The answer of the municipality. Status: done, part, no, elsewhere, notyet."""
    return _block("nabij-reply", by or _("We answer"), status, content)


@register.simple_block_tag
def owed(content, by="", status=""):
    """A reply that is still due: the same block, with a date instead of an answer."""
    return _block("nabij-reply nabij-reply--owed", by or _("Our answer goes here"), status, content)


@register.simple_block_tag
def late(content, by="", status=""):
    return _block("nabij-reply nabij-reply--owed nabij-reply--late", by or _("We are late"), status, content)


@register.simple_block_tag
def card(content, title="", level=2):
    heading = format_html('<h{0} class="utrecht-heading-3">{1}</h{0}>', level, title) if title else ""
    return format_html('<section class="nabij-card">{}{}</section>', heading, content)


@register.simple_block_tag
def why(content, summary=""):
    """Collapsed explanation: why we ask, what we do with it and who does it."""
    return format_html(
        '<details class="nabij-why"><summary>{}{}</summary><div>{}</div></details>',
        icon("info", 18), summary or _("Why do we ask this?"), content,
    )  # fmt: skip


@register.simple_block_tag
def keyboard_shortcuts(content):
    """The keyboard shortcuts of this page, as list items; keys.js shows and handles them."""
    return render_to_string("components/keys.html", {"content": mark_safe(content)})


@register.simple_block_tag
def done(content, title=""):
    """A confirmation that replaces the pressed button; it stays until the page changes."""
    heading = format_html('<b class="strong">{}</b> ', title) if title else ""
    return format_html(
        '<div class="nabij-done" role="status">{}<div>{}{}</div></div>',
        icon("check", 24, 2.4),
        heading,
        content,
    )


@register.simple_block_tag
def notice(content, kind="info", title=""):
    """A notice. Kind: info, warning, late."""
    heading = format_html('<b class="strong">{}</b> ', title) if title else ""
    return format_html(
        '<div class="nabij-notice{}">{}<div>{}{}</div></div>',
        " nabij-notice--late" if kind == "late" else "",
        icon("info" if kind == "info" else "warning", 24), heading, content,
    )  # fmt: skip


@register.simple_block_tag
def panel(content, title="", end="", kind="", pad=True, level=2):
    """A panel of the desk: title on the left, a short text or link on the right. Kind "label": dark title bar."""
    heading = format_html("<header><h{0}>{1}</h{0}>{2}</header>", level, title, _end(end)) if title else ""
    body = format_html('<div class="pad stack">{}</div>', content) if pad else content
    return format_html(
        '<section class="panel{}">{}{}</section>', f" panel--{kind}" if kind else "", heading, body
    )


def _end(end) -> SafeString | str:
    return format_html('<span class="end soft">{}</span>', end) if end else ""


# --- forms ------------------------------------------------------------------------------------


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms) -> dict:
    """All errors above the form: takes the focus and links to the fields."""
    entries = []
    for form in forms:
        if form is None or not form.is_bound:
            continue
        form.summarised = True  # so that the form does not repeat the errors
        entries += [("", message) for message in form.non_field_errors()]
        for field in form:
            target = field.id_for_label or f"{field.auto_id}_0"  # in a group: its first choice
            entries += [(target, _named(field, message)) for message in field.errors]
    return {"entries": entries}


def _named(field, message: str) -> str:
    """Prefix "This field is required" with the label, because it stands far from its field."""
    unnamed = str(Field.default_error_messages["required"])
    return f"{field.label}: {message}" if message == unnamed and field.label else message


@register.simple_tag
def title_prefix(*forms) -> str:
    """The prefix "Error: " for the page title after a refused form, so that a screen reader says it first."""
    return _("Error: ") if any(form is not None and form.is_bound and form.errors for form in forms) else ""


# --- texts and dates --------------------------------------------------------------------------


@register.filter
def text(value) -> str:
    """A text written by staff ({"nl": ..., "en": ...}) in the reader's language, or the nearest available."""
    return texts.pick(value, get_language() or "")


@register.filter
def beside(values, others):
    """Pairs (other, value) of two lists of the same length."""
    return list(zip(others, values, strict=True))


@register.filter
def unbroken(value: str) -> str:
    """With non-breaking spaces, for a phone number or another short text."""
    return str(value).replace(" ", "\u00a0")


@register.filter
def firm(value: str) -> SafeString:
    first, stop, rest = str(value).partition(". ")
    return format_html('<b class="strong">{}{}</b> {}', first, stop.strip(), rest)


@register.simple_tag
def lang_of(value) -> SafeString:
    """` lang="nl" dir="ltr"` when a staff text is shown in another language than the page's."""
    code = texts.language_of(value, get_language() or "")
    if not code or code == get_language():
        return mark_safe("")
    return format_html(' lang="{}" dir="{}"', code, "rtl" if _is_rtl(code) else "ltr")


@register.filter
def in_another_language(value) -> bool:
    return texts.language_of(value, get_language() or "") not in ("", get_language())


def _is_rtl(code: str) -> bool:
    try:
        return get_language_info(code)["bidi"]
    except KeyError:
        return False


def _local(value):
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def daymonth(value: date | datetime | None) -> str:
    """For example "15 mei"; with the year unless it is the current year."""
    if not value:
        return ""
    value = _local(value)
    same_year = value.year == timezone.localdate().year
    return formats.date_format(value, "j F" if same_year else "j F Y")


@register.filter
def month(value: date | datetime | None) -> str:
    """For example "mei" or "sep", for a calendar leaf; lower case in Dutch."""
    short = formats.date_format(_local(value), "M") if value else ""
    return short.lower() if (get_language() or "").startswith("nl") else short


@register.filter
def weekday_date(value: date | datetime | None) -> str:
    """For example "maandag 4 mei"; with the year unless it is the current year."""
    return f"{formats.date_format(_local(value), 'l')} {daymonth(value)}" if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """For example "14.20" in Dutch, "14:20" in other languages."""
    if not value:
        return ""
    return formats.date_format(_local(value), "H.i" if (get_language() or "").startswith("nl") else "H:i")


@register.filter
def paragraphs(value: str) -> SafeString:
    """Plain text as paragraphs, separated by empty lines. Escapes all markup."""
    blocks = [block.strip() for block in str(value or "").replace("\r", "").split("\n\n") if block.strip()]
    return format_html_join(
        "", "<p>{}</p>", ((mark_safe(conditional_escape(b).replace("\n", "<br>")),) for b in blocks)
    )
