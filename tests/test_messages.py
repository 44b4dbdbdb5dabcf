"""What finds the texts of the house, and what judges their translations."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.management.commands.translations import (
    append,
    doubles,
    entries,
    findings_in,
    missing_texts,
    prune,
    read_catalogue,
)
from accounts.messages import (
    CALLS,
    SOURCES,
    Text,
    texts_in_libraries,
    texts_in_python,
    texts_in_template,
)

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n'


@pytest.fixture
def catalogue(tmp_path, settings):
    settings.BASE_DIR = tmp_path

    def write(entries: str):
        path = tmp_path / "django.po"
        path.write_text(f"{HEADER}\n{entries}")
        return path

    return write


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('_("Hello")', Text("Hello")),
        ('_("Hel" "lo")', Text("Hello")),
        ('gettext_lazy("Hello")', Text("Hello")),
        ('ngettext("%(n)s neighbour", "%(n)s neighbours", n)', Text("%(n)s neighbour", "%(n)s neighbours")),
        ('pgettext("a door", "open")', Text("open", context="a door")),
        ('translation.gettext("Hello")', Text("Hello")),
    ],
)
def test_texts_in_python(source, text):
    assert [found for _line, found in texts_in_python(source)] == [text]


def test_no_other_name_hides_a_text_from_the_catalogue():
    names = re.compile(r"\bn?p?gettext\w* as (\w+)")
    files = [path for folder in SOURCES for path in Path(settings.BASE_DIR, folder).rglob("*.py")]
    found = {name for path in files for name in names.findall(path.read_text())}
    assert found and found <= set(CALLS)


@pytest.mark.parametrize("source", ["_(name)", 'f("Hello")', '_(f"{name}")'])
def test_texts_in_python_leaves_what_is_no_text(source):
    assert not list(texts_in_python(source))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('<p>{% translate "Hello" %}</p>', Text("Hello")),
        ('{% translate "open" context "a door" %}', Text("open", context="a door")),
        ('{{ _("Hello") }}', Text("Hello")),
        ('{% include "x.html" with title=_("Hello") only %}', Text("Hello")),
        (
            "{% blocktranslate trimmed count n=n %}\n  {{ n }} day\n"
            "{% plural %}\n  {{ n }} days\n{% endblocktranslate %}",
            Text("%(n)s day", "%(n)s days"),
        ),
    ],
)
def test_texts_in_template(source, text):
    assert [found for _line, found in texts_in_template(source)] == [text]


def test_missing_texts_counts_empty_and_half_plurals(catalogue):
    path = catalogue(
        'msgid "yes"\nmsgstr "ja"\n\nmsgid "no"\nmsgstr ""\n\n'
        'msgid "day"\nmsgid_plural "days"\nmsgstr[0] "dag"\nmsgstr[1] ""\n'
    )
    texts = {Text("yes"): "a:1", Text("no"): "a:2", Text("day", "days"): "a:3", Text("new"): "a:4"}
    missing = missing_texts(read_catalogue(path, "nl"), texts)
    assert missing == [Text("no"), Text("day", "days"), Text("new")]


@pytest.mark.parametrize(
    ("forms", "rule"), [(1, "0"), (2, "n != 1"), (6, "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : 5")]
)
def test_append_writes_as_many_forms_as_the_header_says(forms, rule, catalogue):
    path = catalogue("")
    path.write_text(
        path.read_text().replace("nplurals=2; plural=(n != 1)", f"nplurals={forms}; plural=({rule})")
    )
    append(path, {Text("day", "days"): "a:3"}, read_catalogue(path, "nl").num_plurals)
    added = path.read_text().partition("msgid_plural")[2]
    assert re.findall(r'msgstr\[(\d)\] ""', added) == [str(form) for form in range(forms)]
    assert len(read_catalogue(path, "nl").get("day").string) == forms


def findings(path):
    """What is found in a catalogue whose entries are all used."""
    used = {Text(singular, context=context) for _line, context, singular, _translation in entries(path)}
    return findings_in(path, "nl", {}, used)


def test_findings_name_fuzzy(catalogue):
    assert "fuzzy: 'a'" in findings(catalogue('#, fuzzy\nmsgid "a"\nmsgstr "b"\n'))[0]


DAYS = 'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'


@pytest.mark.parametrize(
    ("entry", "is_wrong"),
    [
        ('msgid "%(n)s days"\nmsgstr "%(n)s dagen"\n', False),
        ('msgid "%(n)s days"\nmsgstr "%(m)s dagen"\n', True),
        ('msgid "%(n)s days"\nmsgstr "dagen"\n', True),
        ('msgid "days"\nmsgstr "%(n)s dagen"\n', True),
        ('#, no-python-format\nmsgid "days"\nmsgstr "%(n)s dagen"\n', True),
        ('msgid "{n} of {m}"\nmsgstr "van de {m} {n}"\n', False),
        ('msgid "{n} of {m}"\nmsgstr "{n} van de {k}"\n', True),
        ('msgid "%s and %s"\nmsgstr "%s"\n', True),
        ('msgid "%(day)s morning, 5%% of all"\nmsgstr "%(day)sochtend, 5%% van alles"\n', False),
        ('msgid "30% of all"\nmsgstr "30% van alles"\n', False),
        ('msgid "a day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "een dag"\nmsgstr[1] "%(n)s dagen"\n', False),
        ('msgid "a day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "een dag"\nmsgstr[1] "%(x)s dagen"\n', True),
        (DAYS + 'msgstr[0] "één dag"\nmsgstr[1] "%(n)s dagen"\n', False),
        (DAYS + 'msgstr[0] "%(n)s dag"\nmsgstr[1] "dagen"\n', True),
        (DAYS + 'msgstr[0] "%(x)s dag"\nmsgstr[1] "%(n)s dagen"\n', True),
    ],
)
def test_findings_name_other_placeholders(catalogue, entry, is_wrong):
    assert bool(findings(catalogue(entry))) == is_wrong


def test_only_a_form_for_one_number_may_leave_the_number_out(catalogue):
    """French says "0 jour" with its singular as well."""
    path = catalogue(DAYS + 'msgstr[0] "un jour"\nmsgstr[1] "%(n)s jours"\n')
    assert findings(path) == []
    path.write_text(path.read_text().replace("plural=(n != 1)", "plural=(n > 1)"))
    assert "placeholder left out (%(n)s)" in findings(path)[0]


def test_findings_name_what_is_not_used(catalogue):
    path = catalogue('msgid "yes"\nmsgstr "ja"\n\nmsgctxt "door"\nmsgid "open"\nmsgstr "open"\n\n' + DAYS)
    used = {Text("yes"), Text("open"), Text("%(n)s day", "%(n)s days")}
    assert [found.partition(": ")[2] for found in findings_in(path, "nl", {}, used)] == ["not used: 'open'"]


def test_prune_takes_out_what_is_not_used_and_nothing_else(catalogue):
    path = catalogue('#: a:1\nmsgid "yes"\nmsgstr "ja"\n\n#: a:2\nmsgid "no"\nmsgstr "nee"\n')
    whole = path.read_text()
    prune(path, {Text("yes"), Text("no")})
    assert path.read_text() == whole
    prune(path, {Text("no")})
    assert path.read_text() == whole.replace('#: a:1\nmsgid "yes"\nmsgstr "ja"\n\n', "")


def test_texts_of_libraries_leave_out_templates_that_we_replace():
    base = Path(settings.BASE_DIR)
    said = texts_in_libraries(base)
    assert Text("You cannot remove your primary email address.") in said
    assert (base / "templates/account/signup_closed.html").exists()
    assert Text("We are sorry, but the sign up is currently closed.") not in said


def test_doubles_are_entries_with_another_translation(catalogue):
    same = 'msgid "a"\nmsgstr "b"\n\n'
    assert not doubles(catalogue(same + same))
    assert doubles(catalogue(same + 'msgid "a"\nmsgstr "c"\n')) == [(7, "a")]
    assert not doubles(catalogue(same + 'msgctxt "elsewhere"\nmsgid "a"\nmsgstr "c"\n'))
