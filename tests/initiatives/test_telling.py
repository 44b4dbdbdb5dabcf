"""What stands on the page of an initiative: updates, meetings and a picture, hostile ones too."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import DomainError
from initiatives.initiatives.pictures import MAX_JPEG_SCANS, MAX_SIDE_PIXELS, CantBeDrawn, redraw
from initiatives.initiatives.services import telling
from initiatives.initiatives.services.telling import MeetingDetails
from initiatives.models import Meeting, Picture, Update
from initiatives.states import InitiativeState
from tests.initiatives.factories import make_idea, make_meeting, make_picture, photo
from tests.pdfs import is_in_our_fonts
from tests.people import signed_in


@pytest.fixture
def soup(area, coordinator):
    return make_idea(area, owner=coordinator, state=InitiativeState.RUNNING, name="Soep op dinsdag")


def public(initiative) -> str:
    url = reverse("initiative_public", args=[initiative.area.slug, initiative.pk])
    return Client().get(url).content.decode()


def calendar(initiative) -> list:
    url = reverse("initiative_calendar", args=[initiative.area.slug, initiative.pk])
    return icalendar.Calendar.from_ical(Client().get(url).content).walk("VEVENT")


def at(days: int = 7) -> MeetingDetails:
    starts = (timezone.localtime() + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)
    return MeetingDetails(starts_at=starts, minutes=90, where="Sluishuis", about={"nl": "Neem een kom mee"})


# --- pictures, without a database -------------------------------------------------------------


def png_of(width: int, height: int) -> bytes:
    """The head of a PNG that claims to be this large, with a body that unpacks to far more than it weighs."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 2_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_photo_becomes_small_and_says_nothing_beside_itself():
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 22.0, 0.0)}  # where it was taken
    exif[0x010F] = "Phone of somebody"
    drawn = redraw(photo(4000, 3000, exif=exif, comment=b"secret words", quality=95))
    made = Image.open(io.BytesIO(drawn.jpeg))
    assert made.format == "JPEG" and made.size == (drawn.width, drawn.height) == (MAX_SIDE_PIXELS, 900)
    assert not made.getexif() and "comment" not in made.info
    assert b"Phone of somebody" not in drawn.jpeg and b"secret words" not in drawn.jpeg


def test_a_photo_that_lies_on_its_side_stands_up():
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn = redraw(photo(400, 300, exif=exif))
    assert (drawn.width, drawn.height) == (300, 400)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_other_kinds_of_pictures_too(kind):
    assert Image.open(io.BytesIO(redraw(photo(60, 40, kind=kind)).jpeg)).format == "JPEG"


def test_what_is_see_through_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    assert Image.open(io.BytesIO(redraw(out.getvalue()).jpeg)).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("sent", "too_large"),
    [
        (b"", False),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", False),
        (b"%PDF-1.7", False),
        (photo()[:200], False),
        (b"\xff\xd8\xff" + b"\0" * 500, False),
        (b"GIF89a", False),
        (png_of(30_000, 30_000), True),
        (png_of(6_000, 6_000), True),
        (b"\xff\xd8\xff" + b"x" * (10 * 1024 * 1024), True),
    ],
    ids=["nothing", "svg", "pdf", "cut off", "no jpeg", "no gif", "a bomb", "a smaller bomb", "huge"],
)
def test_what_is_no_picture_or_too_large_is_refused(sent, too_large):
    with pytest.raises(CantBeDrawn) as refused:
        redraw(sent)
    assert refused.value.is_too_large == too_large


