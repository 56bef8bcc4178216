"""Parameters that cannot go together are refused with a sentence, before anything is built."""

import pytest

from infra.operate.parameters import configured, faults

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/1"
CDN = "arn:aws:cloudfront::000000000000:distribution/E1"
REFUSED = [
    ({"WithHttpApi": "false"}, "Without the HTTP API, PublicUrl has to say"),
    ({"Domain": "api.example.com"}, "Domain needs the ARN of its certificate"),
    ({"CertificateArn": CERTIFICATE}, "CertificateArn is of no use without Domain"),
    (
        {"Domain": "a.example", "CertificateArn": CERTIFICATE, "WithHttpApi": "false", "PublicUrl": "https://x"},
        "WithHttpApi is false",
    ),
    ({"CdnDistribution": CDN}, "no URL leads to it"),
    ({"SourceOwners": "acme=photos"}, "SourceOwners names buckets that SourceBuckets does not list"),
    ({"SourceBuckets": "Photos"}, "SourceBuckets"),
    ({"Subnets": "subnet-1,subnet-2"}, "Subnets need SecurityGroups"),
    ({"SecurityGroups": "sg-1"}, "SecurityGroups need Subnets"),
    ({"CompressTimeout": "300"}, "CompressVisibility has to be more than CompressTimeout"),
    ({"RecordDays": "4", "DeadlineHours": "93", "CompressVisibility": "100"}, "CompressVisibility has to be more"),
    ({"CompressBatch": "5"}, "OriginConnections has to be at most CompressBatch"),
    ({"CompressBatch": "100", "CompressMemory": "512"}, "CompressBatch above 25 needs CompressMemory"),
    ({"CompressMemory": "100"}, "CompressMemory"),
    ({"KmsKey": "mine"}, "KmsKey"),
    ({"Speed": "1"}, "Speed is no parameter"),
]
TAKEN = [
    {},
    {"WithHttpApi": "false", "PublicUrl": "https://api.example.com"},
    {"Domain": "api.example.com", "CertificateArn": CERTIFICATE},
    {"CdnDistribution": CDN, "ImagesUrl": "https://pictures.example.com"},
    {"Subnets": "subnet-1,subnet-2", "SecurityGroups": "sg-1"},
    {"SourceBuckets": "photos,shared", "SourceOwners": "acme=photos,other=shared"},
    {"CompressTimeout": "300", "CompressVisibility": "310"},
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_cannot_go_together_is_told_in_a_sentence(given: dict[str, str], sentence: str) -> None:
    found = faults(given)
    assert any(sentence in each for each in found), found


@pytest.mark.parametrize("given", TAKEN)
def test_what_goes_together_is_taken(given: dict[str, str]) -> None:
    assert faults(given) == []


@pytest.mark.parametrize("config", ["dev", "prod", "localstack"])
def test_the_configurations_of_the_project_are_taken(config: str) -> None:
    assert faults(configured(config)) == []
