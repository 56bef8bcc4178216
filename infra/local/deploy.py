"""Deploys template.yaml to an emulated AWS: one zip of the functions, one stack."""

import hashlib
import io
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.engine import CREDENTIALS, REGION

ROOT = Path(__file__).parents[2]
STACK = "imagepress"
ARTIFACTS = "imagepress-artifacts"
DEPLOY_SECONDS = 120


class DeployError(Exception):
    """The stack could not be deployed; the message says what failed first."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack and how to reach it."""

    endpoint: str
    outputs: Mapping[str, str]

    @property
    def api_url(self) -> str:
        """The API as the engine serves it."""
        return f"{self.endpoint}/_aws/execute-api/{self.outputs['ApiId']}/$default"

    def client(self, service: str, config: Config | None = None) -> Any:
        """A boto3 client of the emulated AWS."""
        return client(service, self.endpoint, config)


def client(service: str, endpoint: str, config: Config | None = None) -> Any:
    """A boto3 client of an emulated AWS."""
    make: Any = boto3.client  # its stubs want the service's name as a literal
    return make(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=config,
    )


def deploy(endpoint: str, parameters: Mapping[str, str]) -> Stack:
    """Create the stack, or bring it to this template, code and parameters. Raises DeployError."""
    code = f"s3://{ARTIFACTS}/{upload(endpoint, zipped(ROOT / 'functions', 'functions/'), 'zip')}"
    template = _replaced(
        (ROOT / "template.yaml").read_text(),
        {
            "CodeUri: functions/": f"CodeUri: {code}",
            # the engine compares this number with others, and a parameter reaches it as text
            "!Ref CompressConcurrency": parameters["CompressConcurrency"],
        },
    )
    return deploy_template(endpoint, template, parameters)


def deploy_template(endpoint: str, template: str, parameters: Mapping[str, str]) -> Stack:
    """The same with a template whose code is where it says. Raises DeployError."""
    cloudformation = client("cloudformation", endpoint)
    arguments = {
        "StackName": STACK,
        # by S3, as `sam deploy` does it: CloudFormation takes 51,200 bytes of a template in a call, and 1 MB from there
        "TemplateURL": f"{endpoint}/{ARTIFACTS}/{upload(endpoint, template.encode(), 'yaml')}",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        cloudformation.create_stack(**arguments)
    except cloudformation.exceptions.AlreadyExistsException:
        _update(cloudformation, arguments)
    return Stack(endpoint, _wait(cloudformation))


def zipped(folder: Path, inside: str) -> bytes:
    """The files of a folder, in another one in the zip; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            hidden = any(part.startswith((".", "__pycache__")) for part in file.parts[len(folder.parts) :])
            if file.is_file() and not hidden and file.name != "requirements.in":
                entry = zipfile.ZipInfo(f"{inside}{file.relative_to(folder)}")
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return content.getvalue()


def _replaced(template: str, replacements: Mapping[str, str]) -> str:
    """The template as `sam package` would leave it: what differs, differs in one place."""
    for text, replacement in replacements.items():
        if template.count(text) != 1:
            raise DeployError(f"template.yaml has to say `{text}` once")
        template = template.replace(text, replacement)
    return template


def upload(endpoint: str, content: bytes, ending: str) -> str:
    """The key that the artefact has now. The same content has the same key."""
    s3 = client("s3", endpoint)
    s3.create_bucket(Bucket=ARTIFACTS)
    key = f"{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
    s3.put_object(Bucket=ARTIFACTS, Key=key, Body=content)
    return key


def _update(cloudformation: Any, arguments: dict[str, Any]) -> None:
    try:
        cloudformation.update_stack(**arguments)
    except ClientError as error:
        if "No updates" not in str(error):
            raise DeployError(str(error)) from error


def _wait(cloudformation: Any) -> dict[str, str]:
    deadline = time.monotonic() + DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"].endswith(("ROLLBACK_COMPLETE", "FAILED")):
            raise DeployError(f"{stack['StackStatus']}: {_first_failure(cloudformation)}")
        if stack["StackStatus"].endswith("_COMPLETE"):
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        time.sleep(0.05)
    raise DeployError(f"the stack was not deployed within {DEPLOY_SECONDS} s")


def _first_failure(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failures = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    if not failures:
        return "no event says why"
    return f"{failures[-1].get('LogicalResourceId')}: {failures[-1].get('ResourceStatusReason')}"
