"""The client for the Ace Data Cloud Midjourney Imagine API. It never pays twice, and it never loses a picture.

    from midjourney_imagine import imagine

    grid = imagine("A cat sitting on a table")  # the token: ACEDATACLOUD_API_TOKEN
    grid.upscale(2).save("cat.png")

A `Client` (or `AsyncClient`) sends; a `Task` is one generation, running or finished; an `Image` is a picture that the
API made, the 2×2 grid one of them; an `Update` is one observed step of a running generation. `Emulator` is the API on
this machine, for tests and examples.

Everything here is loaded when it is first used.
"""

# Type checkers know the name; `typing` itself takes longer to load than the rest of this file.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from ._default import (
        act,
        image,
        imagine,
        pan,
        reroll,
        stream,
        submit,
        task,
        tasks,
        upscale,
        upscale_2x,
        upscale_4x,
        upscale_creative,
        upscale_subtle,
        variation,
        variation_region,
        variation_strong,
        variation_subtle,
        zoom_out,
    )
    from ._native import __version__
    from ._update import Update
    from .aio import AsyncClient, AsyncImage, AsyncTask, AsyncUpdates
    from .client import Client, Image, Task, Updates
    from .emulator import Emulator
    from .errors import (
        ActionNotAvailableError,
        AuthenticationError,
        BadRequestError,
        CallbackError,
        ConfigError,
        DeadlineError,
        DecodeError,
        DisabledError,
        GenerationTimeoutError,
        InsufficientBalanceError,
        InvalidRequestError,
        MidjourneyError,
        ModerationError,
        NotFoundError,
        NotSentError,
        OutcomeUnknownError,
        PictureError,
        RateLimitError,
        ServerError,
        TaskFailedError,
    )
    from .mask import Mask

__all__ = [
    "ActionNotAvailableError",
    "AsyncClient",
    "AsyncImage",
    "AsyncTask",
    "AsyncUpdates",
    "AuthenticationError",
    "BadRequestError",
    "CallbackError",
    "Client",
    "ConfigError",
    "DeadlineError",
    "DecodeError",
    "DisabledError",
    "Emulator",
    "GenerationTimeoutError",
    "Image",
    "InsufficientBalanceError",
    "InvalidRequestError",
    "Mask",
    "MidjourneyError",
    "ModerationError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "PictureError",
    "RateLimitError",
    "ServerError",
    "Task",
    "TaskFailedError",
    "Update",
    "Updates",
    "__version__",
    "act",
    "image",
    "imagine",
    "pan",
    "reroll",
    "stream",
    "submit",
    "task",
    "tasks",
    "upscale",
    "upscale_2x",
    "upscale_4x",
    "upscale_creative",
    "upscale_subtle",
    "variation",
    "variation_region",
    "variation_strong",
    "variation_subtle",
    "zoom_out",
]

_HOMES = {
    "AsyncClient": "aio",
    "AsyncImage": "aio",
    "AsyncTask": "aio",
    "AsyncUpdates": "aio",
    "Client": "client",
    "Emulator": "emulator",
    "Image": "client",
    "Mask": "mask",
    "Task": "client",
    "Update": "_update",
    "Updates": "client",
    "__version__": "_native",
}
"""Where a name lives, if it is neither an error nor a function."""


def __getattr__(name: str) -> object:
    """Load a name when it is first used."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    home = _HOMES.get(name, "errors" if name.endswith("Error") else "_default")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
