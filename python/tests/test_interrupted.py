"""What interrupts a call says how its task is picked up; and what a stream gives that is read to its end."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import midjourney_imagine
from midjourney_imagine import AsyncClient, Client, Emulator, Image, InvalidRequestError, MidjourneyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

needs_notes = pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have notes from Python 3.11 on")
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

TASKS = "/midjourney/tasks"


class Enough(Exception):  # noqa: N818 - it is no error
    """What a callback raises to end a call."""


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose generations go on until its clock is moved."""
    with Emulator(speed="virtual") as emulator:
        yield emulator


def settings(emulator: Emulator) -> dict[str, Any]:
    return {"base_url": emulator.url, "token": "t", "poll_interval": 0.05}


def note_of(error: BaseException, emulator: Emulator) -> None:
    """The one note names the one task, and the call that picks it up."""
    (job,) = emulator.ledger().entries
    expected = f"the task {job.task_id} goes on at the service: client.task({job.task_id!r}).wait() picks it up"
    assert getattr(error, "__notes__", None) == [expected]


CALLS: dict[str, Callable[[Client], object]] = {
    "imagine": lambda client: client.imagine("A cat"),
    "imagine with a callback": lambda client: client.imagine("A cat", on_progress=lambda _: None),
    "wait": lambda client: client.submit("A cat").wait(),
    "stream": lambda client: client.submit("A cat").stream().result(),
}


@needs_notes
@needs_signals
@pytest.mark.parametrize("call", CALLS)
def test_ctrl_c_names_the_task(emulator: Emulator, call: str) -> None:
    def interrupt() -> None:
        emulator.journal(requests=2, path=TASKS)
        signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        CALLS[call](Client(**settings(emulator)))
    thread.join()
    note_of(caught.value, emulator)


@needs_notes
@pytest.mark.parametrize("verb", ["imagine", "wait", "stream"])
def test_a_cancellation_names_the_task(emulator: Emulator, verb: str) -> None:
    async def main() -> BaseException:
        async with AsyncClient(**settings(emulator)) as client:
            if verb == "imagine":
                call = asyncio.ensure_future(client.imagine("A cat"))
            else:
                task = await client.submit("A cat")
                call = asyncio.ensure_future(task.wait() if verb == "wait" else task.stream().result())
            await asyncio.to_thread(emulator.journal, requests=2, path=TASKS)
            call.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await call
            return caught.value

    note_of(asyncio.run(main()), emulator)


@needs_notes
def test_an_error_of_the_callback_names_the_task(emulator: Emulator) -> None:
    def enough(_: object) -> None:
        raise Enough

    with pytest.raises(Enough) as caught:
        Client(**settings(emulator)).imagine("A cat", on_progress=enough)
    note_of(caught.value, emulator)
    emulator.reset()

    async def main() -> None:
        async with AsyncClient(**settings(emulator)) as client:
            await client.imagine("A cat", on_progress=enough)

    with pytest.raises(Enough) as caught:
        asyncio.run(main())
    note_of(caught.value, emulator)


@needs_notes
def test_an_error_of_the_client_has_attributes_and_no_note(midjourney_emulator: Emulator) -> None:
    for prompt in (" ", "A cat --emulate fail_task:forbidden"):
        with pytest.raises(MidjourneyError) as caught:
            midjourney_imagine.imagine(prompt)
        assert not hasattr(caught.value, "__notes__")
    assert midjourney_emulator.ledger().started == 1


def test_a_stream_gives_its_result_as_often_as_it_is_asked(midjourney_emulator: Emulator) -> None:
    with Client() as client, client.stream("A cat") as updates:
        first = next(updates)
        assert not first.done
        image = updates.result()
        assert isinstance(image, Image)
        assert image.progress == 100
        assert updates.result() is image
        assert list(updates) == []
    with Client() as client, client.stream("A dog") as updates:
        (*_, last) = updates
    assert updates.result() == last.image, "it was read to its end before it was closed"

    async def main() -> None:
        async with AsyncClient() as client:
            updates = client.stream("A bird")
            image = await updates.result()
            assert image.progress == 100
            assert await updates.result() is image

    asyncio.run(main())
    assert midjourney_emulator.ledger().started == 3


def test_a_stream_that_has_no_result_says_why(midjourney_emulator: Emulator) -> None:
    with Client() as client:
        with client.stream("A cat") as updates:
            next(updates)
        with pytest.raises(RuntimeError, match="closed before the picture was finished"):
            updates.result()
        failing = client.stream("A cat --emulate fail_task:forbidden")
        with pytest.raises(MidjourneyError) as first:
            failing.result()
        with pytest.raises(MidjourneyError) as second:
            failing.result()
        assert second.value is first.value
        assert (first.value.__cause__, first.value.__suppress_context__) == (None, True)
        with pytest.raises(InvalidRequestError):
            client.stream(" ").result()
    assert midjourney_emulator.ledger().started == 2
