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


class Broken(Terminal):
    """A terminal that fails, as one that was closed does."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__()
        self.failure = failure
        self.tried = 0

    def write(self, text: str) -> int:
        del text
        self.tried += 1
        raise self.failure


FAILURES = [
    OSError(5, "Input/output error"),
    BrokenPipeError(),
    ValueError("I/O operation on closed file"),
    UnicodeEncodeError("ascii", "█", 0, 1, "no such character"),
    RuntimeError("whatever a stream of one's own raises"),
    KeyError("tqdm"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_bar_that_cannot_be_drawn_does_not_end_the_call(
    failure: Exception, monkeypatch: pytest.MonkeyPatch, midjourney_emulator: Emulator
) -> None:
    broken = Broken(failure)
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=broken))
    assert midjourney_imagine.imagine("A cat", progress=True).progress == 100

    async def main() -> None:
        async with AsyncClient(progress=True) as client:
            assert (await client.imagine("A cat")).progress == 100

    asyncio.run(main())
    assert broken.tried == 2, "each bar goes silent at its first failure"
    assert midjourney_emulator.ledger().started == 2


@pytest.mark.usefixtures("midjourney_emulator")
def test_a_closed_stderr_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=closed))
    assert midjourney_imagine.imagine("A cat").progress == 100
    assert midjourney_imagine.imagine("A cat", progress=True).progress == 100


@pytest.mark.usefixtures("midjourney_emulator")
def test_ctrl_c_while_the_bar_is_drawn_still_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=Broken(KeyboardInterrupt())))
    with pytest.raises(KeyboardInterrupt):
        midjourney_imagine.imagine("A cat", progress=True)


@pytest.mark.usefixtures("midjourney_emulator")
def test_a_notebook_whose_display_fails_does_not_end_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    from midjourney_imagine._show import notebook

    def fail(*_: object) -> None:
        message = "the front end has gone"
        raise RuntimeError(message)

    monkeypatch.setattr(notebook, "is_notebook", lambda: True)
    monkeypatch.setattr(notebook.NotebookBar, "_put", fail)
    assert midjourney_imagine.imagine("A cat").progress == 100
