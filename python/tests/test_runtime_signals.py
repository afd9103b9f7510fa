"""Ctrl-C interrupts any blocking call at once, and ends the exchange."""

from __future__ import annotations

import signal
import statistics
import sys

import pytest
import runtime_support as support

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

ROUNDS = 5

TICKING = """
ticks = 0
interrupted = threading.Event()
reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)  # written to when the signal arrives, whatever the main thread does

def tick():
    global ticks
    while os.read(reader, 1):
        ticks = 0
        while not interrupted.wait(0.01):
            ticks += 1
        interrupted.clear()
        ticks = 0

threading.Thread(target=tick, daemon=True).start()
"""
"""Counts hundredths of a second from a signal to `interrupted`, and a busy machine lengthens those as well."""


@pytest.mark.parametrize(
    "call",
    [
        "client.call('imagine', CAT)",
        "client.call('submit', CAT)",
        "client.call('imagine', CAT, lambda update: None)",
        "client.stream(CAT).next()",
    ],
)
def test_ctrl_c_interrupts_a_blocking_call_within_a_tenth_of_a_second(call: str) -> None:
    service = support.Service()
    service.hold(times=ROUNDS)
    program = f"""
for number in range({ROUNDS}):
    try:
        {call}
    except KeyboardInterrupt:
        print(ticks, flush=True)
        interrupted.set()
"""
    process = support.start(TICKING + program, service.url)
    assert process.stdout is not None
    waits: list[int] = []
    for number in range(1, ROUNDS + 1):
        service.journal(requests=number)
        process.send_signal(signal.SIGINT)
        waits.append(int(process.stdout.readline()))
        service.journal(abandoned=number)
    _, errors = process.communicate(timeout=support.PATIENCE)
    assert (process.returncode, errors) == (0, "")
    assert statistics.median(waits) < 10, waits


def test_a_handler_that_raises_nothing_lets_the_call_go_on() -> None:
    service = support.Service()
    service.call("script", replies=[{"path": support.IMAGINE, "lines": [support.frame(5)], "then": "hold"}])
    process = support.start(
        """
        signal.signal(signal.SIGUSR1, lambda *_: print("handled", flush=True))
        try:
            client.call("imagine", json.dumps({"request": {"prompt": "A cat"}, "deadline": 60}),
                        lambda update: print("progress", flush=True))
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """,
        service.url,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "progress\n"
    process.send_signal(signal.SIGUSR1)
    assert process.stdout.readline() == "handled\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    process.communicate(timeout=support.PATIENCE)
    assert process.returncode == 0
