"""What importing costs, and that everything is loaded late."""

from __future__ import annotations

import subprocess
import sys

import pytest

STANDARD = "__future__, atexit, contextlib, importlib, json, threading, typing, weakref"
"""What the package loads of the standard library: little, and most of it is in every program."""


def printed(program: str) -> str:
    return subprocess.run(  # our own interpreter
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def loaded(statement: str) -> set[str]:
    """The modules that a statement loads, beyond those of bare Python."""
    program = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    return set(printed(program).split())


def test_an_import_is_quick() -> None:
    # By what it loads, since how long that takes depends on what else the machine does: `python -X importtime` tells.
    assert loaded("import midjourney_imagine") == {"midjourney_imagine"}
    modules = loaded("from midjourney_imagine import Client, imagine")
    assert {name for name in modules if name.partition(".")[0] != "midjourney_imagine"} <= loaded(f"import {STANDARD}")


def test_what_not_everyone_needs_is_not_loaded() -> None:
    modules = loaded("from midjourney_imagine import Client; Client(token='t')")
    heavy = {"asyncio", "dataclasses", "datetime", "inspect", "logging", "pathlib", "IPython", "PIL", "html", "pytest"}
    assert not heavy & modules
    assert printed("import sys, midjourney_imagine; print(*sys.modules)").count("midjourney_imagine") == 1


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    import midjourney_imagine

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = getattr(midjourney_imagine, "nothing")  # noqa: B009 - as a caller's slip would
    assert dir(midjourney_imagine) == midjourney_imagine.__all__
