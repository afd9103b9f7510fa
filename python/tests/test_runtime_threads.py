"""Threads, event loops one after the other and side by side, uvloop, and the log."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sysconfig
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import runtime_support as support


@pytest.fixture
def service() -> support.Service:
    return support.Service()


def test_sixteen_threads_share_a_client(service: support.Service) -> None:
    client = service.client()

    def submit(number: int) -> str | bytes:
        return client.call("submit", support.imagine(f"Cat {number}"))

    with ThreadPoolExecutor(16) as pool:
        tasks = list(pool.map(submit, range(200)))
    ids = {json.loads(task)["task_id"] for task in tasks}
    assert len(ids) == 200
    assert service.call("ledger")["started"] == 200


def test_a_waiting_call_leaves_the_interpreter_to_others(service: support.Service) -> None:
    service.hold(lines=[support.frame(5)])
    stream = service.client().stream(support.imagine())
    stream.next()
    thread = threading.Thread(target=stream.next)
    thread.start()
    # These run while the other thread waits; if it kept the interpreter, nothing here would ever run.
    assert service.client().call("submit", support.imagine())
    stream.close()
    thread.join(support.PATIENCE)
    assert not thread.is_alive()


def test_many_loops_one_after_the_other(service: support.Service) -> None:
    client = service.client()

    async def main() -> weakref.ref[asyncio.AbstractEventLoop]:
        await asyncio.gather(*[client.call_async("submit", support.imagine()) for _ in range(5)])
        return weakref.ref(asyncio.get_running_loop())

    loops = [asyncio.run(main()) for _ in range(20)]
    gc.collect()
    assert [loop() for loop in loops] == [None] * 20, "what waits must not keep a loop alive"
    assert service.call("ledger")["started"] == 100


def test_loops_side_by_side_in_threads(service: support.Service) -> None:
    client = service.client()

    async def main() -> int:
        return len(await asyncio.gather(*[client.call_async("submit", support.imagine()) for _ in range(20)]))

    with ThreadPoolExecutor(4) as pool:
        loops = [pool.submit(lambda: asyncio.run(main())) for _ in range(12)]
        assert [loop.result() for loop in loops] == [20] * 12


def test_a_thousand_calls_at_once(service: support.Service) -> None:
    client = service.client()

    async def main() -> int:
        tasks = await asyncio.gather(
            *[client.call_async("submit", support.imagine(f"Cat {number}")) for number in range(1000)]
        )
        return len({json.loads(task)["task_id"] for task in tasks})

    assert asyncio.run(main()) == 1000


def test_uvloop(service: support.Service) -> None:
    uvloop = pytest.importorskip("uvloop")
    seen: list[str] = []

    async def main() -> Any:
        client = service.client()
        await asyncio.gather(*[client.call_async("submit", support.imagine()) for _ in range(50)])
        return await client.call_async("imagine", support.imagine(), seen.append)

    loop = uvloop.new_event_loop()
    try:
        assert json.loads(loop.run_until_complete(main()))["progress"] == 100
    finally:
        loop.close()
    assert json.loads(seen[-1])["done"]


def test_the_log_tells_what_happens_and_never_the_token(
    service: support.Service, caplog: pytest.LogCaptureFixture
) -> None:
    client = service.client()
    with caplog.at_level(logging.DEBUG, logger="midjourney_imagine"):
        client.call("imagine", support.imagine())
        # Everything is there when the call returns, in order, from the thread that called.
        blocking = [record for record in caplog.records if record.name == "midjourney_imagine"]
        caplog.clear()

        async def main() -> None:
            await client.call_async("imagine", support.imagine())

        asyncio.run(main())
        awaited = [record for record in caplog.records if record.name == "midjourney_imagine"]
    for records in (blocking, awaited):
        messages = [record.getMessage() for record in records]
        assert any(message.startswith("answered path=/midjourney/imagine status=200") for message in messages)
        assert any("/midjourney/tasks" in message for message in messages)
        assert not any(support.TOKEN in message or "A cat" in message for message in messages)
        assert {record.thread for record in records} == {threading.get_ident()}
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="midjourney_imagine"):
        client.call("imagine", support.imagine())
    assert caplog.records == []


def test_a_program_that_does_not_log_does_not_pay_for_it(service: support.Service) -> None:
    # `asyncio`, which the preamble imports, brings `logging`: a stand-in keeps it out.
    first = "import sys; sys.modules['asyncio'] = sys\n"
    program = """
    client.call("submit", CAT)
    print("logging" in sys.modules)
    """
    assert support.run(program, service.url, first=first) == "False\n"


def test_a_build_without_the_interpreter_lock_stays_without_it(service: support.Service) -> None:
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("this Python has the lock")
    assert support.run("print(sys._is_gil_enabled())", service.url) == "False\n"
