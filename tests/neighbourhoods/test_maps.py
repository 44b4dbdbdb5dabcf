from neighbourhoods.areas.maps import MARGIN, WIDTH, MapArea, draw, expand_box


def place(key="a", west=4.9, south=52.3, size=0.1, name="") -> MapArea:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return MapArea(key, name or key, {"type": "Polygon", "coordinates": [ring]}, (west, south, east, north))


def test_no_places_no_map():
    assert draw([]) is None


def test_square_in_degrees_is_higher_than_wide_on_the_map():
    drawn = draw([place()])
    assert drawn.width < drawn.height <= round((WIDTH - 2 * MARGIN) * 1.15) + 2 * MARGIN
    (shape,) = drawn.shapes
    assert shape.path.startswith(f"M{MARGIN} ") and shape.path.endswith("z")


def test_neighbours_share_their_border():
    """Points are put on one grid: what is the same in the file is the same on the map."""
    left, right = draw([place("a"), place("b", west=5.0)]).shapes
    assert left.path.replace(f"M{MARGIN} ", "").split("l")[1] == right.path.split("l")[1]


def test_small_places_lie_on_top():
    shapes = draw([place("small", size=0.01), place("large")]).shapes
    assert [shape.key for shape in shapes] == ["large", "small"]


def test_names_that_do_not_fit_are_left_out():
    large, small = draw([place("large"), place("small", west=5.05, size=0.004, name="A long name")]).shapes
    assert (large.name, small.name, small.title) == ("large", "", "A long name")


def test_points_that_fall_together_are_left_out():
    rough = [[4.9 + number / 100_000, 52.3] for number in range(10_000)]
    rough += [[5.0, 52.4], [4.9, 52.4], [4.9, 52.3]]
    drawn = draw(
        [MapArea("a", "a", {"type": "MultiPolygon", "coordinates": [[rough]]}, (4.9, 52.3, 5.0, 52.4))]
    )
    assert len(drawn.shapes[0].path) < 8_000


def test_around_a_box():
    drawn = draw([place("a"), place("far", west=7.0)], around=expand_box(place("a").box, 0.5))
    assert 0 < int(drawn.shapes[0].path[1:].split()[0]) < WIDTH


def test_point_sized_place_is_not_drawn():
    assert [shape.key for shape in draw([place("a"), place("dot", size=0.00001)]).shapes] == ["a"]
