"""The arguments of calls as the native client takes them, and the check of the options that callers write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._options import ActionOptions, SubmitOptions
from .mask import Mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._record import JSON, JSONObject
    from .models import ImageData


def generation(prompt: str, options: SubmitOptions) -> dict[str, JSON]:
    """Say what to draw."""
    return _asked({}, {"prompt": prompt}, options, SubmitOptions.__optional_keys__)


def action(image: ImageData, method: str, given: Iterable[float | str], options: ActionOptions) -> dict[str, JSON]:
    """Say what to do with an image; the native client checks whether the image offers it."""
    asked: dict[str, JSON] = {
        "image": image.to_dict(),
        "method": method,
        "method_arguments": list(given),
    }
    return _asked(asked, {}, options, ActionOptions.__optional_keys__)


def file(
    image: ImageData,
    *,
    preview: bool,
    sub_image: int | None,
    deadline: float | None,
) -> dict[str, JSON]:
    """Say which of an image's files to fetch."""
    return {"image": image.to_dict(), "preview": preview, "sub_image": sub_image, "deadline": deadline}


def _asked(
    asked: dict[str, JSON],
    request: dict[str, Any],
    options: Mapping[str, object],
    known: frozenset[str],
) -> dict[str, JSON]:
    # They came as `**options`; sent on, a slip would be a new field of the API.
    for name in options.keys() - known:
        message = f"unexpected keyword argument '{name}'; what the API has learned goes into extra"
        raise TypeError(message)
    request |= {name: value for name, value in options.items() if value is not None}
    if "mask" in request:
        request["mask"] = Mask(request["mask"]).wire
    # The call's own words lie beside the request.
    for name in ("extra", "deadline"):
        if name in request:
            asked[name] = request.pop(name)
    asked["request"] = request
    return asked


def asked_task(task_id: str | None, trace_id: str | None) -> JSONObject:
    """Name a task by one of its two names.

    Raises:
        TypeError: Both are given, or none.
    """
    if (task_id is None) == (trace_id is None):
        message = "name the task by its id or by its trace id"
        raise TypeError(message)
    return {"id": task_id} if trace_id is None else {"trace_id": trace_id}
