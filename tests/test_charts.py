"""The small drawings: nobody is left out, and what must add up adds up."""

from core.drawings import parts_of_whole, share, waiting_strip


def test_share_stays_between_nothing_and_all():
    assert (share(1, 4), share(9, 4), share(1, 0), share(-1, 4)) == (25.0, 100.0, 0.0, 0.0)


def test_strip_shows_everybody_on_their_side_of_the_line():
    strip = waiting_strip([(1, 1), (5, 1), (30, 1), (31, 1), (40, 1)], promised=30)
    assert [circle.late for circle in strip.circles] == [False, False, False, True, True]
    assert all((circle.x > strip.line) == circle.late for circle in strip.circles)


def test_strip_puts_no_two_people_in_one_place():
    strip = waiting_strip([(40, 26)], promised=30)
    assert len({(circle.x, circle.y) for circle in strip.circles}) == 26
    assert all(0 < circle.x < strip.width and 0 < circle.y < strip.height for circle in strip.circles)


def test_circle_stands_for_more_above_26_people():
    strip = waiting_strip([(days, 1) for days in range(60)], promised=90)
    assert strip.each == 3
    assert len(strip.circles) == 20


def test_strip_is_the_same_however_people_are_heaped():
    heaped = waiting_strip([(40, 7), (2, 50), (9, 1)], promised=30)
    one_by_one = waiting_strip([(9, 1), *[(40, 1)] * 7, *[(2, 1)] * 50], promised=30)
    assert heaped == one_by_one and len(heaped.circles) == 17 + 3


def test_parts_fill_the_bar_and_the_smallest_is_seen():
    parts = parts_of_whole(
        [{"kind": "sent", "label": "", "count": 600}, {"kind": "failed", "label": "", "count": 1}]
    )
    assert round(sum(part.width for part in parts)) == 100
    assert parts[1].width > 5


def test_nothing_to_divide_gives_no_bar():
    assert parts_of_whole([{"kind": "sent", "label": "", "count": 0}]) == ()
