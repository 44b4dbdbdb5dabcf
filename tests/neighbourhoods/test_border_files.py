"""What a file with borders can be, and every way in which one is wrong: each gets its own sentence."""

import io
import json
import random
import struct
import zipfile
from contextlib import suppress
from unittest import mock

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.areas import borders, coverage, geopackage
from neighbourhoods.areas.borders import BorderCorrection, parse_single_border, unzip_border_file
from neighbourhoods.areas.features import BorderFileError, BorderProblem
from neighbourhoods.imports.services.borders import (
    BORDER_PROBLEM_TEXTS,
    CORRECTION_TEXTS,
    border_problem_text,
)
from tests.neighbourhoods.files import HEADER, SQUARE, area, blob, box, collection, feature
from tests.neighbourhoods.files import geopackage as packed

RD_SQUARE = box(121_000, 487_000, 122_000, 488_000)


def read(text: str | bytes, **options) -> borders.BorderReading:
    return borders.read_borders(text.encode() if isinstance(text, str) else text, **options)


def problem_of(*features) -> BorderProblem:
    (wrong,) = read(collection(*features)).wrong
    return wrong.problem


def refused_by(content: str | bytes, **options) -> BorderProblem:
    with pytest.raises(BorderFileError) as refused:
        read(content, **options)
    return refused.value.problem


# --- what the columns say ---------------------------------------------------------------------

NEIGHBOURHOOD, DISTRICT, MUNICIPALITY = "neighbourhood", "district", "municipality"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"naam": "Haven", "code": "A"}, ("Haven", "A", NEIGHBOURHOOD)),
        ({"buurtnaam": "Kade", "buurtcode": "BU03630001", "naam": "x"}, ("Kade", "BU03630001", NEIGHBOURHOOD)),
        ({"BU_NAAM": "Kade", "BU_CODE": "BU1"}, ("Kade", "BU1", NEIGHBOURHOOD)),
        ({"statnaam": "Kade", "statcode": " wk036301 "}, ("Kade", "WK036301", DISTRICT)),
        ({"statnaam": "Amsterdam", "statcode": "GM0363", "rubriek": "gemeente"}, ("Amsterdam", "GM0363", MUNICIPALITY)),
        ({"cbsCode": "BU0363NA01", "code": "NA01", "naam": "Kade"}, ("Kade", "BU0363NA01", NEIGHBOURHOOD)),
        ({"name": "  Kade\t aan \n zee\x00 ", "code": 17}, ("Kade aan zee", "17", NEIGHBOURHOOD)),
        ({"name": None, "code": "BU4"}, ("BU4", "BU4", NEIGHBOURHOOD)),
        # A neighbourhood names its district and its municipality too.
        (
            {"buurtcode": "BU0363AA01", "buurtnaam": "Kade", "wijkcode": "WK0363AA", "gemeentenaam": "Amsterdam"},
            ("Kade", "BU0363AA01", NEIGHBOURHOOD),
        ),
        ({"wk_code": "WK0363AA", "wk_naam": "Oost", "gm_naam": "Amsterdam"}, ("Oost", "WK0363AA", DISTRICT)),
        ({"naam": "Kade", "code": "NA01", "wijkcode": "WK0363NA"}, ("Kade", "NA01", NEIGHBOURHOOD)),
        ({"gm_code": "GM0363", "gm_naam": "Amsterdam", "water": "NEE"}, ("Amsterdam", "GM0363", MUNICIPALITY)),
        ({"identificatie": "GM0363", "naam": "Amsterdam", "code": "0363"}, ("Amsterdam", "GM0363", MUNICIPALITY)),
        ({"identificatie": "03630000000086", "naam": "Kade", "code": "A"}, ("Kade", "A", NEIGHBOURHOOD)),
        # Numbers without their letters, as a spreadsheet leaves them.
        ({"BUURTCODE": 3630001, "BUURT": "Kade", "WIJK": "Oost"}, ("Kade", "BU03630001", NEIGHBOURHOOD)),
        ({"BU_CODE": 3630001.0, "BU_NAAM": "Kade"}, ("Kade", "BU03630001", NEIGHBOURHOOD)),
    ],
)  # fmt: skip
def test_names_codes_and_levels_are_recognised(properties, expected):
    (found,) = read(collection(feature() | {"properties": properties})).areas
    assert (found.name, found.code, found.kind) == expected


