"""What type checkers must see; nothing here runs. Mistakes that they must find are marked; a needless mark fails."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import assert_type

import midjourney_imagine
from midjourney_imagine import AsyncClient, AsyncImage, AsyncTask, Client, Emulator, Image, Mask, Task, Update

if TYPE_CHECKING:
    from collections.abc import Mapping

    import PIL.Image


def hear(update: Update) -> None:
    assert_type(update.image, Image | None)
    assert_type(update.task_id, str | None)
    assert_type(update.done, bool)


def hear_async(update: Update[AsyncImage]) -> None:
    assert_type(update.image, AsyncImage | None)


def blocking(client: Client, picture: PIL.Image.Image) -> None:
    grid = client.imagine("A cat", mode="turbo", deadline=3, on_progress=hear)
    assert_type(grid, Image)
    assert_type(grid.actions, tuple[str, ...] | None)
    assert_type(grid.upscale(2, mode="anything new"), Image)
    assert_type(grid.variation_region(picture, "a hat", on_progress=hear), Image)
    grid.variation_region(Path("mask.png"), "a hat")
    grid.variation_region(Mask(b""), prompt="a hat", hd=True)
    with Path("mask.png").open("rb") as file:
        grid.act("variation_region", mask=file, prompt="a hat")
    assert_type(grid.bytes(), bytes)
    assert_type(grid.save("cat.png"), Path)
    for update in client.stream("A cat"):
        assert_type(update, Update[Image])
    task = client.submit("A cat", extra={"new": [1, None, {"deep": True}]})
    assert_type(task, Task)
    assert_type(task.wait(), Image)
    assert_type(client.tasks(["1"]), list[Task | None])
    assert_type(midjourney_imagine.imagine("A cat", progress=True), Image)
    assert_type(midjourney_imagine.upscale("1211290228438868029", 1), Image)
    if task.state == "succeeded" and task.error is None:
        assert_type(task.image, Image | None)


async def awaited(client: AsyncClient) -> None:
    grid = await client.imagine("A cat", on_progress=hear_async)
    assert_type(grid, AsyncImage)
    assert_type(await grid.upscale(1), AsyncImage)
    assert_type(await (await client.submit("A cat")).refresh(), AsyncTask)
    async with client.stream("A cat") as updates:
        async for update in updates:
            assert_type(update, Update[AsyncImage])


def mistakes(client: Client, image: Image, data: Mapping[str, str]) -> None:
    client.imagine("A cat", "turbo")  # type: ignore[call-arg, arg-type]
    client.imagine("A cat", hd="yes")  # type: ignore[arg-type]
    image.upscale(1, no_such_option=True)  # type: ignore[call-arg]
    image.image_id = "1"  # type: ignore[misc]
    client.imagine("A cat", on_progress=hear_async)  # type: ignore[arg-type]
    Emulator(speed="slow")  # type: ignore[arg-type]
    client.image(data)
