"""`make bench` measures and asserts nothing here; only that it could begin."""

import os
import subprocess
import sys

import pytest

from bench import filling, timing
from bench.__main__ import SECTIONS
from bench.figures import at_most, side_by_side


@pytest.mark.parametrize("section", ["answer", "results", "boards", "weight", "followups", "crowd"])
def test_every_section_is_there(section):
    assert callable(SECTIONS[section])


def test_it_starts_without_settings():
    """The sections set Django up in processes of their own: importing them must not need it."""
    environment = {"PATH": os.environ["PATH"]}
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


def test_the_bare_project_beside_it_starts():
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "a key for measuring only, of no other use at all",
        "SITE_URL": "http://localhost:8000",
        "DATABASE_URL": "sqlite://:memory:",
        "DJANGO_SETTINGS_MODULE": "bench.bare.settings",
    }
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"], env=environment, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr


def test_a_figure_says_whether_it_holds():
    assert at_most("answer", "queries", 4, 4).holds
    assert not at_most("answer", "queries", 5, 4).holds


def test_a_pair_is_a_ratio_of_medians_without_the_first_round():
    ours, other = iter([99.0, 2.0, 4.0, 3.0]), iter([99.0, 1.0, 1.0, 2.0])

    pair = side_by_side(lambda: next(ours), lambda: next(other), rounds=3)

    assert pair.ratio == 3.0


@pytest.mark.django_db
def test_a_house_can_be_furnished_and_walked_through():
    filling.house()

    assert timing.walk("linde")["questions"] == 4
    assert timing.walk("forty")["questions"] == 40
