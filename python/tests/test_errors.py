"""The error classes: the table in docs/money.md, what they carry, and that they travel."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from vectors import FOLDER

from midjourney_imagine import MidjourneyError, RateLimitError, errors

KINDS: list[dict[str, Any]] = json.loads((FOLDER / "kinds.json").read_text())


def test_the_classes_are_the_table() -> None:
    assert {error.__name__ for error in MidjourneyError.__subclasses__()} == {row["class"] for row in KINDS}


@pytest.mark.parametrize("row", KINDS, ids=lambda row: row["class"])
def test_a_class(row: dict[str, Any]) -> None:
    error = MidjourneyError.from_payload(
        {"kind": row["kind"], "message": "text", "may_have_been_accepted": not row["may_have_been_accepted"]}
    )
    kind = getattr(errors, row["class"])
    assert type(error) is kind
    assert error.may_have_been_accepted is not row["may_have_been_accepted"], "the error knows better than its kind"
    assert kind("text").may_have_been_accepted is row["may_have_been_accepted"]
    assert kind.kind == row["kind"]
    assert kind.__doc__


def by_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def full() -> MidjourneyError:
    return MidjourneyError.from_payload(
        {
            "kind": "rate_limit",
            "message": "slow down",
            "status": 429,
            "code": "too_many_requests",
            "trace_id": "trace-1",
            "task_id": "task-1",
            "retry_after": 2.5,
            "may_have_been_accepted": False,
        }
    )


def test_an_error_says_what_is_known() -> None:
    error = full()
    assert (error.status, error.code, error.trace_id, error.task_id, error.retry_after) == (
        429,
        "too_many_requests",
        "trace-1",
        "task-1",
        2.5,
    )
    assert str(error) == "slow down (status 429, code too_many_requests, task task-1, trace trace-1)"
    assert error.message == "slow down"
    assert str(RateLimitError("slow down")) == "slow down"


@pytest.mark.parametrize("travel", [by_pickle, copy.copy, copy.deepcopy])
def test_an_error_travels_whole(travel: Any) -> None:
    error = full()
    there = travel(error)
    assert type(there) is RateLimitError
    assert vars(there) == vars(error)
    assert str(there) == str(error)


def test_a_kind_that_is_unknown_is_the_base() -> None:
    error = MidjourneyError.from_payload({"kind": "new", "message": "text", "may_have_been_accepted": True})
    assert type(error) is MidjourneyError
    assert error.may_have_been_accepted
