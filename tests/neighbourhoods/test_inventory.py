"""Parties, places and key persons: who may note what, and names only with permission."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from config.views import reviews_due
from neighbourhoods.models import KeyPerson, Party, Place
from neighbourhoods.profile.services.inventory import key_persons_to_review
from neighbourhoods.settings.retention import run_retention_jobs
from neighbourhoods.states import KeyPersonKind, PartyKind, Role
from tests.neighbourhoods.factories import make_key_person, make_party, make_place
from tests.people import make_area, make_membership, make_municipality, signed_in

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
NAME = "Iemand Bijzonder"


def day(days: int = 0) -> str:
    return (TODAY() + timedelta(days=days)).isoformat()


def party(area, **data) -> dict:
    return {"name": "Bakkerij", "kind": PartyKind.ENTREPRENEUR, "areas": [area.pk], "about": "Brood."} | data


def place(area, **data) -> dict:
    return {"name": "Het Sluishuis", "kind": "meeting", "area": area.pk, "free": "op dinsdag"} | data


def person(area, **data) -> dict:
    return {"kind": KeyPersonKind.SHOP, "role": "een kapper", "area": area.pk, "spoken_on": day()} | data


def named(area, **data) -> dict:
    given = {"name": NAME, "permission_on": day(-1), "notified_on": day(), "review_on": day(300)}
    return person(area, **given) | data


# --- parties and places -----------------------------------------------------------------------


def test_add_change_and_end_a_party(area, coordinator):
    client = signed_in(coordinator)
    assert client.post(reverse("party_new", args=[area.slug]), party(area)).status_code == 302
    made = Party.objects.get()
    assert list(made.areas.all()) == [area] and made.checked_on == TODAY()
    client.post(reverse("party_change", args=[made.pk]), party(area, name="Bakkerij Zon"))
    client.post(reverse("party_do", args=[made.pk, "end"]))
    made.refresh_from_db()
    assert (made.name, made.ended_on) == ("Bakkerij Zon", TODAY())
    assert "Bakkerij Zon" in client.get(reverse("parties", args=[area.slug])).content.decode(), (
        "among the ended"
    )
    client.post(reverse("party_do", args=[made.pk, "again"]))
    made.refresh_from_db()
    assert made.ended_on is None


def test_what_was_noted_anew_is_not_taken_up_again_beside_it(area, coordinator):
    """The sentence links to the one that is there, on the list of an area that both share."""
    client, elsewhere = signed_in(coordinator), make_area("Elders")
    ended = make_party(areas=[area, elsewhere], name="Bakkerij", ended_on=TODAY())
    there = make_party(areas=[area], name="bakkerij")
    closed = make_place(area=area, name="Het Sluishuis", ended_on=TODAY())
    opened = make_place(area=area, name="Het Sluishuis")
    make_membership(coordinator, Role.COORDINATOR, elsewhere)
    for name, thing, other, listed in (
        ("party_do", ended, there, "parties"),
        ("place_do", closed, opened, "places"),
    ):
        page = client.post(
            reverse(name, args=[thing.pk, "again"]), {"area": area.slug}, follow=True
        ).content.decode()
        assert f'<a href="{reverse(listed, args=[area.slug])}#thing-{other.pk}">' in page
        assert f'id="thing-{other.pk}"' in page
        thing.refresh_from_db()
        assert thing.ended_on
        type(other).objects.filter(pk=other.pk).update(ended_on=TODAY())
        client.post(reverse(name, args=[thing.pk, "again"]))
        thing.refresh_from_db()
        assert thing.ended_on is None


def test_still_true_is_true_as_of_today(area, coordinator):
    old = make_party(areas=[area], checked_on=TODAY() - timedelta(days=400))
    signed_in(coordinator).post(reverse("party_do", args=[old.pk, "still-true"]))
    old.refresh_from_db()
    assert old.checked_on == TODAY()


def test_twice_does_it_once_and_says_so(area, coordinator):
    client, there = signed_in(coordinator), make_place(area=area)
    url = reverse("place_do", args=[there.pk, "end"])
    client.post(url)
    assert "Dit was al gestopt." in client.post(url, follow=True).content.decode()


def test_unknown_verb_is_not_found(area, coordinator):
    there = make_place(area=area)
    assert signed_in(coordinator).post(reverse("place_do", args=[there.pk, "sell"])).status_code == 404


def test_same_party_in_the_same_area_is_refused_and_what_was_typed_kept(area, coordinator):
    make_party(areas=[area], name="bakkerij")
    page = signed_in(coordinator).post(reverse("party_new", args=[area.slug]), party(area)).content.decode()
    assert "Deze partij staat hier al." in page and "Brood." in page
    assert Party.objects.count() == 1


def test_party_of_several_areas_is_changed_by_who_works_in_all(area, other_area, coordinator):
    wide = make_party(areas=[area, other_area], name="Bibliotheek")
    client = signed_in(coordinator)
    page = client.get(reverse("parties", args=[area.slug])).content.decode()
    assert "Bibliotheek" in page and reverse("party_change", args=[wide.pk]) not in page
    assert client.post(reverse("party_do", args=[wide.pk, "end"])).status_code == 403
    make_membership(coordinator, Role.COORDINATOR, other_area)
    assert client.post(reverse("party_do", args=[wide.pk, "end"])).status_code == 302


def test_area_of_somebody_else_can_not_be_ticked(area, other_area, coordinator):
    url = reverse("party_new", args=[area.slug])
    page = signed_in(coordinator).post(url, party(area, areas=[other_area.pk]))
    assert page.status_code == 422 and not Party.objects.exists()


@pytest.mark.parametrize(
    "data",
    [{"name": ""}, {"name": "x" * 121}, {"kind": "church"}, {"areas": []}, {"url": "javascript:alert(1)"}],
)
def test_wrong_party_writes_nothing(area, coordinator, data):
    page = signed_in(coordinator).post(reverse("party_new", args=[area.slug]), party(area, **data))
    assert page.status_code == 422 and not Party.objects.exists()


def test_add_a_place(area, coordinator):
    signed_in(coordinator).post(reverse("place_new", args=[area.slug]), place(area))
    assert Place.objects.get().free == "op dinsdag"
    assert Event.objects.filter(kind="neighbourhoods.place", verb="added").exists()


def test_names_are_shown_as_text(area, coordinator):
    make_place(area=area, name="<b>Kade</b>")
    assert "&lt;b&gt;Kade" in signed_in(coordinator).get(reverse("places", args=[area.slug])).content.decode()


# --- key persons ------------------------------------------------------------------------------


def test_role_alone_needs_nothing(area, coordinator):
    url = reverse("key_person_new", args=[area.slug])
    assert signed_in(coordinator).post(url, person(area)).status_code == 302
    assert KeyPerson.objects.get().permission_on is None


@pytest.mark.parametrize("lacking", ["permission_on", "notified_on", "review_on"])
@pytest.mark.parametrize(
    "about", [{"name": NAME}, {"name": "", "phone": "06 1234"}, {"name": "", "email": "a@example.nl"}]
)
def test_name_number_or_address_only_with_all_three(area, coordinator, lacking, about):
    url = reverse("key_person_new", args=[area.slug])
    page = signed_in(coordinator).post(url, named(area, **about) | {lacking: ""})
    assert page.status_code == 422 and not KeyPerson.objects.exists()
    assert lacking in page.context["form"].errors
    assert next(value for value in about.values() if value) in page.content.decode(), "what was typed is kept"


@pytest.mark.parametrize(
    "data",
    [
        {"permission_on": 1},
        {"notified_on": 1},
        {"spoken_on": 1},
        {"review_on": 0},
        {"review_on": 3 * 365},
        {"review_on": "0001-13-99"},
        {"role": ""},
        {"kind": ""},
        {"email": "no address"},
    ],
)
def test_wrong_days_and_fields_are_refused(area, coordinator, data):
    url = reverse("key_person_new", args=[area.slug])
    data = {name: day(value) if isinstance(value, int) else value for name, value in data.items()}
    assert signed_in(coordinator).post(url, named(area, **data)).status_code == 422
    assert not KeyPerson.objects.exists()


def test_database_holds_it_too(area):
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyPerson.objects.create(area=area, role="a hairdresser", name=NAME)


def test_names_are_for_coordinators_and_up(area, viewer, backer, coordinator, editor, administrator):
    make_key_person(area=area, name=NAME, phone="0612345678")
    for user, sees in (
        (viewer, False),
        (backer, False),
        (coordinator, True),
        (editor, True),
        (administrator, True),
    ):
        page = signed_in(user).get(reverse("key_persons", args=[area.slug])).content.decode()
        assert "hairdresser" in page
        assert (NAME in page) is sees and ("0612345678" in page) is sees


def test_coordinator_elsewhere_who_looks_on_here_sees_roles(area, other_area, viewer):
    make_key_person(area=area, name=NAME)
    make_membership(viewer, Role.COORDINATOR, other_area)
    assert NAME not in signed_in(viewer).get(reverse("key_persons", args=[area.slug])).content.decode()


def test_no_name_reaches_the_log(area, coordinator):
    client = signed_in(coordinator)
    client.post(reverse("key_person_new", args=[area.slug]), named(area))
    one = KeyPerson.objects.get()
    for verb in ("spoken", "forget", "remove"):
        client.post(reverse("key_person_do", args=[one.pk, verb]))
    assert not KeyPerson.objects.exists()
    told = Event.objects.filter(kind="neighbourhoods.keyperson")
    assert told.count() == 4 and not any(NAME in f"{event.note}{event.facts}" for event in told)


def test_forgetting_keeps_the_role(area, coordinator):
    one = make_key_person(area=area, name=NAME)
    signed_in(coordinator).post(reverse("key_person_do", args=[one.pk, "forget"]))
    one.refresh_from_db()
    assert (one.name, one.permission_on, one.role) == ("", None, "a hairdresser")


def test_emptied_name_takes_its_permission_along(area, coordinator):
    one = make_key_person(area=area, name=NAME)
    signed_in(coordinator).post(reverse("key_person_change", args=[one.pk]), named(area, name=""))
    one.refresh_from_db()
    assert (one.name, one.permission_on, one.notified_on, one.review_on) == ("", None, None, None)


def test_notice_says_everything_of_article_14(area, coordinator):
    make_municipality(phone="14 099", email="nabij@waterdam.example")
    page = signed_in(coordinator).get(reverse("key_person_notice", args=[area.slug])).content.decode()
    for said in (
        "Wat wij bewaren", "Hoe wij eraan komen", "Waarom", "u ja zei", "Hoe lang", "Uw rechten", "14 099",
        "Autoriteit Persoonsgegevens", "What we keep", "mailto:?subject=", "Harbour",
    ):  # fmt: skip
        assert said in page, said


def test_retention_forgets_a_name_thirty_days_after_its_review(area):
    late, soon = (
        make_key_person(area=area, name=NAME, review=-31),
        make_key_person(area=area, name=NAME, review=-29),
    )
    make_key_person(area=area)
    assert run_retention_jobs() == {"names of key persons": 1}
    late.refresh_from_db(), soon.refresh_from_db()
    assert (late.name, late.role, late.spoken_on) == ("", "a hairdresser", TODAY())
    assert soon.name == NAME
    assert run_retention_jobs() == {}


def test_review_that_comes_near_is_a_duty_of_today(area, other_area, coordinator, viewer):
    near = make_key_person(area=area, name=NAME, review=5)
    past = make_key_person(area=area, name=NAME, review=-2)
    make_key_person(area=area, name=NAME, review=100)
    make_key_person(area=other_area, name=NAME, review=5)
    make_key_person(area=area)
    assert key_persons_to_review(coordinator) == [past, near] and key_persons_to_review(viewer) == []
    assert len(reviews_due(coordinator)) == 1, "one line per area"
    page = signed_in(coordinator).get(reverse("desk")).content.decode()
    assert reverse("key_persons", args=[area.slug]) in page and NAME not in page


def test_lists_ask_flat(area, coordinator, django_assert_max_num_queries):
    for _ in range(15):
        make_place(area=area, party=make_party(areas=[area]))
        make_key_person(area=area, name=NAME)
    client = signed_in(coordinator)
    for name in ("parties", "places", "key_persons"):
        client.get(reverse(name, args=[area.slug]))
        with django_assert_max_num_queries(18):
            client.get(reverse(name, args=[area.slug]))


def test_the_same_person_sent_twice_is_one(area, coordinator):
    client, address = signed_in(coordinator), reverse("key_person_new", args=[area.slug])
    for _ in range(2):
        page = client.post(address, person(area))
    assert KeyPerson.objects.count() == 1 and "staat hier al" in page.content.decode()
    client.post(address, person(area, role="een kapper aan de kade"))
    assert KeyPerson.objects.count() == 2


@pytest.mark.parametrize("thing", ["place", "key_person"])
def test_a_change_does_not_move_it_out_of_what_ended(thing, area, other_area, administrator):
    """The area was merged and the party is gone: who mends the words changes nothing else."""
    gone = make_area("Old quay", slug="old-quay", ended_on=TODAY() - timedelta(days=9))
    gone_party = make_party(areas=[gone], ended_on=TODAY())
    made = (make_place if thing == "place" else make_key_person)(area=gone, party=gone_party)
    client, address = signed_in(administrator), reverse(f"{thing}_change", args=[made.pk])
    form = client.get(address).context["form"]
    shown = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    offered = [str(value) for value, _label in form.fields["area"].choices]
    assert str(gone.pk) in offered, "A browser sends the first of the list otherwise."
    client.post(address, shown | {"role": "een bakker", "about": "Anders."})
    made.refresh_from_db()
    assert (made.area, made.party) == (gone, gone_party)
    assert "Anders." in str(vars(made)) or made.role == "een bakker"
