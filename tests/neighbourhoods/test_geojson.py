"""Every way in which a file with borders is wrong gets its own sentence, and the feature is named."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.geojson import MAX_BYTES, Problem, Refused, decode, one_border, read
from neighbourhoods.services.imports import WORDS, say

SQUARE = [[4.9, 52.3], [5.0, 52.3], [5.0, 52.4], [4.9, 52.4], [4.9, 52.3]]


def feature(coordinates=None, kind="Polygon", **properties) -> dict:
    properties = {"naam": "Haven", "code": "BU1"} | properties
    geometry = {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features, **more) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more)


def problem_of(*features) -> Problem:
    (wrong,) = read(collection(*features)).wrong
    return wrong.problem


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"naam": "Haven", "code": "A"}, ("Haven", "A")),
        ({"buurtnaam": "Kade", "buurtcode": "BU03630001", "naam": "x"}, ("Kade", "BU03630001")),
        ({"BU_NAAM": "Kade", "BU_CODE": "BU1"}, ("Kade", "BU1")),
        ({"statnaam": "Kade", "statcode": "BU2"}, ("Kade", "BU2")),
        ({"cbsCode": "BU3", "code": "NA01", "naam": "Kade"}, ("Kade", "BU3")),
        ({"name": "  Kade\t aan \n zee\x00 ", "code": 17}, ("Kade aan zee", "17")),
        ({"name": None, "code": "BU4"}, ("BU4", "BU4")),
    ],
)
def test_names_and_codes_are_recognised(properties, expected):
    (area,) = read(collection(feature() | {"properties": properties})).areas
    assert (area.name, area.code) == expected


def test_height_is_left_out_and_box_is_made():
    (area,) = read(collection(feature([[[x, y, 2.5] for x, y in SQUARE]]))).areas
    assert area.geometry["coordinates"] == [SQUARE]
    assert area.box == (4.9, 52.3, 5.0, 52.4)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (feature([[[4.9, 52.3], [5.0, 52.4], [5.0, 52.3], [4.9, 52.4], [4.9, 52.3]]]), Problem.SELF_CROSSING),
        (feature([SQUARE[:-1]]), Problem.NOT_CLOSED),
        (feature([SQUARE[:2] + SQUARE[:1]]), Problem.TOO_FEW_POINTS),
        (feature([[[x * 25_000, y * 9_000] for x, y in SQUARE]]), Problem.RD_METRES),
        (feature([[[x * 1_000, y] for x, y in SQUARE]]), Problem.NOT_ON_EARTH),
        (feature([[[y, x] for x, y in SQUARE]]), Problem.SWAPPED),
        (feature([]), Problem.EMPTY),
        (feature([[]]), Problem.EMPTY),
        (feature([[[4.9, 52.3], [5.0, 52.3], [4.9, 52.3], [4.9, 52.3]]]), Problem.EMPTY),
        (feature() | {"geometry": None}, Problem.EMPTY),
        (feature([4.9, 52.3], kind="Point"), Problem.NOT_AN_AREA),
        (feature([[["a", "b"]] * 5]), Problem.NOT_NUMBERS),
        (feature([[[True, False]] * 5]), Problem.NOT_NUMBERS),
        (feature({"a": 1}), Problem.NOT_NUMBERS),
        (feature([[[4.9, 52.3]] * 100_001]), Problem.TOO_MANY_POINTS),
        (feature(naam="", code=""), Problem.NO_NAME),
        (feature(naam="x" * 121), Problem.NAME_TOO_LONG),
        (feature(code="x" * 13), Problem.CODE_TOO_LONG),
        ({"type": "Thing"}, Problem.NOT_A_FEATURE),
        (17, Problem.NOT_A_FEATURE),
    ],
)
def test_one_wrong_feature_is_named_and_the_rest_is_read(broken, problem):
    reading = read(collection(feature(code="BU0"), broken))
    assert [area.code for area in reading.areas] == ["BU0"]
    (wrong,) = reading.wrong
    assert (wrong.number, wrong.problem) == (2, problem)


def test_doubles():
    assert problem_of(feature(), feature(naam="Other")) == Problem.DOUBLE_CODE
    assert problem_of(feature(code=""), feature(code="", naam="HAVEN")) == Problem.DOUBLE_NAME


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.NOT_JSON),
        ('{"type": "FeatureCollection", "features": [', Problem.NOT_JSON),
        ("[" * 100_000, Problem.NOT_JSON),
        ('{"type": "FeatureCollection", "features": [NaN]}', Problem.NOT_JSON),
        ("[]", Problem.NOT_A_COLLECTION),
        ('{"type": "Topology"}', Problem.NOT_A_COLLECTION),
        (collection(), Problem.NO_FEATURES),
        (collection(*[1] * 20_001), Problem.TOO_MANY_FEATURES),
        (
            collection(feature(), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}),
            Problem.OTHER_CRS,
        ),
    ],
    ids=range(9),
)
def test_file_as_a_whole(text, problem):
    with pytest.raises(Refused) as refused:
        read(text)
    assert refused.value.problem == problem


def test_wgs84_by_name_is_fine():
    assert read(collection(feature(), crs={"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}})).areas


def test_bytes():
    assert decode(b"\xef\xbb\xbf{}") == "{}"
    for content, problem in ((b"\xff\xfe{", Problem.NOT_TEXT), (b" " * (MAX_BYTES + 1), Problem.TOO_BIG)):
        with pytest.raises(Refused) as refused:
            decode(content)
        assert refused.value.problem == problem


def test_one_border():
    geometry = feature()["geometry"]
    for text in (json.dumps(geometry), json.dumps(feature()), collection(feature())):
        assert one_border(text)[0]["coordinates"] == [SQUARE]
    with pytest.raises(Refused) as refused:
        one_border(collection(feature(), feature(code="2")))
    assert refused.value.problem == Problem.MORE_THAN_ONE


def test_every_problem_has_words():
    assert set(WORDS) == set(Problem)
    assert all(say(problem, "7") for problem in Problem)


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
    with suppress(Refused):
        read(json.dumps(document))
