"""What the tests of the native module share: held exchanges, and programs in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from typing import Any

import pytest

from midjourney_imagine import _native  # pyright: ignore[reportPrivateUsage]: what is tested

TOKEN = "runtime-token-0123456789"
IMAGINE = "/midjourney/imagine"
PATIENCE = 60
"""Seconds: far more than anything here takes on a busy machine. What hangs fails then."""


@dataclass
class Service:
    """An emulator, and clients of it."""

    native: _native.Emulator = field(default_factory=lambda: _native.Emulator("{}"))

    @property
    def url(self) -> str:
        return self.native.url

    def client(self, **settings: Any) -> _native.Client:
        return _native.Client(
            json.dumps({"base_url": self.url, "token": TOKEN, "poll_interval": 0.05} | settings),
        )

    def call(self, verb: str, **arguments: Any) -> Any:
        return json.loads(self.native.call(verb, json.dumps(arguments)))

    def hold(self, times: int = 1, lines: list[Any] | None = None) -> None:
        """Answers the next requests with these frames, and then stays silent on the open connection."""
        reply = {"path": IMAGINE, "lines": lines or [], "then": "hold"}
        self.call("script", replies=[reply] * times)

    def journal(self, *, requests: int = 0, abandoned: int = 0) -> list[Any]:
        """Waits until so many requests have come, and so many of their clients have left."""
        entries: list[Any] = self.call(
            "journal", requests=requests, abandoned=abandoned, path=IMAGINE, wait_seconds=PATIENCE
        )
        entries = [entry for entry in entries if entry["path"] == IMAGINE]
        assert len(entries) >= requests
        assert sum(entry["abandoned"] for entry in entries) >= abandoned
        return entries


def imagine(prompt: str = "A cat") -> str:
    """The arguments of a generation."""
    return json.dumps({"request": {"prompt": prompt}})


def frame(progress: int) -> dict[str, Any]:
    return {
        "success": True,
        "task_id": "11111111-2222-3333-4444-555555555555",
        "image_id": str(1000 + progress),
        "image_url": "http://127.0.0.1:9/picture.webp",
        "progress": progress,
    }


PREAMBLE = """
import asyncio, atexit, json, os, signal, sys, threading, time
from midjourney_imagine import _native
client = _native.Client(json.dumps({"base_url": sys.argv[1], "token": "runtime-token-0123456789"}))
CAT = json.dumps({"request": {"prompt": "A cat"}})
"""


def start(program: str, url: str, first: str = "") -> subprocess.Popen[str]:
    """Starts a program with a `client` of that service at hand; `first` comes before anything is imported."""
    code = first + PREAMBLE + textwrap.dedent(program)
    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", code, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(program: str, url: str, first: str = "") -> str:
    """Runs a program to its end, which must be a good and silent one, and gives what it printed."""
    process = start(program, url, first)
    try:
        output, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        pytest.fail(f"it hangs; so far:\n{output}\n{errors}")
    assert (process.returncode, errors) == (0, ""), f"{process.returncode}\n{output}\n{errors}"
    return output
