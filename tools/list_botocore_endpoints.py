#!/usr/bin/env python3
"""Writes tests/data/endpoints/botocore.txt: the endpoints that botocore's rule sets return, which the tests compare with aws_endpoint().

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
print(f"# Endpoints from botocore {botocore.__version__}: service region dual-stack fips -> URL and signing region, or error and its message.")
for service, region, dual_stack, fips in itertools.product(SERVICES, REGIONS, (False, True), (False, True)):
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    options = "dual" if dual_stack else "-", "fips" if fips else "-"
    try:
        found = provider.resolve_endpoint(Region=region, UseDualStack=dual_stack, UseFIPS=fips)
        schemes = found.properties.get("authSchemes") or [{}]
        print(service, region, *options, found.url, schemes[0].get("signingRegion", region))
    except EndpointProviderError as error:
        print(service, region, *options, "error", error)