def test_hierarchy_is_in_the_codes():
    (found,) = read(collection(area("BU0363NA01", "Kade", 0, 0, 1, 1))).areas
    assert (found.municipality, found.parent) == ("GM0363", "WK0363NA")


@pytest.mark.parametrize(
    "more", [{"water": "JA"}, {"H2O": "B"}, {"code": "BU03639997"}, {"code": "BU03639998"}]
)
def test_water_is_left_out_and_counted(more):
    wet = area("BU03630001", "IJ", 1, 0, 2, 1)
    wet["properties"] |= more
    reading = read(collection(area("BU03630002", "Kade", 0, 0, 1, 1, water="NEE"), wet))
    assert [one.name for one in reading.areas] == ["Kade"] and reading.water == 1


def test_only_water():
    assert refused_by(collection(area("BU03639997", "IJ", 0, 0, 1, 1))) == BorderProblem.ONLY_WATER


# --- which municipality is ours ---------------------------------------------------------------

TWO_TOWNS = collection(
    area("BU03630001", "Kade", 0, 0, 1, 1, gemeentenaam="Amsterdam"),
    area("BU03630002", "Haven", 1, 0, 2, 1, gemeentenaam="Amsterdam"),
    area("BU05990001", "Coolsingel", 2, 0, 3, 1, gemeentenaam="Rotterdam"),
    feature(box(5, 53, 6, 54), code="PV27", naam="Noord-Holland"),
)


def test_of_several_municipalities_one_has_to_be_chosen():
    reading = read(TWO_TOWNS)
    assert reading.asks == ["municipality"] and not reading.areas
    assert reading.municipalities == {"GM0363": ("Amsterdam", 2), "GM0599": ("Rotterdam", 1)}
    reading = read(TWO_TOWNS, ours="GM0363")
    assert [one.name for one in reading.areas] == ["Kade", "Haven"] and reading.elsewhere == 2


def test_another_municipality_than_ours():
    reading = read(collection(area("BU05990001", "Coolsingel", 0, 0, 1, 1)), ours="GM0363")
    assert reading.asks == ["municipality"]


def test_only_one_is_ours_without_asking():
    assert read(collection(area("BU05990001", "Coolsingel", 0, 0, 1, 1))).ours == "GM0599"


# --- coordinates ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "longitude", "latitude"),
    [
        (155_000, 463_000, 5.387203508, 52.155172301),  # Amersfoort
        (117_380.12, 575_040.34, 4.824761751, 53.160752444),  # Texel
        (247_380.56, 604_580.78, 6.776726491, 53.419482145),
        (16_460.91, 377_380.23, 3.397586201, 51.368606985),
        (182_260.45, 311_480.67, 5.773796906, 50.792585679),
    ],
)
def test_dutch_grid_as_proj_converts_it(x, y, longitude, latitude):
    assert geopackage.to_degrees(np.array([[x, y]], dtype=float))[0] == pytest.approx(
        (longitude, latitude), abs=2e-9
    )


