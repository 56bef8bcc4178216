"""Structured logs: one JSON line each, with the function's name and the request id."""

from aws_lambda_powertools import Logger

logger = Logger(service="imagepress")
