#!/usr/bin/env python3
"""Writes tests/data/endpoints/botocore.txt: what botocore's rule sets answer, for aws_endpoint() to be compared with.

    build/venv/bin/python tools/list_botocore_endpoints.py > tests/data/endpoints/botocore.txt
"""

import itertools

import botocore
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import create_loader

SERVICES = "lambda", "s3", "iam", "sts", "logs", "sqs", "sso", "sso-oidc"
REGIONS = "us-east-1", "eu-central-2", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1"

loader = create_loader()
partitions = loader.load_data("partitions")
print(f"# What botocore {botocore.__version__} answers: service region dual-stack fips -> url and signing region, or error and its words.")
for service, region, dual_stack, fips in itertools.product(SERVICES, REGIONS, (False, True), (False, True)):
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    options = "dual" if dual_stack else "-", "fips" if fips else "-"
    try:
        found = provider.resolve_endpoint(Region=region, UseDualStack=dual_stack, UseFIPS=fips)
        schemes = found.properties.get("authSchemes") or [{}]
        print(service, region, *options, found.url, schemes[0].get("signingRegion", region))
    except EndpointProviderError as error:
        print(service, region, *options, "error", error)
