"""Places on a map and in a list, made by hand."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from neighbourhoods.models import Area, AreaVersion
from neighbourhoods.registries import Panel, PanelMaker, PanelPage, page_panels
from neighbourhoods.states import AreaKind, Role
from tests.neighbourhoods.files import SQUARE, feature
from tests.people import make_area, make_border, make_root, make_user, signed_in


def test_list_and_map_show_own_areas(area, next_area, other_area, editor):
    for number, one in enumerate((area, next_area, other_area)):
        make_border(one, west=4.9 + number / 100)
    page = signed_in(editor).get(reverse("areas")).content.decode()
    assert page.count(f'href="{area.get_absolute_url()}"') == 2, "on the map and in the list"
    assert other_area.name not in page and next_area.get_absolute_url() not in page


def test_a_town_without_neighbourhoods_says_how_to_begin(administrator, area, district):
    """To the desk and to residents: nobody searches where there is nothing to find."""
    client, find = signed_in(administrator), reverse("find")
    assert 'role="search"' in client.get(reverse("areas")).content.decode()
    assert 'name="postcode"' in client.get(find).content.decode()
    area.delete()
    district.delete()
    page = client.get(reverse("areas")).content.decode()
    assert reverse("import_new", args=["borders"]) in page and 'role="search"' not in page
    assert 'name="postcode"' not in client.get(find).content.decode()


def test_search_narrows_map_and_list(area, next_area, administrator):
    make_border(area)
    make_border(next_area, west=5)
    page = signed_in(administrator).get(reverse("areas"), {"q": "HARB"}).content.decode()
    assert area.get_absolute_url() in page and next_area.get_absolute_url() not in page


@pytest.mark.parametrize("typed", ["\0", "%", "x" * 5000, "'; DROP TABLE", "é\u202e"])
def test_search_takes_anything(typed, administrator):
    client = signed_in(administrator)
    assert client.get(reverse("areas"), {"q": typed}).status_code == 200
    assert client.get(reverse("colleagues"), {"q": typed, "after": typed}).status_code == 200


def test_list_asks_flat(administrator, district, django_assert_max_num_queries):
    for number in range(30):
        make_border(make_area(parent=district), west=4 + number / 50)
    client = signed_in(administrator)
    with django_assert_max_num_queries(16):
        assert client.get(reverse("areas")).content.decode().count("</title></path>") == 30


def test_page_shows_neighbours_and_links_own_alone(area, next_area, editor):
    make_border(area, code="BU1")
    make_border(next_area, west=4.91)
    page = signed_in(editor).get(area.get_absolute_url()).content.decode()
    assert "BU1" in page and next_area.name in page
    assert next_area.get_absolute_url() not in page


def test_page_without_a_border(area, editor):
    assert signed_in(editor).get(area.get_absolute_url()).status_code == 200


def test_page_of_the_municipality(area, administrator):
    make_border(area)
    assert "<path" in signed_in(administrator).get(make_root().get_absolute_url()).content.decode()


def test_page_shows_panels_of_other_apps(area, editor, monkeypatch):
    monkeypatch.setattr(
        page_panels,
        "_entries",
        {
            "one": PanelMaker(
                PanelPage.AREA,
                lambda area: Panel(f"About {area}", "components/status.html", {"kind": "done"}),
            ),
            "none": PanelMaker(PanelPage.AREA, lambda area: None),
        },
    )
    assert "About Harbour" in signed_in(editor).get(area.get_absolute_url()).content.decode()


def test_page_of_another_area(area, stranger):
    assert signed_in(stranger).get(area.get_absolute_url()).status_code == 404


# --- by hand ----------------------------------------------------------------------------------


def make(client, **data):
    data = {
        "name": "Kade",
        "kind": "neighbourhood",
        "parent": make_root().pk,
        "border": "",
        "year": "",
    } | data
    return client.post(reverse("area_new"), data)


def test_make_by_hand(administrator):
    assert make(signed_in(administrator)).status_code == 302
    assert Area.objects.get(name="Kade").slug == "kade"


def test_make_with_a_border(administrator):
    client = signed_in(administrator)
    assert make(client, border=json.dumps(feature()), year="2024").status_code == 302
    version = Area.objects.get(name="Kade").versions.get()
    assert (version.year, version.boundary["coordinates"]) == (2024, [SQUARE])


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"kind": "municipality"},
        {"border": "{", "year": "2024"},
        {"border": json.dumps(feature([SQUARE[:-1]])), "year": "2024"},
        {"border": json.dumps(feature()), "year": ""},
        {"border": json.dumps(feature()), "year": "12"},
        {"parent": "999"},
        {"parent": "x"},
    ],
)
def test_make_with_something_wrong_keeps_what_was_typed(data, administrator):
    before = Area.objects.count()
    response = make(signed_in(administrator), **({"name": "Typed name"} | data))
    assert response.status_code == 422
    assert "name" in data or "Typed name" in response.content.decode()
    assert Area.objects.count() == before


def test_make_twice_the_same_name(administrator):
    client = signed_in(administrator)
    make(client)
    assert make(client).status_code == 422
    assert Area.objects.filter(name="Kade").count() == 1


def test_slugs_never_hide_a_page(administrator):
    client = signed_in(administrator)
    make(client, name="Compare")
    assert Area.objects.get(name="Compare").slug == "compare-2"


def test_district_in_a_district(administrator, district):
    assert make(signed_in(administrator), kind="district", parent=district.pk).status_code == 422


def test_administrator_of_a_district_makes_inside_it(district, administrator):
    chief = make_user(Role.ADMINISTRATOR, district)
    assert make(signed_in(chief)).status_code == 422, "not in the municipality"
    assert make(signed_in(chief), parent=district.pk).status_code == 302


def test_editor_makes_nothing(editor, area):
    assert make(signed_in(editor)).status_code == 403
    assert signed_in(editor).post(reverse("area_change", args=[area.slug]), {}).status_code == 403


def test_change(area, district, administrator):
    url = reverse("area_change", args=[area.slug])
    data = {"name": "Old harbour", "parent": district.pk, "border": "", "year": "", "ended_on": "2024-01-01"}
    assert signed_in(administrator).post(url, data).status_code == 302
    area.refresh_from_db()
    assert (area.name, area.slug, area.is_ended) == ("Old harbour", "harbour", True)


def test_change_name_of_the_municipality(administrator):
    root = make_root()
    url = reverse("area_change", args=[root.slug])
    assert signed_in(administrator).post(url, {"name": "Nieuwdam"}).status_code == 302
    assert Area.root().name == "Nieuwdam" and Area.root().kind == AreaKind.MUNICIPALITY


def test_move_out_of_reach(area, district, other_area, administrator):
    """Who runs one district can't put its neighbourhood in another."""
    chief = make_user(Role.ADMINISTRATOR, district)
    url = reverse("area_change", args=[area.slug])
    data = {"name": "Harbour", "parent": other_area.parent_id, "border": "", "year": "", "ended_on": ""}
    assert signed_in(chief).post(url, data).status_code == 422
    area.refresh_from_db()
    assert area.parent == district


@pytest.mark.parametrize(
    "fields",
    [
        {"boundary": SQUARE},
        {"boundary": SQUARE, "west": 4, "south": 52, "east": 5},
        {"boundary": SQUARE, "west": 5, "south": 52, "east": 4, "north": 53},
        {"west": 4, "south": 52, "east": 5, "north": 53},
    ],
)
def test_the_database_takes_no_border_without_its_box_and_no_box_without_a_border(fields, area):
    with pytest.raises(IntegrityError), transaction.atomic():
        AreaVersion.objects.create(area=area, year=2020, name=area.name, **fields)
