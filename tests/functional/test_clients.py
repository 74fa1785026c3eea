"""The clients that people use beside this project reach the engine with their default settings."""

import json


def test_boto3_knows_who_it_is(engine):
    assert engine.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_aws_cli_knows_who_it_is(aws):
    assert json.loads(aws("sts", "get-caller-identity").stdout)["Account"] == "000000000000"


def test_the_sdk_for_javascript_knows_who_it_is(javascript):
    assert javascript("""
        import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
        answer((await new STSClient().send(new GetCallerIdentityCommand({}))).Account);
    """) == "000000000000"


def test_an_error_of_the_sdk_for_javascript_is_caught_by_its_name(javascript):
    assert javascript("""
        import { LambdaClient, GetFunctionCommand } from "@aws-sdk/client-lambda";
        try { await new LambdaClient().send(new GetFunctionCommand({ FunctionName: given.name })); }
        catch (error) { answer([error.name, error.$metadata.httpStatusCode]); }
    """, name="nothing-here") == ["ResourceNotFoundException", 404]
