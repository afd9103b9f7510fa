"""The arguments of calls as the native client takes them, and the check of the options that callers write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ._options import ActionOptions, SubmitOptions
from .mask import Mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._commands import Action, Generation, ImageFile, ImagineRequest, TaskName
    from .models import ImageData


def generation(prompt: str, options: SubmitOptions) -> Generation:
    """Say what to draw."""
    return _asked({}, {"prompt": prompt}, options, SubmitOptions.__optional_keys__)


def action(image: ImageData, method: str, given: Iterable[float | str], options: ActionOptions) -> Generation:
    """Say what to do with an image; the native client checks whether the image offers it."""
    # A method takes one argument or none.
    act = cast("Action", next(({method: argument} for argument in given), method))
    return _asked({"image": image.to_dict(), "action": act}, {}, options, ActionOptions.__optional_keys__)


def file(
    image: ImageData,
    *,
    preview: bool,
    sub_image: int | None,
    deadline: float | None,
) -> ImageFile:
    """Say which of an image's files to fetch."""
    return {"image": image.to_dict(), "preview": preview, "sub_image": sub_image, "deadline": deadline}


def _asked(
    asked: Generation,
    request: dict[str, Any],
    options: Mapping[str, object],
    known: frozenset[str],
) -> Generation:
    # They came as `**options`; sent on, a slip would be a new field of the API.
    for name in options.keys() - known:
        message = f"unexpected keyword argument '{name}'; what the API has learned goes into extra"
        raise TypeError(message)
    request |= {name: value for name, value in options.items() if value is not None}
    # The call's own words lie beside the request.
    if "mask" in request:
        asked["mask"] = Mask(request.pop("mask")).source
    if "extra" in request:
        asked["extra"] = request.pop("extra")
    if "deadline" in request:
        asked["deadline"] = request.pop("deadline")
    asked["request"] = cast("ImagineRequest", request)
    return asked


def asked_task(task_id: str | None, trace_id: str | None) -> TaskName:
    """Name a task by one of its two names.

    Raises:
        TypeError: Both are given, or none.
    """
    if (task_id is None) == (trace_id is None):
        message = "name the task by its id or by its trace id"
        raise TypeError(message)
    return {"id": cast("str", task_id)} if trace_id is None else {"trace_id": trace_id}
