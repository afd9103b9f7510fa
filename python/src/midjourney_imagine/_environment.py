"""The client of the module's own functions, made from the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .client import Client, Image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from .models import ImageData

    ImageSource: TypeAlias = Image | ImageData | str | Mapping[str, object]

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
        # Two threads may both make one; both work, and the first is used from then on.
        client = _clients.setdefault(environment, Client(progress=None))
    return client


def image_of(source: ImageSource) -> Image:
    """Give an image of whatever says which one."""
    return source if isinstance(source, Image) else default_client().image(source)
