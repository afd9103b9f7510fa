"""Pictures and progress in a notebook, as HTML. Nothing here goes to the network, or makes a program load IPython."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from .progress import Bar

if TYPE_CHECKING:
    from .picture import Picture

LARGEST = 512
"""The longest side that a picture is shown at, in pixels."""

PREVIEW = 256
"""The same below a cell that is running: the picture itself is one line away."""

STYLE = "font:13px/1.5 system-ui,sans-serif;max-width:512px"


def is_notebook() -> bool:
    """Say whether this process is the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def figure(image: Picture, content: bytes | None) -> str:
    """Show a picture, its id and what can be done with it.

    Its URL stays out: a browser would go to the network for it, and a saved notebook would hold a signed URL.
    """
    from html import escape

    facts = [image.image_id or "no id"]
    if image.size:
        facts.append("{} × {}".format(*image.size))
    if image.progress is not None and image.progress < 100:
        facts.append(f"{image.progress} %")
    picture = ""
    if content:
        picture = (
            f'<img src="{data_url(content, LARGEST)}" alt="image {escape(image.image_id)}" '
            f'style="max-width:100%;max-height:{LARGEST}px;border-radius:4px;display:block">'
        )
    elif image.image_url or image.raw_image_url:
        facts.append("not fetched: bytes() fetches it to be shown")
    actions = " ".join(f"<code>{escape(action)}</code>" for action in image.actions or ())
    caption = f"<figcaption>{escape(' · '.join(facts))}<br><small>{actions}</small></figcaption>"
    return f'<figure style="margin:0;{STYLE}">{picture}{caption}</figure>'


def data_url(content: bytes, largest: int) -> str:
    """Embed a picture, smaller where Pillow is installed: a notebook is one file."""
    from binascii import b2a_base64

    content = _shrunk(content, 2 * largest)
    kinds = {b"\x89PNG": "png", b"\xff\xd8\xff\xe0": "jpeg", b"RIFF": "webp", b"GIF8": "gif"}
    kind = kinds.get(content[:4], "jpeg")
    return f"data:image/{kind};base64,{b2a_base64(content, newline=False).decode('ascii')}"


def _shrunk(content: bytes, side: int) -> bytes:
    # Twice the size on the page, for screens with twice the pixels.
    from io import BytesIO

    try:
        from PIL import Image
    except ImportError:
        return content
    picture: Image.Image
    with Image.open(BytesIO(content)) as picture:
        if max(picture.size) <= side and len(content) < 200_000:
            return content
        small = picture.convert("RGB")
    small.thumbnail((side, side))
    file = BytesIO()
    small.save(file, "JPEG", quality=88)
    return file.getvalue()


class NotebookBar(Bar):
    """A bar below the cell, with the preview growing clearer; at the end the picture stays."""

    wants_pictures: ClassVar[bool] = True

    def __init__(self) -> None:
        """Make room below the cell, at the first drawing."""
        super().__init__()
        self._display: Any = None
        self._source: tuple[bytes, str] | None = None

    def draw(self, progress: int) -> None:
        """Draw bar and preview."""
        bar = (
            f'<progress max="100" value="{progress}" style="width:100%;height:6px"></progress>'
            f"{progress} % · {self.seconds} s"
        )
        self._put(bar, f"{progress} %")

    def end(self, failure: str | None) -> None:
        """Leave the picture, or what went wrong."""
        text = failure or f"done in {self.seconds} s"
        self._put(text, text)

    def _put(self, html: str, text: str) -> None:
        from importlib import import_module

        shown = {"text/html": f'<div style="{STYLE}">{self._preview()}{html}</div>', "text/plain": text}
        if self._display is None:
            self._display = import_module("IPython.display").display(shown, raw=True, display_id=True)
        else:
            self._display.update(shown, raw=True)

    def _preview(self) -> str:
        if self.picture is None:
            return ""
        if self._source is None or self._source[0] is not self.picture:
            self._source = (self.picture, data_url(self.picture, PREVIEW))
        style = f"max-width:100%;max-height:{PREVIEW}px;border-radius:4px;display:block"
        return f'<img src="{self._source[1]}" alt="preview" style="{style}">'