GRID = {"crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}}
WGS = {"crs": {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}


@pytest.mark.parametrize(
    ("coordinates", "more", "notes"),
    [
        ([SQUARE], {}, []),
        ([SQUARE], WGS, []),
        ([SQUARE], GRID, [BorderCorrection.LIED_DEGREES]),
        ([[[y, x] for x, y in SQUARE]], WGS, [BorderCorrection.SWAPPED]),
        (RD_SQUARE, GRID, [BorderCorrection.CONVERTED]),
        (RD_SQUARE, {}, [BorderCorrection.LIED_RD]),
        (RD_SQUARE, WGS, [BorderCorrection.LIED_RD]),
        ([[[y, x] for x, y in RD_SQUARE[0]]], GRID, [BorderCorrection.CONVERTED, BorderCorrection.SWAPPED]),
    ],
    ids=range(8),
)
def test_coordinates_are_what_they_are_whatever_the_file_says(coordinates, more, notes):
    reading = read(collection(feature(coordinates), **more))
    (found,) = reading.areas
    west, south, _east, _north = found.box
    assert (west, south) == pytest.approx((4.9, 52.35), abs=0.06)
    assert [note for note, _detail in reading.notes] == notes


def test_one_in_other_coordinates_than_the_rest():
    two = area("1", "Kade", 0, 0, 1, 1), area("2", "Haven", 1, 0, 2, 1)
    reading = read(collection(*two, feature(RD_SQUARE, code="3")))
    assert [(one.number, one.problem) for one in reading.wrong] == [(3, BorderProblem.ANOTHER_CRS)]


def test_another_coordinate_system():
    mercator = collection(
        feature(box(545_000, 6_860_000, 546_000, 6_861_000)), crs={"properties": {"name": "EPSG:3857"}}
    )
    assert refused_by(mercator) == BorderProblem.OTHER_CRS


def test_height_is_left_out_and_box_is_made():
    (found,) = read(collection(feature([[[x, y, 2.5] for x, y in SQUARE]]))).areas
    assert borders.to_geojson(found.shape)["coordinates"] == [SQUARE]
    assert found.box == (4.9, 52.3, 5.0, 52.4)


def test_holes_and_islands_are_kept():
    hole = [[4.95, 52.35], [4.96, 52.35], [4.96, 52.36], [4.95, 52.35]]
    (found,) = read(collection(feature([[SQUARE, hole], *[box(5.1, 52.3, 5.2, 52.4)]], "MultiPolygon"))).areas
    made = borders.to_geojson(found.shape)
    assert made["type"] == "MultiPolygon" and [len(polygon) for polygon in made["coordinates"]] == [2, 1]


# --- what is wrong with one -------------------------------------------------------------------

BOW_TIE = [[4.9, 52.3], [5.0, 52.4], [5.0, 52.3], [4.9, 52.4], [4.9, 52.3]]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (feature([BOW_TIE]), BorderProblem.SELF_CROSSING),
        (feature([SQUARE[:-1]]), BorderProblem.NOT_CLOSED),
        (feature([SQUARE[:2] + SQUARE[:1]]), BorderProblem.TOO_FEW_POINTS),
        (feature([[[x * 1_000, y] for x, y in SQUARE]]), BorderProblem.NOT_ON_EARTH),
        (feature([]), BorderProblem.EMPTY),
        (feature([[]]), BorderProblem.EMPTY),
        (feature([[[4.9, 52.3], [5.0, 52.3], [4.9, 52.3], [4.9, 52.3]]]), BorderProblem.EMPTY),
        (feature() | {"geometry": None}, BorderProblem.EMPTY),
        (feature([4.9, 52.3], kind="Point"), BorderProblem.NOT_AN_AREA),
        (feature([[["a", "b"]] * 5]), BorderProblem.NOT_NUMBERS),
        (feature([[[True, False]] * 5]), BorderProblem.NOT_NUMBERS),
        (feature([[[10**400, 1]] * 5]), BorderProblem.NOT_NUMBERS),
        (feature({"a": 1}), BorderProblem.NOT_NUMBERS),
        (feature([[[4.9, 52.3]] * 200_001]), BorderProblem.TOO_MANY_POINTS),
        (feature(naam="", code=""), BorderProblem.NO_NAME),
        (feature(naam="x" * 121), BorderProblem.NAME_TOO_LONG),
        (feature(code="x" * 13), BorderProblem.CODE_TOO_LONG),
        ({"type": "Thing"}, BorderProblem.NOT_A_FEATURE),
        (17, BorderProblem.NOT_A_FEATURE),
    ],
)
def test_one_wrong_feature_is_named_and_the_rest_is_read(broken, problem):
    reading = read(collection(area("BU0", "First", 20, 20, 30, 30), broken))
    assert [one.code for one in reading.areas] == ["BU0"]
    (wrong,) = reading.wrong
    assert (wrong.number, wrong.problem) == (2, problem)


def test_point_where_a_border_crosses_itself():
    (wrong,) = read(collection(feature([BOW_TIE]))).wrong
    assert wrong.detail == "4.95, 52.35"


def test_border_that_touches_itself_is_the_same_ground():
    touching = [[0, 0], [4, 0], [4, 4], [2, 0], [0, 4], [0, 0]]
    reading = read(collection(feature([[[4.9 + x / 100, 52.3 + y / 100] for x, y in touching]])))
    assert not reading.wrong and reading.notes == [(BorderCorrection.MENDED, "1")]
    assert reading.areas[0].shape.is_valid


def test_doubles():
    assert problem_of(feature(), feature(naam="Other")) == BorderProblem.DOUBLE_CODE
    assert problem_of(feature(code=""), feature(code="", naam="HAVEN")) == BorderProblem.DOUBLE_NAME


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ((1, 0, 2, 1), None),
        ((0.9999, 0, 2, 1), None),
        ((0.5, 0, 2, 1), "Kade|378"),
        ((0.4, 0.4, 0.6, 0.6), "Kade|30"),
        ((0, 0, 1, 1), "Kade|757"),
    ],
    ids=["beside", "drawn twice", "over it", "inside it", "the same ground"],
)
def test_overlap_says_with_whom_and_how_much(sides, expected):
    reading = read(collection(area("1", "Kade", 0, 0, 1, 1), area("2", "Haven", *sides)))
    details = [(one.number, one.problem, one.detail[: len(expected or "")]) for one in reading.wrong]
    assert details == ([(2, BorderProblem.OVERLAP, expected)] if expected else [])


