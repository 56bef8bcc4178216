"""What is pure: no I/O, no environment, no AWS. And the version of all of it."""

__version__ = "1.0.0"  # stands here and in CHANGELOG.md; `make release` compares them
