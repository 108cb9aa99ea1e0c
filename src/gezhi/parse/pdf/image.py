"""Image files: text by OCR where it is asked for."""

from __future__ import annotations

import io

from gezhi.parse.builder import Builder
from gezhi.parse.material import Material
from gezhi.parse.outcomes import Refused
from gezhi.parse.pdf.compose import compose
from gezhi.parse.pdf.layout import arrange
from gezhi.parse.pdf.ocr import Reader
from gezhi.parse.pdf.parts import Page

_MOST_PIXELS = 100_000_000
_MOST_FRAMES = 200
_LONGEST_SIDE = 4000


def parse(material: Material, builder: Builder) -> None:
    if not material.options.ocr:
        raise Refused("image")
    reader = Reader.load()
    import numpy
    from PIL import Image, ImageSequence, UnidentifiedImageError

    pages: list[Page] = []
    try:
        with Image.open(io.BytesIO(material.data)) as image:
            if image.width * image.height > _MOST_PIXELS:
                detail = f"{image.width} x {image.height} pixels"
                raise Refused("decompressed_too_large", detail=detail, limit=3 * _MOST_PIXELS)
            for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                if number > _MOST_FRAMES:
                    break
                picture = frame.convert("RGB")
                picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
                # Pictures have no size in points; at 72 dots an inch a pixel is a point.
                scan = reader.read(numpy.asarray(picture)[:, :, ::-1], scale=1.0)
                page = Page(number=number, width=picture.width, height=picture.height, drawn=True, has_images=True)
                page.lay(scan.turn)
                page.parts = arrange(list(scan.lines), [], page.width)
                pages.append(page)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("damaged", detail=f"the image cannot be opened ({error})") from error
    builder.page_count = len(pages)
    compose(pages, {}, builder)