def test_areas_of_different_levels_lie_over_each_other():
    assert not read(
        collection(area("WK036300", "Oost", 0, 0, 1, 1), area("BU03630001", "Kade", 0, 0, 1, 1))
    ).wrong


# --- the file as a whole ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", BorderProblem.NOT_JSON),
        ('{"type": "FeatureCollection", "features": [', BorderProblem.NOT_JSON),
        ('{"type": "FeatureCollection", "features": [{},]}', BorderProblem.NOT_JSON),
        ('{"type": "FeatureCollection", "features": [{}]} x', BorderProblem.NOT_JSON),
        ('{"type" 1}', BorderProblem.NOT_JSON),
        ("{1: 1}", BorderProblem.NOT_JSON),
        ("[" * 100_000, BorderProblem.NOT_JSON),
        ('{"type": "FeatureCollection", "features": [NaN]}', BorderProblem.NOT_JSON),
        ("[]", BorderProblem.NOT_A_COLLECTION),
        ('{"type": "Topology"}', BorderProblem.NOT_A_COLLECTION),
        ('{"type": "FeatureCollection", "features": 1}', BorderProblem.NOT_A_COLLECTION),
        (collection(), BorderProblem.NO_FEATURES),
        (collection(*[1] * 50_001), BorderProblem.TOO_MANY_FEATURES),
        (b"\xff\xfe{", BorderProblem.NOT_TEXT),
    ],
    ids=range(14),
)
def test_geojson_as_a_whole(text, problem):
    assert refused_by(text) == problem


def test_line_where_it_stops_being_json():
    with pytest.raises(BorderFileError) as refused:
        read('{"type": "FeatureCollection",\n"features": [\n{"type": oops}]}')
    assert refused.value.detail == "3"


def test_mark_at_the_start_and_members_in_any_order():
    text = '\ufeff {"features": [' + json.dumps(feature()) + '] , "type": "FeatureCollection" }\n'
    assert read(text).areas


def test_one_border():
    geometry = feature()["geometry"]
    for text in (json.dumps(geometry), json.dumps(feature()), collection(feature())):
        assert parse_single_border(text)[0]["coordinates"] == [SQUARE]
    assert parse_single_border(json.dumps({"type": "Polygon", "coordinates": RD_SQUARE}))[1][
        0
    ] == pytest.approx(4.89, abs=0.01)
    for text, problem in (
        (collection(feature(), feature(code="2")), BorderProblem.MORE_THAN_ONE),
        (json.dumps(feature([BOW_TIE])), BorderProblem.SELF_CROSSING),
    ):
        with pytest.raises(BorderFileError) as refused:
            parse_single_border(text)
        assert refused.value.problem == problem


# --- GeoPackage -------------------------------------------------------------------------------

HERE = shapely.box(121_000, 487_000, 122_000, 488_000)
THERE = shapely.box(122_000, 487_000, 123_000, 488_000)
BU = {
    "buurtcode": "BU03630001",
    "buurtnaam": "Kade",
    "wijkcode": "WK036300",
    "gemeentecode": "GM0363",
    "water": "NEE",
}
WK = {"wijkcode": "WK036300", "wijknaam": "Oost", "gemeentecode": "GM0363", "water": "NEE"}
GM = {"gemeentecode": "GM0363", "gemeentenaam": "Amsterdam", "water": "NEE"}


def test_three_levels_in_one_geopackage():
    reading = read(packed(gemeenten=[(GM, HERE)], wijken=[(WK, HERE)], buurten=[(BU, HERE)]))
    assert [(one.kind, one.name) for one in reading.areas] == [
        (NEIGHBOURHOOD, "Kade"), (MUNICIPALITY, "Amsterdam"), (DISTRICT, "Oost"),
    ]  # fmt: skip
    assert reading.notes == [(BorderCorrection.CONVERTED, "")]
    assert reading.areas[0].box[0] == pytest.approx(4.888, abs=0.001)


