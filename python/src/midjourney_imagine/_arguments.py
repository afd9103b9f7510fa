"""The arguments of calls, as the native client takes them, and the options that callers write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from .mask import Mask
from .models import ImageData, ImagineOptions, UpdateData

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Unpack

    from ._commands import Action, Generation, ImageFile, ImagineRequest, TaskName
    from .mask import MaskSource

Shown = TypeVar("Shown", bound=UpdateData)


class CallOptions(ImagineOptions, total=False):
    """The options of a generation that is not waited for."""

    extra: Mapping[str, object] | None
    """Fields that the API has learned since this version, by their wire names."""

    deadline: float | None
    """How long the whole call may take, in seconds. Default: the client's, else `timeout` and a minute."""


class ActionOptions(CallOptions, total=False):
    """The options of an action that is not waited for."""

    prompt: str | None
    """What to draw, for an action that takes a prompt."""

    mask: MaskSource | None
    """The area to draw anew, for an action that takes one: path, URL, bytes, file or Pillow image."""


def generation(prompt: str, mask: MaskSource | None, **options: Unpack[CallOptions]) -> Generation:
    """Say what to draw."""
    return _with_options({}, {"prompt": prompt, "mask": mask, **options})


def action(
    image: ImageData,
    method: str,
    *arguments: float | str,
    **options: Unpack[ActionOptions],
) -> Generation:
    """Say what to do with an image; the native client checks whether the image offers it."""
    act = cast("Action", {method: arguments[0]} if arguments else method)
    # They came as `**options`; sent on, a slip would be a new field of the API.
    for name in options.keys() - ActionOptions.__optional_keys__:
        message = f"{method}() got an unexpected keyword argument '{name}'; what the API has learned goes into extra"
        raise TypeError(message)
    return _with_options({"image": image.to_dict(), "action": act}, options)


def file(
    image: ImageData,
    *,
    preview: bool,
    sub_image: int | None,
    deadline: float | None,
) -> ImageFile:
    """Say which of an image's files to fetch."""
    return {"image": image.to_dict(), "preview": preview, "sub_image": sub_image, "deadline": deadline}


def _with_options(asked: Generation, options: Mapping[str, object]) -> Generation:
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    # The call's own words lie beside the request.
    if "mask" in given:
        asked["mask"] = Mask(given.pop("mask")).source
    if "extra" in given:
        asked["extra"] = given.pop("extra")
    if "deadline" in given:
        asked["deadline"] = given.pop("deadline")
    asked["request"] = cast("ImagineRequest", given)
    return asked


def listener(
    read: Callable[[str], Shown],
    hearers: list[Callable[[Shown], object]],
) -> Callable[[str], None] | None:
    """Pass each update on as an `Update`; nothing is told where nobody listens."""
    if not hearers:
        return None

    def tell(text: str) -> None:
        update = read(text)
        for hear in hearers:
            hear(update)

    return tell


def asked_task(task_id: str | None, trace_id: str | None) -> TaskName:
    """Name a task by one of its two names.

    Raises:
        TypeError: Both are given, or none.
    """
    if (task_id is None) == (trace_id is None):
        message = "name the task by its id or by its trace id"
        raise TypeError(message)
    return {"id": cast("str", task_id)} if trace_id is None else {"trace_id": trace_id}
