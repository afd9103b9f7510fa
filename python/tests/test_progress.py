"""The progress bar: where it shows, and where it does not."""

from __future__ import annotations

import asyncio
import io
from types import SimpleNamespace

import pytest

import midjourney_imagine
from midjourney_imagine import AsyncClient, Client, Emulator, MidjourneyError
from midjourney_imagine._show import progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    # pytest sets the real `sys.stderr` anew when the test begins.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=terminal))
    return terminal


@pytest.mark.usefixtures("midjourney_emulator")
def test_the_modules_functions_show_a_bar_in_a_terminal_and_clear_it(terminal: Terminal) -> None:
    grid = midjourney_imagine.imagine("A cat")
    assert "█" * 30 + " 100 %" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K"), "the line is gone at the end"
    terminal.truncate(0)
    grid.upscale(1)
    midjourney_imagine.submit("A dog").wait()
    assert terminal.getvalue().count("100 %") == 2, "what an image of the module does is shown, too"


@pytest.mark.usefixtures("midjourney_emulator")
def test_nothing_is_shown_when_piped_unless_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    midjourney_imagine.imagine("A cat")
    assert capsys.readouterr() == ("", "")
    midjourney_imagine.imagine("A cat", progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert " 100 %  " in err.splitlines()[-1]
    assert "\x1b" not in err


@pytest.mark.usefixtures("midjourney_emulator")
def test_a_client_shows_none_unless_asked(terminal: Terminal) -> None:
    Client().imagine("A cat")
    assert terminal.getvalue() == ""
    Client().imagine("A cat", progress=True)
    Client(progress=None).imagine("A cat")
    Client(progress=True).imagine("A cat", progress=False)
    assert terminal.getvalue().count("100 %") == 2


@pytest.mark.usefixtures("midjourney_emulator")
def test_the_async_client_shows_the_same(terminal: Terminal) -> None:
    async def main() -> None:
        async with AsyncClient(progress=True) as client:
            await client.imagine("A cat")

    asyncio.run(main())
    assert "100 %" in terminal.getvalue()


def test_the_line_is_cleared_when_the_call_fails(midjourney_emulator: Emulator, terminal: Terminal) -> None:
    midjourney_emulator.add_fault("refuse", "used_up")
    with pytest.raises(MidjourneyError):
        midjourney_imagine.imagine("A cat")
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.usefixtures("midjourney_emulator")
def test_a_terminal_without_the_blocks_gets_plain_characters(terminal: Terminal) -> None:
    terminal.encoding = "ascii"
    midjourney_imagine.imagine("A cat")
    assert "#" * 30 in terminal.getvalue()
    terminal.getvalue().encode("ascii")


@pytest.mark.usefixtures("midjourney_emulator")
def test_no_stderr_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=None))
    assert midjourney_imagine.imagine("A cat")
    assert midjourney_imagine.imagine("A cat", progress=True)
