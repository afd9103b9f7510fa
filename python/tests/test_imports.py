"""What importing costs, and that everything is loaded late."""

from __future__ import annotations

import statistics
import subprocess
import sys

import pytest

LIMIT = 0.040
"""Seconds beyond bare Python, on the wall."""

TIMED = """
import time
begin = time.perf_counter()
{statement}
print(time.perf_counter() - begin)
"""


def printed(program: str) -> str:
    return subprocess.run(  # our own interpreter
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize(
    "statement",
    ["import midjourney_imagine", "from midjourney_imagine import Client, imagine"],
)
def test_an_import_is_quick(statement: str) -> None:
    # The best of several: a shared machine is only ever slower than the code.
    seconds = [float(printed(TIMED.format(statement=statement))) for _ in range(7)]
    assert min(seconds) < LIMIT, f"median {statistics.median(seconds) * 1000:.0f} ms"


def test_what_not_everyone_needs_is_not_loaded() -> None:
    loaded = printed(
        "import sys; before = set(sys.modules); from midjourney_imagine import Client; "
        "Client(token='t'); print(*(set(sys.modules) - before))"
    ).split()
    heavy = {"asyncio", "dataclasses", "datetime", "inspect", "logging", "pathlib", "IPython", "PIL", "html", "pytest"}
    assert not heavy & set(loaded)
    assert printed("import sys, midjourney_imagine; print(*sys.modules)").count("midjourney_imagine") == 1


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    import midjourney_imagine

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = getattr(midjourney_imagine, "nothing")  # noqa: B009 - as a caller's slip would
    assert dir(midjourney_imagine) == midjourney_imagine.__all__
