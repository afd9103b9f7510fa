"""The functions of the module: the client's, on a default client made from the environment.

In a notebook and in a terminal they show a progress bar.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .client import Client, Image

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Unpack

    from .client import OnProgress, RegionOptions, Task, Updates, WaitOptions
    from .mask import MaskSource
    from .models import ImageData, Mode

    ImageSource = Image | ImageData | str | Mapping[str, object]

_clients: dict[tuple[str | None, ...], Client] = {}
"""The client of each environment: a notebook may set its token after a first try, or change to an emulator."""


def default_client() -> Client:
    """Give the client with the environment's settings, made when it is first needed.

    Raises:
        ConfigError: The environment has no token.
    """
    environment = tuple(os.environ.get(f"ACEDATACLOUD_API_{name}") for name in ("TOKEN", "BASE_URL"))
    client = _clients.get(environment)
    if client is None:
        # Two threads may both make one; both work, and one is kept.
        client = _clients.setdefault(environment, Client(progress=None))
    return client


def _image(source: ImageSource) -> Image:
    return source if isinstance(source, Image) else default_client().image(source)


def imagine(
    prompt: str,
    *,
    mode: Mode | None = None,
    timeout: float | None = None,
    translation: bool | None = None,
    split_images: bool | None = None,
    mask: MaskSource | None = None,
    callback_url: str | None = None,
    version: str | None = None,
    hd: bool | None = None,
    quality: str | None = None,
    style_reference: bool | None = None,
    moodboard: bool | None = None,
    extra: Mapping[str, object] | None = None,
    deadline: float | None = None,
    on_progress: OnProgress | None = None,
    progress: bool | None = None,
) -> Image:
    """Draw a 2×2 grid from a prompt and wait for it, about a minute. Options as `Client.imagine`.

    Example:
        grid = imagine("A cat sitting on a table")
        grid.upscale(2).save("cat.png")

    Raises:
        ConfigError: The environment has no token.
        MidjourneyError: As `Client.imagine`.
    """
    return default_client().imagine(
        prompt,
        mode=mode,
        timeout=timeout,
        translation=translation,
        split_images=split_images,
        mask=mask,
        callback_url=callback_url,
        version=version,
        hd=hd,
        quality=quality,
        style_reference=style_reference,
        moodboard=moodboard,
        extra=extra,
        deadline=deadline,
        on_progress=on_progress,
        progress=progress,
    )


def stream(
    prompt: str,
    *,
    mode: Mode | None = None,
    timeout: float | None = None,
    translation: bool | None = None,
    split_images: bool | None = None,
    mask: MaskSource | None = None,
    callback_url: str | None = None,
    version: str | None = None,
    hd: bool | None = None,
    quality: str | None = None,
    style_reference: bool | None = None,
    moodboard: bool | None = None,
    extra: Mapping[str, object] | None = None,
    deadline: float | None = None,
) -> Updates:
    """Draw a 2×2 grid and watch every frame as it is drawn; see `Client.stream`."""
    return default_client().stream(
        prompt,
        mode=mode,
        timeout=timeout,
        translation=translation,
        split_images=split_images,
        mask=mask,
        callback_url=callback_url,
        version=version,
        hd=hd,
        quality=quality,
        style_reference=style_reference,
        moodboard=moodboard,
        extra=extra,
        deadline=deadline,
    )


def submit(
    prompt: str,
    *,
    mode: Mode | None = None,
    timeout: float | None = None,
    translation: bool | None = None,
    split_images: bool | None = None,
    mask: MaskSource | None = None,
    callback_url: str | None = None,
    version: str | None = None,
    hd: bool | None = None,
    quality: str | None = None,
    style_reference: bool | None = None,
    moodboard: bool | None = None,
    extra: Mapping[str, object] | None = None,
    deadline: float | None = None,
) -> Task:
    """Submit a 2×2 grid and return as soon as the service has named its task; see `Client.submit`."""
    return default_client().submit(
        prompt,
        mode=mode,
        timeout=timeout,
        translation=translation,
        split_images=split_images,
        mask=mask,
        callback_url=callback_url,
        version=version,
        hd=hd,
        quality=quality,
        style_reference=style_reference,
        moodboard=moodboard,
        extra=extra,
        deadline=deadline,
    )


def task(task_id: str | None = None, *, trace_id: str | None = None) -> Task:
    """Look a task up by its id, or by a trace id; see `Client.task`."""
    return default_client().task(task_id, trace_id=trace_id)


def tasks(task_ids: Iterable[str]) -> list[Task | None]:
    """Look tasks up, in the order asked; see `Client.tasks`."""
    return default_client().tasks(task_ids)


def image(image: str | Mapping[str, object] | ImageData) -> Image:
    """Give a picture made earlier, from its id or its JSON; see `Client.image`."""
    return default_client().image(image)


def act(image: ImageSource, action: str, **options: Unpack[WaitOptions]) -> Image:
    """Do any action by its name on the wire, such as `variation1`; new names pass through."""
    return _image(image).act(action, **options)


def upscale(image: ImageSource, index: int, **options: Unpack[WaitOptions]) -> Image:
    """Make one quadrant of a grid a picture of its own: 1 top left, 2 top right, 3 bottom left, 4 bottom right."""
    return _image(image).upscale(index, **options)


def variation(image: ImageSource, index: int, **options: Unpack[WaitOptions]) -> Image:
    """Make a new grid of variations of one quadrant (1 to 4) of a grid."""
    return _image(image).variation(index, **options)


def reroll(image: ImageSource, **options: Unpack[WaitOptions]) -> Image:
    """Make a new grid from the same prompt."""
    return _image(image).reroll(**options)


def upscale_2x(image: ImageSource, **options: Unpack[WaitOptions]) -> Image:
    """Make an upscaled picture twice its size."""
    return _image(image).upscale_2x(**options)


def upscale_4x(image: ImageSource, **options: Unpack[WaitOptions]) -> Image:
    """Make an upscaled picture four times its size."""
    return _image(image).upscale_4x(**options)


def upscale_subtle(image: ImageSource, **options: Unpack[WaitOptions]) -> Image:
    """Make an upscaled picture larger and true to the original."""
    return _image(image).upscale_subtle(**options)


def upscale_creative(image: ImageSource, **options: Unpack[WaitOptions]) -> Image:
    """Make an upscaled picture larger and with new detail."""
    return _image(image).upscale_creative(**options)


def variation_subtle(image: ImageSource, **options: Unpack[WaitOptions]) -> Image:
    """Make a grid of small variations of an upscaled picture."""
    return _image(image).variation_subtle(**options)


def variation_strong(image: ImageSource, **options: Unpack[WaitOptions]) -> Image:
    """Make a grid of large variations of an upscaled picture."""
    return _image(image).variation_strong(**options)


def variation_region(image: ImageSource, mask: MaskSource, prompt: str, **options: Unpack[RegionOptions]) -> Image:
    """Draw the white area of `mask` anew from `prompt`."""
    return _image(image).variation_region(mask, prompt, **options)


def zoom_out(image: ImageSource, factor: float, **options: Unpack[WaitOptions]) -> Image:
    """Show an upscaled picture from further away, by the factor 2 or 1.5, with new surroundings."""
    return _image(image).zoom_out(factor, **options)


def pan(image: ImageSource, direction: str, **options: Unpack[WaitOptions]) -> Image:
    """Continue an upscaled picture to the `left`, `right`, `up` or `down`."""
    return _image(image).pan(direction, **options)
