"""Provides osbot_aws.testing.TestCase__Lambda__Deploy under the original's import path."""
from osbot_aws.testing.TestCase__Lambda__Deploy import TestCase__Lambda__Deploy as TestCase__Lambda__Deploy
