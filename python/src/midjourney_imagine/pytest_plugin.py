"""The pytest fixture `midjourney_emulator`. Every test run where the package is installed imports this: it is small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from midjourney_imagine import Emulator


@pytest.fixture
def midjourney_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Run an emulator of the API for one test, and point the environment at it.

    Clients that the tested code makes from the environment, and the module-level functions, then use the emulator.
    """
    from midjourney_imagine import Emulator

    with Emulator() as emulator:
        monkeypatch.setenv("ACEDATACLOUD_API_BASE_URL", emulator.url)
        monkeypatch.setenv("ACEDATACLOUD_API_TOKEN", "emulator")
        yield emulator
