"""The sample that the page offers: small pictures of the demo's products, kept as files so that the api can serve them.

`python -m infra.local.sample` writes them again.
"""

import csv
from io import StringIO
from pathlib import Path

from functions.compress.codec import compress
from functions.core.options import ImageOptions
from infra.local.pictures import draw

FOLDER = Path(__file__).parents[2] / "functions" / "api" / "static" / "sample"
GRAIN = 4  # little of it: all of them together are to stay under 300 kB
EDGE = 560  # pixels
HERE = "{{here}}"  # where the pictures are; the page knows

CATALOGUE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Steel water bottle", ("water-bottle-1.jpg",)),
    ("Stoneware mug", ("stoneware-mug-1.jpg",)),
    ("Running shoe", ("running-shoe-1.jpg", "running-shoe-2.webp")),
    ("Gift box with ribbon", ("gift-box-1.jpg",)),
    ("Desk lamp", ("desk-lamp-1.jpg",)),
    ("Headphones", ("headphones-1.png",)),
    ("House plant", ("house-plant-1.jpg",)),
)
SHOWN = "running-shoe-2.webp"  # on the first view, half as it is and half as the product makes it
SHOWN_AFTER = "running-shoe-2.after.webp"
_EDGES = {"headphones-1.png": 260}  # a cut-out, which is saved without loss


def picture(name: str) -> bytes:
    """The file of a picture of CATALOGUE."""
    return draw(name, _EDGES.get(name, EDGE), GRAIN)


def shown_after() -> bytes:
    """SHOWN as a request without options makes it."""
    return compress(picture(SHOWN), ImageOptions()).content


def products_csv() -> str:
    """The CSV, in which HERE stands for the pictures' folder."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["S. No.", "Product Name", "Input Image Urls"])
    for number, (name, pictures) in enumerate(CATALOGUE, 1):
        writer.writerow([number, name, ", ".join(f"{HERE}/{picture}" for picture in pictures)])
    return text.getvalue()


def main() -> None:
    """Write all of it."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "products.csv").write_text(products_csv())
    for _product, pictures in CATALOGUE:
        for name in pictures:
            (FOLDER / name).write_bytes(picture(name))
    (FOLDER / SHOWN_AFTER).write_bytes(shown_after())


if __name__ == "__main__":
    main()
