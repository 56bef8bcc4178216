"""Whether a picture is a drawing: text, flat surfaces, few colours. Told from what is cheap to see."""

from PIL import Image, ImageChops

_PALETTE_COLOURS = 256
_FLAT_SHARE = 0.6  # of pixels that are as their neighbour: photographs have a tenth, products on white a half
_SAMPLE_EDGE = 512  # pixels, of the middle of the picture


def is_drawing(picture: Image.Image) -> bool:
    """Whether it has few colours, or is mostly flat where it can be seen."""
    if picture.getcolors(_PALETTE_COLOURS) is not None:
        return True
    sample = _middle(picture)
    seen = sample.getchannel("A") if sample.mode == "RGBA" else None
    colours = sample.convert("RGB")
    steps = ImageChops.difference(colours, ImageChops.offset(colours, 1, 0)).convert("L").histogram(seen)
    return steps[0] >= _FLAT_SHARE * sum(steps)


def _middle(picture: Image.Image) -> Image.Image:
    across, down = (min(edge, _SAMPLE_EDGE) for edge in picture.size)
    left, top = (picture.width - across) // 2, (picture.height - down) // 2
    return picture.crop((left, top, left + across, top + down))
