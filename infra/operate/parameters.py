"""Parameters that cannot go together: `python -m infra.operate.parameters --config prod`, before anything is built.

The template's own limits and Rules are evaluated as the emulated CloudFormation does it; AWS does so once more. CHECKS
are what Rules cannot say: they do not compare numbers.
"""

import argparse
import shlex
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ministack.services.cloudformation import engine  # type: ignore[import-untyped]  # ships no annotations
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # likewise

ROOT = Path(__file__).parents[2]
HOURS_A_DAY = 24
GIB = 1_024


@dataclass(frozen=True)
class Check:
    """`holds` of the parameters as numbers, or else the sentence."""

    holds: Callable[[Mapping[str, float]], bool]
    sentence: str


CHECKS = (
    Check(
        lambda given: given["CompressVisibility"] > given["CompressTimeout"],
        "CompressVisibility has to be more than CompressTimeout, or images are delivered again too early",
    ),
    Check(
        lambda given: given["RecordDays"] * HOURS_A_DAY > given["DeadlineHours"],
        "RecordDays has to be longer than DeadlineHours, or a request expires before it ends",
    ),
    Check(
        lambda given: given["OriginConnections"] <= given["CompressBatch"],
        "OriginConnections has to be at most CompressBatch: a worker has no more images at a time",
    ),
    Check(
        lambda given: given["CompressMemory"] >= GIB or given["CompressBatch"] <= 25,  # noqa: PLR2004 - the default
        "CompressBatch above 25 needs CompressMemory of 1024 or more: downloads of a batch are held in memory",
    ),
)


def faults(given: Mapping[str, str]) -> list[str]:
    """What is wrong with parameters of the template, each in a sentence."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    unknown = [f"{name} is no parameter of template.yaml" for name in given if name not in template["Parameters"]]
    if unknown:
        return unknown
    try:
        pairs = [{"Key": name, "Value": text} for name, text in given.items()]
        resolved = engine._resolve_parameters(template, pairs)
        engine._evaluate_rules(template, resolved, {})
    except ValueError as error:
        return [str(error)]
    numbers = {name: float(each["Value"]) for name, each in resolved.items() if str(each["Value"]).isdecimal()}
    return [check.sentence for check in CHECKS if not check.holds(numbers)]


def configured(config: str) -> dict[str, str]:
    """The parameters that samconfig.toml gives a deployment. Raises KeyError for a configuration that is not there."""
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())[config]["deploy"]["parameters"]
    pairs = shlex.split(settings.get("parameter_overrides", ""))
    return dict(pair.split("=", 1) for pair in pairs)


def main() -> int:
    """Print what is wrong with a configuration; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.operate.parameters", description=__doc__)
    parser.add_argument("--config", required=True, help="a configuration of samconfig.toml")
    config = parser.parse_args().config
    try:
        found = faults(configured(config))
    except KeyError:
        found = [f"samconfig.toml has no configuration {config} with deploy parameters"]
    for sentence in found:
        print(f"{config}: {sentence}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
