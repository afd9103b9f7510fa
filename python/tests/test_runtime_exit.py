"""A program may end at any moment, whatever is in flight: no crash, no hang, no word on stderr."""

from __future__ import annotations

import os

import pytest
import runtime_support as support

# Each is a race with the interpreter's end, so it is run often; the figure in the report is from a hundred.
RUNS = int(os.environ.get("MIDJOURNEY_IMAGINE_EXITS", "10"))

CANCELLED_AWAITS = """
async def main():
    calls = [asyncio.ensure_future(one()) for _ in range(100)]
    await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    for call in calls[::2]:
        call.cancel()
async def one():
    return await client.call_async(SUBMIT)
asyncio.run(main())
"""

DAEMON_THREADS = """
started = threading.Barrier(9)
def work():
    started.wait()
    while True:
        client.call(SUBMIT)
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
started.wait()
client.call(SUBMIT)
"""

DAEMON_LOOP = """
started = threading.Event()
async def forever():
    while True:
        await client.call_async(SUBMIT, lambda update: None)
        started.set()
async def main():
    await asyncio.gather(*[forever() for _ in range(20)])
threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
started.wait()
"""

OPEN_STREAMS = """
async def main():
    streams = [client.stream(STREAM) for _ in range(20)]
    await asyncio.gather(*[stream.next_async() for stream in streams])
    asyncio.ensure_future(streams[0].next_async())
blocking = client.stream(STREAM)
blocking.next()
asyncio.run(main())
"""

EXIT_IN_A_CALLBACK = """
def on_progress(update):
    sys.exit(0)
client.call(IMAGINE, on_progress)
"""


@pytest.mark.parametrize(
    "program",
    [CANCELLED_AWAITS, DAEMON_THREADS, DAEMON_LOOP, OPEN_STREAMS, EXIT_IN_A_CALLBACK],
    ids=["cancelled awaits", "daemon threads", "daemon loop", "open streams", "exit in a callback"],
)
def test_the_interpreter_ends_well_with_calls_in_flight(program: str) -> None:
    service = support.Service()
    for _ in range(RUNS):
        support.run(program, service.url)


def test_a_hook_that_runs_after_ours_can_still_call() -> None:
    # Hooks run in reverse, so the one that is registered first is the last.
    first = """
import atexit
hooks = []
atexit.register(lambda: [hook() for hook in hooks])
"""
    program = "hooks.append(lambda: print(client.call(SUBMIT) is not None))"
    assert support.run(program, support.Service().url, first=first) == "True\n"
