"""The municipality's own files: they lie beside the repository on machines that have them."""

from pathlib import Path

import pytest

SHARED = next(
    (data for folder in Path(__file__).resolve().parents if (data := folder / "shared/data").is_dir()), None
)
real = pytest.mark.skipif(SHARED is None, reason="the real files lie in ../shared")


def read(name: str) -> bytes:
    assert SHARED is not None
    return (SHARED / name).read_bytes()
