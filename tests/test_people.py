from neighbourhoods.models import Area


def test_people_work_in_their_areas(
    area, next_area, other_area, viewer, backer, coordinator, editor, administrator, stranger
):
    for user in (viewer, backer, coordinator, editor):
        assert set(Area.objects.visible_to(user)) == {area}
    assert set(Area.objects.visible_to(stranger)) == {other_area}
    assert set(Area.objects.visible_to(administrator)) == set(Area.objects.all())