def test_tables_to_choose_from():
    content = packed(
        buurt_gegeneraliseerd=[({"statcode": "BU03630001", "statnaam": "Kade"}, HERE)],
        buurt_niet_gegeneraliseerd=[({"statcode": "BU03630002", "statnaam": "Haven"}, HERE)],
    )
    reading = read(content)
    assert reading.asks == ["layers"]
    assert reading.layers == {"buurt_gegeneraliseerd": 1, "buurt_niet_gegeneraliseerd": 1}
    (found,) = read(content, layers=["buurt_niet_gegeneraliseerd"]).areas
    assert found.name == "Haven"


def test_the_one_of_each_level_is_taken_before_other_tables():
    reading = read(packed(provincies=[({"naam": "Utrecht"}, THERE)], buurten=[(BU, HERE)]))
    assert reading.chosen == ["buurten"]


def test_height_in_a_geopackage_and_levels_by_the_name_of_the_table():
    shape = shapely.force_3d(shapely.MultiPolygon([HERE]), 3.0)
    (found,) = read(packed(wijken=[({"naam": "Oost", "code": "A"}, shape)])).areas
    assert found.kind == DISTRICT and not found.shape.has_z


def header(code: int, *counts: int) -> bytes:
    return HEADER + bytes(4) + struct.pack(f"<BI{len(counts)}I", 1, code, *counts)


@pytest.mark.parametrize(
    ("kept", "problem"),
    [
        (None, BorderProblem.EMPTY),
        (b"GP\0\x11" + bytes(4), BorderProblem.EMPTY),
        (b"", BorderProblem.BROKEN_BORDER),
        (b"no geometry at all", BorderProblem.BROKEN_BORDER),
        (b"GP\0\x0f" + bytes(80), BorderProblem.BROKEN_BORDER),
        (blob(shapely.to_wkb(HERE)[:-8]), BorderProblem.BROKEN_BORDER),
        (header(3, 1, 0xFFFFFFFF), BorderProblem.BROKEN_BORDER),
        (header(3, 0xFFFFFFFF), BorderProblem.BROKEN_BORDER),
        (header(6, 0xFFFFFFFF), BorderProblem.BROKEN_BORDER),
        (HEADER + bytes(4) + struct.pack("<BII", 1, 6, 1) * 100_000, BorderProblem.BROKEN_BORDER),
        (HEADER + bytes(4) + struct.pack("<BII", 1, 7, 1) * 100_000, BorderProblem.NOT_AN_AREA),
        (header(10, 1), BorderProblem.NOT_AN_AREA),
        (blob(shapely.Point(1, 2)), BorderProblem.NOT_AN_AREA),
        (
            blob(struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, 1, float("nan"), 1, 0, 0)),
            BorderProblem.NOT_NUMBERS,
        ),
    ],
    ids=range(14),
)
def test_geometry_that_lies(kept, problem):
    """Huge counts, and collections in collections, which crash what would read them."""
    reading = read(packed(buurten=[(BU, HERE), (BU | {"buurtcode": "BU03630002"}, kept)]))
    (wrong,) = reading.wrong
    assert (wrong.number, wrong.problem) == (2, problem)


def test_views_and_triggers_are_not_run():
    content = packed(
        buurten=[(BU, HERE)],
        sql="ALTER TABLE buurten RENAME TO kept;"
        "CREATE VIEW buurten AS SELECT load_extension('x'), * FROM kept;"
        "UPDATE gpkg_geometry_columns SET table_name = 'buurten';"
        "CREATE TRIGGER t AFTER INSERT ON kept BEGIN DELETE FROM kept; END;",
    )
    assert refused_by(content) == BorderProblem.NO_LAYER


def test_generated_column_calls_nothing():
    content = packed(
        buurten=[(BU, HERE)], sql="ALTER TABLE buurten ADD COLUMN naam TEXT AS (hex(zeroblob(100))) VIRTUAL;"
    )
    with suppress(BorderFileError):
        assert read(content).areas[0].name == "Kade"


def test_question_without_an_end():
    with mock.patch.object(geopackage, "QUERY_TIMEOUT_SECONDS", -1):
        rows = [(BU | {"buurtcode": f"BU0363{n:04d}"}, None) for n in range(30_000)]
        assert refused_by(packed(buurten=rows)) == BorderProblem.NOT_A_GEOPACKAGE


@pytest.mark.parametrize("sql", ["DROP TABLE gpkg_contents", "DELETE FROM gpkg_geometry_columns"])
def test_sqlite_that_is_no_geopackage(sql):
    assert refused_by(packed(buurten=[(BU, HERE)], sql=sql)) in (
        BorderProblem.NOT_A_GEOPACKAGE,
        BorderProblem.NO_LAYER,
    )


