"""What the older services do: one image after another. `python -m infra.bench.sequential URLS FOLDER`."""

import sys
from io import BytesIO
from pathlib import Path

import requests
from PIL import Image

QUALITY = 50
TIMEOUT = 30  # seconds


def main() -> None:
    """Fetch, compress, write, the next."""
    urls, folder = Path(sys.argv[1]).read_text().split(), Path(sys.argv[2])
    for number, url in enumerate(urls):
        content = requests.get(url, timeout=TIMEOUT).content
        with Image.open(BytesIO(content)) as image:
            image.convert("RGB").save(folder / f"{number}.jpg", "JPEG", quality=QUALITY)


if __name__ == "__main__":
    main()
