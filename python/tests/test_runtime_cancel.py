"""Leaving a call ends its exchange at once, and loses nothing that had already arrived."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import json
import threading
from typing import Any

import pytest
import runtime_support as support


@pytest.fixture
def service() -> support.Service:
    return support.Service()


def test_cancelling_a_task_ends_the_exchange(service: support.Service) -> None:
    service.hold()

    async def main() -> None:
        call = asyncio.ensure_future(awaited(service.client().call_async("imagine", support.imagine())))
        await asyncio.to_thread(service.journal, requests=1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(main())
    service.journal(abandoned=1)


def test_a_timeout_ends_the_exchange(service: support.Service) -> None:
    service.hold()

    async def main() -> None:
        call = asyncio.ensure_future(awaited(service.client().call_async("imagine", support.imagine())))
        # A busy machine may take longer than the timeout to send it.
        await asyncio.to_thread(service.journal, requests=1)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.01)

    asyncio.run(main())
    service.journal(abandoned=1)


def test_a_loop_that_ends_takes_its_calls_with_it(service: support.Service) -> None:
    service.hold(times=3)

    async def main() -> None:
        client = service.client()
        calls = [asyncio.ensure_future(awaited(client.call_async("imagine", support.imagine()))) for _ in range(3)]
        await asyncio.to_thread(service.journal, requests=3)
        assert not any(call.done() for call in calls)

    asyncio.run(main())
    service.journal(abandoned=3)


@pytest.mark.parametrize("way", ["close", "drop"])
def test_leaving_a_stream_ends_the_exchange(service: support.Service, way: str) -> None:
    service.hold(lines=[support.frame(5)])
    stream = service.client().stream(support.imagine())
    update = stream.next()
    assert update is not None
    assert json.loads(update)["progress"] == 5
    assert stream.task_id == support.frame(5)["task_id"]
    if way == "close":
        stream.close()
        assert stream.next() is None
        stream.close()
    else:
        del stream
        gc.collect()
    service.journal(abandoned=1)


def test_closing_a_stream_ends_a_pull_in_another_thread(service: support.Service) -> None:
    service.hold(lines=[support.frame(5)])
    stream = service.client().stream(support.imagine())
    assert stream.next() is not None
    pulled: list[str | None] = ["nothing yet"]
    thread = threading.Thread(target=lambda: pulled.append(stream.next()))
    thread.start()
    stream.close()
    thread.join(support.PATIENCE)
    assert pulled[1:] == [None]
    service.journal(abandoned=1)


def test_a_pull_that_was_left_gives_its_update_to_the_next(service: support.Service) -> None:
    service.call(
        "script",
        replies=[{"path": support.IMAGINE, "lines": [support.frame(progress) for progress in (5, 35, 60, 100)]}],
    )

    async def main() -> list[int]:
        stream = service.client().stream(support.imagine())
        seen: list[int] = []
        while True:
            # The worst moment to leave: the update has arrived, and the awaiting code has not resumed.
            left = stream.next_async().__await__()
            future: Any = next(left)
            await asyncio.wait([future])
            del left
            update = await stream.next_async()
            if update is None:
                return seen
            seen.append(json.loads(update)["progress"])

    assert asyncio.run(main()) == [5, 35, 60, 100]


def test_concurrent_pulls_each_get_an_update_of_their_own(service: support.Service) -> None:
    async def main() -> list[int]:
        stream = service.client().stream(support.imagine())
        updates = await asyncio.gather(*[stream.next_async() for _ in range(8)])
        return [json.loads(update)["progress"] for update in updates if update is not None]

    assert asyncio.run(main()) == [5, 35, 60, 85, 100]


class EnoughError(Exception):
    """What a callback raises."""


@pytest.mark.parametrize("error", [EnoughError, StopIteration, asyncio.CancelledError])
def test_an_exception_of_the_callback_ends_the_call(service: support.Service, error: type[BaseException]) -> None:
    service.hold(times=2, lines=[support.frame(5)])

    def on_progress(_: str) -> None:
        raise error

    client = service.client()
    with pytest.raises(error):
        client.call("imagine", support.imagine(), on_progress)
    service.journal(abandoned=1)

    async def main() -> None:
        await client.call_async("imagine", support.imagine(), on_progress)

    # PEP 479: a coroutine cannot raise StopIteration.
    with pytest.raises(RuntimeError if error is StopIteration else error):
        asyncio.run(main())
    service.journal(abandoned=2)


def test_the_callback_sees_the_context_of_the_awaiting_code(service: support.Service) -> None:
    user: contextvars.ContextVar[str] = contextvars.ContextVar("user")
    seen: list[str] = []

    async def one(name: str) -> None:
        user.set(name)
        await service.client().call_async("imagine", support.imagine(), lambda _: seen.append(user.get()))

    async def main() -> None:
        await asyncio.gather(one("Ada"), one("Grace"))

    asyncio.run(main())
    assert set(seen) == {"Ada", "Grace"}


def test_a_call_is_awaited_once(service: support.Service) -> None:
    async def main() -> None:
        call = service.client().call_async("submit", support.imagine())
        await call
        with pytest.raises(RuntimeError, match="already awaited"):
            await call

    asyncio.run(main())
    assert service.call("ledger")["started"] == 1


def test_a_call_outside_of_a_loop_says_so(service: support.Service) -> None:
    call = service.client().call_async("submit", support.imagine())
    with pytest.raises(RuntimeError, match="no running event loop"):
        next(call.__await__())
    assert service.call("ledger")["started"] == 0


async def awaited(call: Any) -> Any:
    return await call
