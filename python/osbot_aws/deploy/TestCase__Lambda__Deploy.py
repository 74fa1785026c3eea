"""The original's path of osbot_aws.testing.TestCase__Lambda__Deploy."""
from osbot_aws.testing.TestCase__Lambda__Deploy import TestCase__Lambda__Deploy as TestCase__Lambda__Deploy
