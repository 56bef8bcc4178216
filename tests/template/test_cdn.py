"""What infra/cdn.yaml and the statement that it needs in template.yaml open to the world: the pictures, and no more."""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint  # type: ignore[import-untyped]  # ships no annotations
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # ships no annotations

from functions.adapters.aws.objects import IMMUTABLE
from tests.template.test_template import of_type, template

CDN = Path(__file__).parents[2] / "infra" / "cdn.yaml"
PICTURE = "images/b6e48bdf-e1c3-4589-8125-d030b1ac9acc/0-c3491a15836d/lamp.jpg"
ARN = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE"
ARN_OF_PARAMETER = {"Ref": "CdnDistribution"}


@cache
def cdn() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse(CDN.read_text())
    return parsed


def resource(name: str) -> dict[str, Any]:
    properties: dict[str, Any] = cdn()["Resources"][name]["Properties"]
    return properties


def distribution() -> dict[str, Any]:
    config: dict[str, Any] = resource("Distribution")["DistributionConfig"]
    return config


def results_policy(*, has_cdn: bool) -> list[dict[str, Any]]:
    """The statements of the results bucket's policy, with CdnDistribution given or left empty."""
    found = []
    for each in of_type("AWS::S3::BucketPolicy")["ResultsBucketPolicy"]["PolicyDocument"]["Statement"]:
        condition, given, empty = each.get("Fn::If", (None, each, each))
        assert condition in {None, "HasCdnDistribution"}
        found.append(given if has_cdn else empty)
    return [each for each in found if each != {"Ref": "AWS::NoValue"}]


def allows(*, has_cdn: bool) -> list[dict[str, Any]]:
    return [each for each in results_policy(has_cdn=has_cdn) if each["Effect"] == "Allow"]


def bucket_lets_it_read(key: str) -> bool:
    """Whether the bucket's policy lets the CDN read an object."""
    resources = [each["Resource"]["Fn::Sub"].removeprefix("${ResultsBucket.Arn}/") for each in allows(has_cdn=True)]
    return any(fnmatchcase(key, pattern) for pattern in resources)


def edge_asks_for(key: str) -> bool:
    """Whether a request for this path goes on to the bucket."""
    behaviors = [
        *distribution().get("CacheBehaviors", []),
        {"PathPattern": "*", **distribution()["DefaultCacheBehavior"]},
    ]
    matching = next(each for each in behaviors if fnmatchcase(key, each["PathPattern"]))
    return "FunctionAssociations" not in matching


def objects_of_the_bucket() -> list[str]:
    """A key under each prefix that the bucket has, and some that it has not."""
    rules = of_type("AWS::S3::Bucket")["ResultsBucket"]["LifecycleConfiguration"]["Rules"]
    prefixes = [rule["Prefix"] for rule in rules if "Prefix" in rule]
    assert {"plans/", "results/", "exports/", "outgoing/"} <= set(prefixes)
    return [f"{prefix}b6e48bdf/0" for prefix in prefixes] + ["", "index.html", "images", "images2/x", "other/images/x"]


def test_the_cdn_reaches_a_picture() -> None:
    assert bucket_lets_it_read(PICTURE)
    assert edge_asks_for(PICTURE)


@pytest.mark.parametrize("key", objects_of_the_bucket())
def test_neither_the_bucket_nor_the_edge_gives_out_anything_else(key: str) -> None:
    assert not bucket_lets_it_read(key)
    assert not edge_asks_for(key)


def test_the_bucket_lets_in_that_one_distribution_to_read_and_do_nothing_else() -> None:
    (statement,) = allows(has_cdn=True)
    assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert statement["Action"] == "s3:GetObject"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": ARN_OF_PARAMETER}}


def test_without_a_cdn_the_bucket_lets_nobody_in_and_with_one_it_still_wants_tls() -> None:
    assert allows(has_cdn=False) == []
    assert [each["Sid"] for each in results_policy(has_cdn=True) if each["Effect"] == "Deny"] == ["TlsOnly"]


def test_the_bucket_knows_the_cdn_by_what_the_cdn_says_it_is() -> None:
    parameter = template()["Parameters"]["CdnDistribution"]
    assert template()["Conditions"]["HasCdnDistribution"] == {"Fn::Not": [{"Fn::Equals": [ARN_OF_PARAMETER, ""]}]}
    shape = cdn()["Outputs"]["DistributionArn"]["Value"]["Fn::Sub"]
    for name, value in {"AWS::Partition": "aws", "AWS::AccountId": "123456789012", "Distribution": "E1EXAMPLE"}.items():
        shape = shape.replace(f"${{{name}}}", value)
    assert shape == ARN
    matches = [_matches(parameter["AllowedPattern"], text) for text in (ARN, "", "E1EXAMPLE", f"{ARN}/*")]
    assert matches == [True, True, False, False]