def test_damaged_sqlite():
    content = bytearray(packed(buurten=[(BU, HERE)] * 1, wijken=[(WK, HERE)]))
    with suppress(BorderFileError):
        read(bytes(content[: len(content) // 2]))
    noise = random.Random(7)
    for _try in range(40):
        damaged = bytearray(content)
        for _byte in range(60):
            damaged[noise.randrange(16, len(damaged))] = noise.randrange(256)
        with suppress(BorderFileError):
            read(bytes(damaged))


# --- ZIP --------------------------------------------------------------------------------------


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


def test_one_file_in_a_zip():
    assert read(zipped(a_geojson=collection(feature()).encode(), readme_txt=b"hello")).areas
    assert read(zipped(a_gpkg=packed(buurten=[(BU, HERE)]))).areas


def test_zips_that_are_refused():
    assert refused_by(zipped(a_txt=b"")) == BorderProblem.NOTHING_IN_ZIP
    assert refused_by(zipped(a_json=b"{}", b_json=b"{}")) == BorderProblem.NOTHING_IN_ZIP
    assert refused_by(zipped(a_json=b"{}" * 1000)[:-30]) == BorderProblem.BROKEN_ZIP
    assert refused_by(b"PK\3\4 nothing") == BorderProblem.BROKEN_ZIP


def test_zip_bomb_is_measured_while_it_is_read():
    bomb = zipped(a_json=bytes(5_000_000))
    assert len(bomb) < 10_000
    with pytest.raises(BorderFileError) as refused:
        unzip_border_file(bomb, most=1_000_000)
    assert refused.value.problem == BorderProblem.TOO_BIG


# --- together ---------------------------------------------------------------------------------


def test_outlines_have_fewer_points_and_no_gaps():
    """Four areas around one point with crooked borders between them."""
    noise = random.Random(1)

    def crooked(start, end):
        return [point + noise.uniform(-1e-5, 1e-5) for point in np.linspace(start, end, 200)[1:-1]]

    middle, ends = (4.95, 52.35), [(5.0, 52.35), (4.95, 52.4), (4.9, 52.35), (4.95, 52.3)]
    corners = [(5.0, 52.4), (4.9, 52.4), (4.9, 52.3), (5.0, 52.3)]
    arms = [[middle, *crooked(middle, end), end] for end in ends]
    shapes = coverage.as_array(
        [shapely.Polygon([*arms[n], corners[n], *arms[(n + 1) % 4][::-1]]) for n in range(4)]
    )
    drawn = coverage.outlines(shapes)
    assert shapely.get_num_coordinates(drawn).sum() < shapely.get_num_coordinates(shapes).sum() / 2
    assert shapely.coverage_is_valid(drawn)
    assert shapely.area(shapely.union_all(drawn)) == pytest.approx(0.01, rel=1e-3)


def test_parts_say_what_became_of_an_area():
    before = coverage.as_array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    after = coverage.as_array([shapely.box(0, 0, 4, 10), shapely.box(4, 0, 20, 10)])
    found = [
        (p.before, p.after, round(p.of_before, 2), p.is_same)
        for p in coverage.succession_shares(before, after)
    ]
    assert found == [(0, 1, 0.6, False), (0, 0, 0.4, False), (1, 1, 1.0, False)]


# --- words, and anything ----------------------------------------------------------------------


def test_every_problem_and_note_has_words():
    assert set(BORDER_PROBLEM_TEXTS) == set(BorderProblem) and set(CORRECTION_TEXTS) == set(BorderCorrection)
    assert all(border_problem_text(problem, "Kade|7|1.5") for problem in BorderProblem)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=5) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=20,
)


@given(anything, st.sampled_from(["Polygon", "MultiPolygon"]))
def test_any_coordinates_are_read_or_refused(coordinates, kind):
    reading = read(collection(feature(coordinates, kind)))
    assert len(reading.areas) + len(reading.wrong) == 1


@given(anything)
def test_any_document_is_read_or_refused(document):
    with suppress(BorderFileError):
        read(json.dumps(document))


@given(st.binary(max_size=200))
def test_any_geometry_of_a_geopackage_is_read_or_refused(kept):
    with suppress(BorderFileError):
        geopackage.parse_gpkg_geometry(HEADER + bytes(4) + kept)
