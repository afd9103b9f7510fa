"""The fault matrix: whatever goes wrong, no second job is started, and the error says what the first may have cost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from runtime_support import PATIENCE

from midjourney_imagine import AsyncClient, Client, Emulator, MidjourneyError

if TYPE_CHECKING:
    from collections.abc import Callable

# What is struck, and what then comes of `imagine` and of `stream`: a picture, or the error's kind.
FAULTS = {
    "refuse_before_accept": ("outcome_unknown", "outcome_unknown"),
    "html_502_before": ("outcome_unknown", "outcome_unknown"),
    "rate_limit:0": ("rate_limit", "rate_limit"),
    "error_500": ("server", "server"),
    "refuse:bad_request": ("bad_request", "bad_request"),
    "refuse:no_token": ("authentication", "authentication"),
    "refuse:used_up": ("insufficient_balance", "insufficient_balance"),
    "refuse:disabled": ("disabled", "disabled"),
    "refuse:forbidden": ("moderation", "moderation"),
    "error_200:forbidden": ("moderation", "moderation"),
    "payment_required": ("insufficient_balance", "insufficient_balance"),
    "drop_after_accept": ("outcome_unknown", "outcome_unknown"),
    "html_502": ("outcome_unknown", "outcome_unknown"),
    "error_500_started": ("picture", "picture"),
    "error_504": ("picture", "picture"),
    "cut_after_bytes:20": ("outcome_unknown", "outcome_unknown"),
    "cut_body_after_bytes:5": ("outcome_unknown", "outcome_unknown"),
    "cut_after_frame:2": ("picture", "picture"),
    "reset_after_frame:2": ("picture", "picture"),
    "end_after_frame:1": ("picture", "picture"),
    "truncated_json": ("outcome_unknown", "picture"),
    "dribble:1": ("picture", "picture"),
    "error_line:1": ("task_failed", "task_failed"),
    "fail_task:api_error": ("task_failed", "task_failed"),
    "fail_task:forbidden": ("moderation", "moderation"),
    "late_task:200": ("picture", "picture"),
    "no_async": ("picture", "picture"),
    "ack_bare": ("picture", "picture"),
    "ack_202": ("picture", "picture"),
    "progress_backwards": ("picture", "picture"),
    "string_numbers": ("picture", "picture"),
    "number_ids": ("picture", "picture"),
    "no_sizes": ("picture", "picture"),
    "success_missing": ("picture", "picture"),
    "extra_fields": ("picture", "picture"),
    "record_nulls": ("picture", "picture"),
    "record_old": ("picture", "picture"),
    "crlf": ("picture", "picture"),
    "blank_lines": ("picture", "picture"),
    "no_final_newline": ("picture", "picture"),
}


def imagine(client: Client, prompt: str) -> None:
    assert client.imagine(prompt).progress == 100


def stream(client: Client, prompt: str) -> None:
    with client.stream(prompt) as updates:
        seen = [(update.progress, update.done) for update in updates]
    assert seen == sorted(seen), "progress never runs backwards"
    assert [done for _, done in seen].count(True) == 1


async def imagine_async(client: AsyncClient, prompt: str) -> None:
    assert (await client.imagine(prompt)).progress == 100


async def stream_async(client: AsyncClient, prompt: str) -> None:
    async with client.stream(prompt) as updates:
        seen = [(update.progress, update.done) async for update in updates]
    assert seen == sorted(seen), "progress never runs backwards"
    assert [done for _, done in seen].count(True) == 1


def blocking(call: Callable[[Client, str], None], settings: dict[str, Any], prompt: str) -> None:
    with Client(**settings) as client:
        call(client, prompt)


def awaited(call: Callable[[AsyncClient, str], Any], settings: dict[str, Any], prompt: str) -> None:
    async def main() -> None:
        async with AsyncClient(**settings) as client:
            await call(client, prompt)

    asyncio.run(main())


CALLS: dict[str, tuple[int, Callable[[dict[str, Any], str], None]]] = {
    "imagine": (0, lambda settings, prompt: blocking(imagine, settings, prompt)),
    "stream": (1, lambda settings, prompt: blocking(stream, settings, prompt)),
    "imagine, awaited": (0, lambda settings, prompt: awaited(imagine_async, settings, prompt)),
    "stream, awaited": (1, lambda settings, prompt: awaited(stream_async, settings, prompt)),
}


@pytest.mark.parametrize("how", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault(fault: str, how: str) -> None:
    column, call = CALLS[how]
    came, accepted = "picture", True
    with Emulator() as emulator:
        settings = {"base_url": emulator.url, "token": "t", "poll_interval": 0.05, "deadline": PATIENCE}
        try:
            call(settings, f"A cat --emulate {fault}")
        except MidjourneyError as error:
            came, accepted = error.kind, error.may_have_been_accepted
        started = emulator.ledger().started
    assert came == FAULTS[fault][column]
    assert started <= 1, "it was paid for twice"
    assert accepted or started == 0, "an error that promises that nothing was started"
    assert started == 1 or came != "picture"
