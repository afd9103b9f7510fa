"""The vectors as types, and the comparison of what a call gave with what must come of it."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midjourney_imagine import Emulator, Mask, MidjourneyError

if TYPE_CHECKING:
    from midjourney_imagine import AsyncImage, AsyncTask, Image, Task, Update

TOKEN = "vector-token-0123456789"
FOLDER = Path(__file__).parents[2] / "tests" / "vectors"
FILES = ("models", "requests", "exchanges", "errors", "retries", "cancels", "redaction")

Object = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One case of a file; the format is described in `tests/vectors/README.md`."""

    id: str
    about: str
    call: Object
    replies: list[Object]
    expect: Object
    client: Object = field(default_factory=dict[str, Any])
    traps: list[int] = field(default_factory=list[int])

    def settings(self, emulator: Emulator) -> Object:
        """The client's settings."""
        settings: Object = {"token": TOKEN, "base_url": emulator.url, **self.client}
        settings["base_url"] = settings["base_url"].replace("{{closed_port}}", closed_port())
        return settings

    def act_arguments(self) -> list[Any]:
        """The arguments of an action, the mask among them."""
        return [mask(given) if isinstance(given, dict) else given for given in self.call["arguments"]]

    def image(self) -> Any:
        """The image that is acted on."""
        return self.call["image"]


def cases() -> list[Case]:
    """All cases of all files."""
    return [Case(**case) for name in FILES for case in json.loads((FOLDER / f"{name}.json").read_text())]


def record(runner: str, case_id: str) -> None:
    """Say that a case has run, to whoever compares the runners."""
    if folder := os.environ.get("MJ_EXECUTED_IDS"):
        with (Path(folder) / runner).open("a") as file:
            file.write(f"{case_id}\n")


def mask(given: Any) -> Mask:
    return Mask.url(given.get("url") or f"data:image/png;base64,{given['base64']}")


def closed_port() -> str:
    """An address where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@dataclass
class Outcome:
    """What a call gave, in the terms of the vectors."""

    image: Any = None
    expires_at: str | None = None
    size: list[int] | None = None
    progress: list[int] = field(default_factory=list[int])
    updates: list[Object] = field(default_factory=list[Object])
    task: Object | None = None
    task_ids: list[str | None] | None = None
    task_id: str | None = None
    error: MidjourneyError | None = None

    def give_image(self, image: Image | AsyncImage | None) -> None:
        if image is not None:
            self.image = image.to_dict()
            self.size = list(image.size) if image.size else None
            end = image.expires_at
            self.expires_at = end.isoformat().replace("+00:00", "Z") if end else None

    def give_task(self, task: Task | AsyncTask) -> None:
        # Every field through its property, as a caller reads it.
        self.task = {
            **task.to_dict(),
            **{name: getattr(task, name) for name in ("task_id", "trace_id", "type", "state", "progress")},
            **{name: getattr(task, name) for name in ("created_at", "started_at", "finished_at", "elapsed")},
            "request": dict(task.request),
            "extra": dict(task.extra),
            "image": task.image and task.image.to_dict(),
            "error": task.error and facts(task.error),
        }
        self.task_id = task.task_id

    def hear(self, update: Update[Any]) -> None:
        self.progress.append(update.progress)

    def give_update(self, update: Update[Any]) -> None:
        self.updates.append(
            {
                "task_id": update.task_id,
                "progress": update.progress,
                "image_id": update.image.image_id if update.image else None,
                "done": update.done,
            }
        )
        if update.done:
            self.give_image(update.image)


def facts(error: MidjourneyError) -> Object:
    """An error's attributes, without those that are absent."""
    known = {"kind": error.kind, **vars(error)}
    return {name: value for name, value in known.items() if value is not None}


def judge(case: Case, outcome: Outcome, emulator: Emulator) -> list[str]:
    """Say what is not as it must be."""
    problems: list[str] = []

    def compare(what: str, expected: Any, got: Any) -> None:
        if expected != got:
            problems.append(f"{what}: expected {expected!r}, got {got!r}")

    error = outcome.error
    for what, expected in case.expect.items():
        if what == "requests":
            problems += judge_requests(expected, emulator)
        elif what == "message_has":
            for part in expected:
                compare(what, True, part in str(error))  # noqa: FBT003 - compared, not passed
        elif what in {"task", "error"}:
            got = (outcome.task if what == "task" else error and facts(error)) or {}
            for name, value in expected.items():
                compare(f"{what}.{name}", value, got.get(name))
        else:
            compare(what, expected, getattr(outcome, what))
    if error is not None:
        if "error" not in case.expect:
            problems.append(f"it failed: {error!r}")
        shown = f"{error} {error!r} {vars(error)} {error.args} {error.__cause__!r} {error.__context__!r}"
        secrets = [TOKEN, *([case.client["proxy"]] if "proxy" in case.client else [])]
        problems += [f"a secret is in the error: {shown}" for secret in secrets if secret in shown]
    return problems


def judge_requests(expected: list[Object], emulator: Emulator) -> list[str]:
    """Compare the requests; the connection's end reaches the emulator a moment after the client let go."""
    abandoned = sum(request.get("abandoned", False) for request in expected)
    journal = emulator.journal(requests=len(expected), abandoned=abandoned)
    problems: list[str] = []
    if len(journal) != len(expected):
        problems.append(f"requests: expected {len(expected)}, got {[entry.path for entry in journal]}")
    for number, (request, entry) in enumerate(zip(expected, journal, strict=False)):
        got = {
            "path": entry.path,
            "accept": entry.headers.get("accept"),
            "body": json.loads(entry.body or "null"),
            "abandoned": entry.abandoned,
        }
        problems += [
            f"request {number}: {name}: expected {value!r}, got {got[name]!r}"
            for name, value in request.items()
            if got[name] != value
        ]
    return problems
