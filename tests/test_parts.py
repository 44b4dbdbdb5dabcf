"""The parts pages are built of: what they say to a screen reader, and that the policy lets them through."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.urls import reverse
from django.utils import translation

from surveys.models import Snapshot
from tests.people import make_area, make_user
from tests.surveys.polls import make_survey


class Address(forms.Form):
    email = forms.EmailField(label="Your address", help_text="For our answer only.")
    ways = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)

    def clean(self):
        raise forms.ValidationError("Nothing fits.")


def render(source: str, **context) -> str:
    return engines["django"].from_string(source).render(context)


def test_styleguide_shows_every_part_without_inline_style(client, db):
    response = client.get(reverse("styleguide"))
    page = response.content.decode()
    assert response.status_code == 200
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)


def test_field_names_its_help_and_its_error():
    field = render("{{ form.email|as_crispy_field }}", form=Address({"email": "x"}))
    assert 'aria-describedby="id_email_helptext id_email_error"' in field
    assert 'aria-invalid="true"' in field
    assert 'id="id_email_error"' in field


def test_error_summary_leads_to_each_field_and_says_things_once():
    page = render("{% error_summary form %}{{ form|crispy }}", form=Address({"email": "x"}))
    assert 'href="#id_email"' in page
    assert 'href="#id_ways_0"' in page
    assert page.count("Nothing fits.") == 1


def test_a_missing_field_is_named_above_the_form():
    class Town(forms.Form):
        name = forms.CharField(label="Plaats")

    page = render("{% error_summary form %}{{ form|crispy }}", form=Town({}))
    assert page.count("Plaats: Dit veld is verplicht.") == 1, "beside the field its label says it"


def test_form_without_summary_says_what_is_wrong_itself():
    assert "Nothing fits." in render("{{ form|crispy }}", form=Address({"email": "x"}))


def test_unsent_form_is_not_red():
    page = render("{% error_summary form %}{% title_prefix form %}{{ form|crispy }}", form=Address())
    assert "error" not in page.lower()


def test_words_keep_their_language_and_lose_their_markup():
    said = render("{% words lang='tr' %}{{ text }}{% endwords %}", text="<b>Merhaba</b>")
    assert 'lang="tr"' in said
    assert "&lt;b&gt;" in said


def test_staff_text_in_another_language_says_so():
    texts = {"nl": "Alleen Nederlands"}
    with translation.override("en"):
        page = render("<p{% lang_of texts %}>{{ texts|text }}</p>", texts=texts)
    assert page == '<p lang="nl" dir="ltr">Alleen Nederlands</p>'


def test_paragraphs_keep_lines_and_nothing_else():
    assert render("{{ t|paragraphs }}", t="a\nb\n\n<i>c") == "<p>a<br>b</p><p>&lt;i&gt;c</p>"


def test_sum_that_does_not_add_up_is_said():
    parts = [{"kind": "sent", "label": "sent", "count": 3}]
    with translation.override("en"):
        assert "does not add up" in render("{% reconciliation parts 4 %}", parts=parts)
        assert "does not add up" not in render("{% reconciliation parts 3 %}", parts=parts)


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "429.html", "500.html", "csrf.html"])
def test_page_at_the_edge_needs_no_database(name, rf):
    page = engines["django"].get_template(name).render({}, None)
    assert page.count("<h1") == 1


def test_parts_of_the_stylesheet_read_tokens_only():
    sheets = (Path(settings.BASE_DIR) / "static").rglob("*.css")
    css = re.sub(r"/\*.*?\*/", "", "\n".join(path.read_text() for path in sheets), flags=re.DOTALL)
    rules = re.sub(r"--[\w-]+\s*:[^;}]*", "", css)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*\})", rules) == []


def test_front_page_lights_windows_for_whom_the_public_may_count(client, db):
    survey = make_survey(areas=[make_area("Oosterhaven")], owner=make_user())
    for people in (25, 130):
        Snapshot.objects.create(survey=survey, responses=people, tables={"responses": people})
    page = client.get(reverse("front")).content.decode()
    assert re.search(r'class="lit" d="([^"]*)"', page).group(1).count("M") == 13


def test_single_radio_can_stand_in_markup_of_the_page():
    form = Address()
    assert "<label" not in render("{% for radio in form.ways %}{{ radio.tag }}{% endfor %}", form=form)
    assert render("{% for radio in form.ways %}{{ radio }}{% endfor %}", form=form).count("<label") == 2