def test_the_edge_answers_404_where_the_bucket_is_not_asked() -> None:
    (association,) = distribution()["DefaultCacheBehavior"]["FunctionAssociations"]
    assert association == {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["NothingElse", "FunctionARN"]}}
    code = resource("NothingElse")["FunctionCode"]
    assert "return { statusCode: 404" in code
    assert code.count("return") == 1
    assert resource("NothingElse")["AutoPublish"] is True


def test_the_origin_is_the_results_bucket_of_the_stack_signed_for_by_the_access_control() -> None:
    (origin,) = distribution()["Origins"]
    bucket = of_type("AWS::S3::Bucket")["ResultsBucket"]["BucketName"]["Fn::Sub"].replace("AWS::StackName", "StackName")
    assert origin["DomainName"]["Fn::Sub"] == f"{bucket}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}"
    assert origin["OriginAccessControlId"] == {"Ref": "AccessControl"}
    control = resource("AccessControl")["OriginAccessControlConfig"]
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")


def test_the_edge_keeps_one_copy_of_a_picture_for_as_long_as_the_picture_itself_says() -> None:
    (behavior,) = distribution()["CacheBehaviors"]
    assert behavior["CachePolicyId"] == {"Ref": "CachePolicy"}
    policy = resource("CachePolicy")["CachePolicyConfig"]
    assert f"max-age={policy['MaxTTL']}," in IMMUTABLE
    assert policy["MinTTL"] == 0
    assert policy["ParametersInCacheKeyAndForwardedToOrigin"] == {
        "EnableAcceptEncodingBrotli": False,
        "EnableAcceptEncodingGzip": False,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }


def test_pages_of_any_origin_may_read_the_pictures_without_credentials() -> None:
    cors = resource("HeadersPolicy")["ResponseHeadersPolicyConfig"]["CorsConfig"]
    assert cors["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert cors["AccessControlAllowMethods"] == {"Items": ["GET", "HEAD"]}
    assert cors["AccessControlAllowCredentials"] is False
    assert distribution()["CacheBehaviors"][0]["ResponseHeadersPolicyId"] == {"Ref": "HeadersPolicy"}


def test_viewers_get_http_2_and_3_and_on_a_domain_of_its_own_tls_1_2() -> None:
    assert distribution()["HttpVersion"] == "http2and3"
    condition, own, cloudfronts = distribution()["ViewerCertificate"]["Fn::If"]
    assert (condition, own["MinimumProtocolVersion"]) == ("HasDomain", "TLSv1.2_2021")
    assert cloudfronts == {"CloudFrontDefaultCertificate": True}
    behaviors = [*distribution()["CacheBehaviors"], distribution()["DefaultCacheBehavior"]]
    assert {each["ViewerProtocolPolicy"] for each in behaviors} == {"redirect-to-https"}


@pytest.mark.parametrize(
    ("domain", "certificate", "is_accepted"),
    [("", "", True), ("pictures.example.com", "arn", True), ("pictures.example.com", "", False), ("", "arn", False)],
)
def test_a_domain_and_its_certificate_come_together_or_not_at_all(
    domain: str, certificate: str, is_accepted: bool
) -> None:
    (assertion,) = cdn()["Rules"]["DomainAndCertificate"]["Assertions"]
    assert holds(assertion["Assert"], {"Domain": domain, "CertificateArn": certificate}) is is_accepted
    assert "both, or neither" in assertion["AssertDescription"]


def holds(rule: dict[str, Any], parameters: dict[str, str]) -> bool:
    """What CloudFormation makes of a rule."""
    ((function, of),) = rule.items()
    match function:
        case "Fn::Equals":
            return bool(parameters[of[0]["Ref"]] == of[1])
        case "Fn::Not":
            return not holds(of[0], parameters)
        case "Fn::And":
            return all(holds(each, parameters) for each in of)
        case "Fn::Or":
            return any(holds(each, parameters) for each in of)
    raise AssertionError(f"a function that this test does not know: {function}")


def test_cfn_lint_finds_nothing() -> None:
    assert [str(match) for match in lint(CDN.read_text())] == []


def _matches(pattern: str, text: str) -> bool:
    """As CloudFormation does: the whole text, by any of the alternatives."""
    return re.fullmatch(pattern, text) is not None
