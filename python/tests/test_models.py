"""Images, tasks and updates as data: immutable, comparable, readable, and they travel."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from typing import Any

import pytest

from midjourney_imagine import AsyncImage, Client, Emulator, Image, MidjourneyError, Task, Update
from midjourney_imagine.models import ImageData, TaskData, UpdateData

IMAGE: dict[str, object] = {
    "image_id": "1211290228438868029",
    "task_id": "27a1128f-14b5-440e-a82d-510c81e6fcd4",
    "progress": 100,
    "actions": ["upscale1", "reroll"],
    "image_url": "https://h.example/p.png?ex=65eda8ef&hm=signature",
    "raw_image_width": 2048,
    "raw_image_height": 1024,
    "new": {"deep": [1, {"deeper": True}]},
}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("ACEDATACLOUD_API_TOKEN", "token-of-the-environment")
    return Client(base_url="http://127.0.0.1:1", token="token-of-the-argument")


def by_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.fixture
def image(client: Client) -> Image:
    return client.image(IMAGE)


def test_data_keep_their_wire_names(image: Image) -> None:
    assert image.image_id == "1211290228438868029"
    assert image.actions == ("upscale1", "reroll")
    assert image.raw_image_width == 2048
    assert image.image_width is None
    assert dict(image.extra) == {"new": {"deep": [1, {"deeper": True}]}}
    assert image.to_dict() == IMAGE
    assert json.loads(image.to_json()) == IMAGE


@pytest.mark.parametrize("name", ["image_id", "actions", "extra", "expires_at", "new_name"])
def test_nothing_can_be_set(image: Image, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(image, name, "changed")


def test_what_is_given_out_is_the_callers_own(image: Image) -> None:
    given: Any = image.to_dict()
    given["new"]["deep"][1]["deeper"] = False
    given["actions"].clear()
    assert image.to_dict() == IMAGE
    for own in (image.extra, image.to_dict()):
        own["new"] = 1
    assert image.extra == {"new": IMAGE["new"]}, "what is given is the caller's own"
    json.dumps(image.extra)


def test_images_are_slotted(image: Image) -> None:
    assert not hasattr(image, "__dict__")


def test_equal_data_are_equal(client: Client, image: Image) -> None:
    again = client.image(json.dumps(IMAGE))
    assert again == image
    assert hash(again) == hash(image)
    assert again != client.image({**IMAGE, "progress": 99})
    assert image != IMAGE
    assert len({image, again}) == 1


@pytest.mark.parametrize("travel", [by_pickle, copy.copy, copy.deepcopy])
def test_an_image_travels_with_its_client_and_without_the_token(image: Image, travel: Any) -> None:
    assert b"token-of-the-argument" not in pickle.dumps(image)
    there = travel(image)
    assert type(there) is Image
    assert there == image


def test_a_repr_shows_ids_and_actions_and_no_signed_url(image: Image) -> None:
    assert repr(image) == "Image(image_id='1211290228438868029', size=2048x1024, actions=[upscale1, reroll])"


def test_the_urls_own_end_is_known(image: Image) -> None:
    assert image.expires_at is not None
    assert image.expires_at.isoformat() == "2024-03-10T12:34:55+00:00"


def test_an_id_alone(client: Client) -> None:
    image = client.image("1211290228438868029")
    assert image.to_dict() == {"image_id": "1211290228438868029"}
    assert (image.actions, image.progress, image.expires_at, image.size) == (None, None, None, None)
    with pytest.raises(MidjourneyError, match="only the image's id is known"):
        image.bytes()


def test_tasks_and_updates_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACEDATACLOUD_API_TOKEN", "t")
    with Emulator() as emulator, Client(base_url=emulator.url, token="t") as client:
        task = client.submit("A cat")
        seen: list[Update] = []
        task.wait(on_progress=seen.append)
        task = task.refresh()
    assert isinstance(task.image, Image)
    assert (task.state, task.progress, task.error) == ("succeeded", 100, None)
    assert task.request["prompt"] == "A cat"
    for same in (json.loads(json.dumps(task.request)), copy.deepcopy(task.request), by_pickle(task.request)):
        assert same == task.request
    assert type(task.request) is dict
    task.request.clear()
    assert task.request["prompt"] == "A cat", "what is given is the caller's own"
    assert pickle.loads(pickle.dumps(task)) == task
    there = pickle.loads(pickle.dumps(seen[-1]))
    assert there == seen[-1]
    assert there.image == seen[-1].image
    assert repr(there).startswith("Update(task_id=")
    assert "A cat" not in repr(task)


def test_a_failed_task_has_its_error() -> None:
    with Emulator() as emulator, Client(base_url=emulator.url, token="t") as client:
        task = client.submit("A cat --emulate fail_task:forbidden")
        with pytest.raises(MidjourneyError):
            task.wait()
        task = task.refresh()
    assert task.state == "failed"
    assert task.error is not None
    assert (task.error.kind, task.error.task_id) == ("moderation", task.task_id)
    assert pickle.loads(pickle.dumps(task.error)).kind == "moderation"


@pytest.mark.parametrize("kind", [ImageData, TaskData, UpdateData])
def test_every_field_is_documented(kind: type[Any]) -> None:
    fields = {name: value for name, value in vars(kind).items() if isinstance(value, property)}
    assert len(fields) >= 4
    for name, value in fields.items():
        assert (inspect.getdoc(value) or "").endswith("."), name


def test_both_kinds_of_images_are_images() -> None:
    assert issubclass(Image, ImageData)
    assert issubclass(AsyncImage, ImageData)
    assert issubclass(Task, TaskData)
