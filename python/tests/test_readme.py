"""The examples of the READMEs and of `docs/` run as they stand, and the first of them is five lines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from midjourney_imagine import Emulator

PACKAGE = Path(__file__).parents[1]
PAGES = [PACKAGE / "README.md", PACKAGE.parent / "README.md", *sorted((PACKAGE.parent / "docs").glob("*.md"))]
EXAMPLES = [
    example
    for page in PAGES
    for example in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
]
PROGRAMS = [example for example in EXAMPLES if "def test_" not in example]
TESTS = [example for example in EXAMPLES if "def test_" in example]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.splitlines()[-1].strip())
@pytest.mark.usefixtures("midjourney_emulator")
def test_a_program(program: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""


def test_the_first_is_five_lines_and_saves_a_picture(tmp_path: Path) -> None:
    first = [line for line in EXAMPLES[0].splitlines() if line]
    assert len(first) <= 5
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACEDATACLOUD")}
    subprocess.run([sys.executable, "-c", EXAMPLES[0]], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "cat.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("test", TESTS, ids=["a test"])
def test_a_test(test: str, midjourney_emulator: Emulator) -> None:
    names: dict[str, object] = {}
    exec(compile(test, "README.md", "exec"), names)  # noqa: S102 - our own example
    for name, function in names.items():
        if name.startswith("test_") and callable(function):
            function(midjourney_emulator)