def in_scans(more: int) -> bytes:
    """A photo that comes in scans, as on slow lines, and its last one that many times more."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    last = whole.rindex(b"\xff\xc4")  # with the table it is read by
    return whole[:-2] + whole[last:-2] * more + whole[-2:]


def test_a_photo_in_scans_is_drawn_and_one_without_end_is_not():
    """Each scan of a large photo takes a while and weighs some bytes: 10 MB of them would keep us busy for an hour."""
    assert redraw(in_scans(0) + b"\xff\xda\0\2" * 99).width == 64  # what phones put behind it is no scan
    with pytest.raises(CantBeDrawn):
        redraw(in_scans(MAX_JPEG_SCANS))


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF89a"]),
)
def test_nothing_that_is_made_up_falls_over(body, head):
    with pytest.raises(CantBeDrawn):
        redraw(head + body)


# --- the picture on the pages -----------------------------------------------------------------


@pytest.mark.django_db
def test_one_photo_of_two_initiatives(soup, area, coordinator):
    """And the one that nobody can read of keeps it from nobody."""
    idea = make_idea(area, owner=coordinator, name="Nog een idee")
    other = make_idea(area, owner=coordinator, state=InitiativeState.RUNNING, name="Taart op zondag")
    (digest,) = {make_picture(one).digest for one in (idea, soup, other)}
    assert Client().get(reverse("initiative_picture", args=[digest])).status_code == 200


@pytest.mark.django_db
def test_staff_send_a_picture_and_everybody_sees_it(soup, coordinator):
    data = {"picture": SimpleUploadedFile("a.jpg", photo(), "image/jpeg"), "alt_nl": "Een pan soep"}
    url = reverse("picture_set", args=[soup.pk])
    assert signed_in(coordinator).post(url, data).status_code == 302
    picture = Picture.objects.get()
    served = Client().get(reverse("initiative_picture", args=[picture.digest]))
    assert served.content == bytes(picture.jpeg) and served["Content-Type"] == "image/jpeg"
    assert "max-age" in served["Cache-Control"] and "public" in served["Cache-Control"]
    assert picture.digest in public(soup) and "Een pan soep" in public(soup)


@pytest.mark.django_db
def test_a_picture_without_words_for_who_can_not_see_it_is_refused(soup, coordinator):
    data = {"picture": SimpleUploadedFile("a.jpg", photo(), "image/jpeg"), "alt_nl": " "}
    page = signed_in(coordinator).post(reverse("picture_set", args=[soup.pk]), data)
    assert page.status_code == 422 and not Picture.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("sent", [b"no picture", png_of(30_000, 30_000)], ids=["not a picture", "a bomb"])
def test_a_refused_picture_is_one_clear_sentence(sent, soup, coordinator):
    data = {"picture": SimpleUploadedFile("a.jpg", sent, "image/jpeg"), "alt_nl": "Soep"}
    page = signed_in(coordinator).post(reverse("picture_set", args=[soup.pk]), data)
    assert page.status_code == 422 and page.context["form"].non_field_errors()
    assert not Picture.objects.exists()


@pytest.mark.django_db
def test_what_nobody_looked_at_is_served_to_nobody(soup, coordinator, viewer):
    picture = make_picture(soup, is_read=False)
    url = reverse("initiative_picture", args=[picture.digest])
    assert Client().get(url).status_code == 404 and picture.digest not in public(soup)
    assert signed_in(coordinator).get(reverse("picture_look", args=[soup.pk])).status_code == 200
    telling.show_picture(initiative=soup, seen=picture.digest, by=coordinator)
    assert Client().get(url).status_code == 200


@pytest.mark.django_db
def test_a_picture_that_came_meanwhile_is_not_shown_for_the_one_looked_at(soup, coordinator):
    looked_at = make_picture(soup, is_read=False)
    client, desk = signed_in(coordinator), reverse("initiative", args=[soup.pk])
    assert f'name="seen" value="{looked_at.digest}"' in client.get(desk).content.decode()
    other = redraw(photo(60, 50))
    Picture.objects.update(jpeg=other.jpeg, digest=other.digest)
    for seen in (looked_at.digest, "", "a\0b"):
        page = client.post(reverse("picture_do", args=[soup.pk, "show"]), {"seen": seen}, follow=True)
        assert [said.level_tag for said in page.context["messages"]] == ["error"]
        assert not Picture.objects.get().is_read
    client.post(reverse("picture_do", args=[soup.pk, "show"]), {"seen": other.digest})
    assert Picture.objects.get().is_read


@pytest.mark.django_db
def test_a_picture_of_an_idea_is_between_two(area, coordinator):
    picture = make_picture(make_idea(area, owner=coordinator))
    assert Client().get(reverse("initiative_picture", args=[picture.digest])).status_code == 404


# --- updates ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_update_of_staff_stands_there_at_once(soup, coordinator):
    url = reverse("update_new", args=[soup.pk])
    assert signed_in(coordinator).post(url, {"text_nl": "Wij aten met twaalf."}).status_code == 302
    assert "Wij aten met twaalf." in public(soup)


@pytest.mark.django_db
def test_what_who_began_it_writes_waits_for_a_reader(soup, coordinator):
    update = telling.send_update(initiative=soup, text="Bel mij, 0612345678", language="nl")
    assert "Bel mij" not in public(soup)
    soup.refresh_from_db()
    assert soup.next_action_on <= timezone.localdate() + timedelta(days=2)
    url = reverse("update_change", args=[soup.pk, update.pk])
    assert "Bel mij" in signed_in(coordinator).get(url).content.decode()
    signed_in(coordinator).post(url, {"text_nl": "Wij zoeken een kok."})
    assert "Wij zoeken een kok." in public(soup) and "Bel mij" not in public(soup)


@pytest.mark.django_db
def test_sent_twice_is_one_update_and_endless_many_are_not_taken(soup):
    for _time in range(2):
        telling.send_update(initiative=soup, text="Nieuws", language="nl")
    assert Update.objects.count() == 1
    for number in range(telling.MOST_UNREAD - 1):
        telling.send_update(initiative=soup, text=f"Nieuws {number}", language="nl")
    with pytest.raises(DomainError):
        telling.send_update(initiative=soup, text="Nog meer", language="nl")


@pytest.mark.django_db
def test_what_is_due_sooner_stays_where_it_is(soup):
    soup.next_action_on, soup.next_action = timezone.localdate(), "Vandaag bellen"
    soup.save()
    telling.send_update(initiative=soup, text="Nieuws", language="nl")
    soup.refresh_from_db()
    assert soup.next_action == "Vandaag bellen"


@pytest.mark.django_db
def test_markup_in_an_update_is_words(soup, coordinator):
    telling.write_update(initiative=soup, text={"nl": "<script>alert(1)</script>"}, by=coordinator)
    assert "<script>alert(1)" not in public(soup) and "&lt;script&gt;alert(1)" in public(soup)


@pytest.mark.django_db
def test_nothing_is_added_to_what_is_over(area, coordinator):
    ended = make_idea(area, owner=coordinator, state=InitiativeState.ENDED, next_action_on=None)
    for action in (
        lambda: telling.send_update(initiative=ended, text="Nieuws", language="nl"),
        lambda: telling.send_meeting(initiative=ended, when=at()),
        lambda: telling.add_meeting(initiative=ended, when=at(), by=coordinator),
        lambda: telling.set_picture(initiative=ended, sent=photo(), alt={"nl": "x"}, by=None),
    ):
        with pytest.raises(DomainError):
            action()


# --- meetings ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_meeting_stands_on_the_page_and_in_the_calendar(soup, coordinator):
    day = timezone.localdate() + timedelta(days=3)
    data = {"day": day, "time": "19:30", "minutes": 90, "where": "Sluishuis", "about_nl": "Neem een kom mee"}
    assert signed_in(coordinator).post(reverse("meeting_new", args=[soup.pk]), data).status_code == 302
    assert "19.30" in public(soup) and "Sluishuis" in public(soup)
    (entry,) = calendar(soup)
    assert (entry["summary"], entry["location"]) == ("Soep op dinsdag", "Sluishuis")
    assert timezone.localtime(entry["dtstart"].dt).strftime("%H:%M") == "19:30"


@pytest.mark.django_db
def test_a_change_and_calling_off_reach_who_follows_under_the_same_uid(soup, coordinator):
    meeting = telling.add_meeting(initiative=soup, when=at(), by=coordinator)
    (first,) = calendar(soup)
    telling.change_meeting(meeting=meeting, when=at(8), by=coordinator)
    for _time in range(2):
        telling.call_off_meeting(meeting=meeting, by=coordinator)
    (last,) = calendar(soup)
    assert last["uid"] == first["uid"]
    assert (first["status"], last["status"]) == ("CONFIRMED", "CANCELLED")
    assert (first["sequence"], last["sequence"]) == (0, 2)
    with pytest.raises(DomainError):
        telling.change_meeting(meeting=meeting, when=at(9), by=coordinator)


@pytest.mark.django_db
def test_a_meeting_of_who_began_it_waits_for_a_reader(soup, coordinator):
    for _time in range(2):
        telling.send_meeting(initiative=soup, when=at())
    meeting = Meeting.objects.get()
    assert calendar(soup) == [] and "Sluishuis" not in public(soup)
    signed_in(coordinator).post(reverse("meeting_do", args=[soup.pk, meeting.pk, "show"]))
    assert len(calendar(soup)) == 1 and "Sluishuis" in public(soup)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"where": " "},
        {"minutes": 0},
        {"starts_at": timezone.now() - timedelta(days=1)},
        {"starts_at": datetime(9999, 12, 31, 23, tzinfo=UTC)},
    ],
    ids=["nowhere", "no time", "past", "where years end"],
)
def test_a_meeting_that_can_not_be(wrong, soup, coordinator):
    with pytest.raises(DomainError):
        telling.add_meeting(initiative=soup, when=MeetingDetails(**vars(at()) | wrong), by=coordinator)


@pytest.mark.django_db
def test_what_is_long_over_leaves_the_calendar(soup):
    make_meeting(soup, days=-40)
    make_meeting(soup, days=-5)
    assert len(calendar(soup)) == 1


# --- the poster -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_poster_is_a_pdf_and_its_code_leads_to_the_page(soup, viewer):
    make_meeting(soup)
    client = signed_in(viewer)
    made = client.get(reverse("initiative_poster", args=[soup.pk]))
    assert made["Content-Type"] == "application/pdf" and is_in_our_fonts(made.content)
    drawn = client.get(reverse("initiative_qr", args=[soup.pk]))
    assert drawn["Content-Type"] == "image/svg+xml" and drawn.content.startswith(b"<svg")


@pytest.mark.django_db
def test_what_does_not_fit_on_paper_is_said(soup, viewer):
    soup.name = {"nl": "Een naam " * 13}
    soup.goal = {"nl": "Heel veel woorden over wat het wil. " * 60}
    soup.save()
    page = signed_in(viewer).get(reverse("initiative_poster", args=[soup.pk]), follow=True)
    assert page.redirect_chain and "poster" in page.content.decode()
