"""Requests to CloudWatch Logs for the resources beside groups: filters, query definitions, policies, destinations and deliveries."""

import json

from wire import LAMBDA_2015

from .deliveries import WORKER
from .model import ABSENT, Step

OF_EACH = 2
ACCOUNT = "000000000000"
ARN = f"arn:aws:logs:us-east-1:{ACCOUNT}:"
ONE_OF = {"resource_policy": 1}  # an account has ten
REPLACEABLE = {"metric_filter", "subscription_filter", "query_definition", "resource_policy", "destination"}
# The operation that lists the resources of a kind, its list, and the members with the name and the text.
DESCRIBED = {"metric_filter": ("DescribeMetricFilters", "metricFilters", "filterName", "filterPattern"),
             "subscription_filter": ("DescribeSubscriptionFilters", "subscriptionFilters", "filterName", "filterPattern"),
             "query_definition": ("DescribeQueryDefinitions", "queryDefinitions", "name", "queryString"),
             "resource_policy": ("DescribeResourcePolicies", "resourcePolicies", "policyName", "policyDocument"),
             "destination": ("DescribeDestinations", "destinations", "destinationName", "roleArn"),
             "delivery_source": ("DescribeDeliverySources", "deliverySources", "name", "tags"),
             "delivery_destination": ("DescribeDeliveryDestinations", "deliveryDestinations", "name", "tags"),
             "delivery": ("DescribeDeliveries", "deliveries", "deliverySourceName", "tags")}


def permit_logs(wire):
    """Permits Logs to invoke the function of the subscription filters. Their groups have no events, so it never does."""
    wire.lambda_("POST", f"{LAMBDA_2015}/functions/{WORKER}/policy",
                 {"StatementId": "logs", "Action": "lambda:InvokeFunction", "Principal": "logs.amazonaws.com"})


class Log_Resource_Requests:
    """The state of a resource is the text that its request sets. A delivery has the name of its source."""

    kinds = tuple(DESCRIBED)

    def __init__(self, client):
        self.client, self.model, self.group, self.ids = client, client.model, f"resources-{client.name}-g", {}

    def call(self, operation, **params):
        return self.client.wire.rpc("logs", operation, params)

    def prepare(self, wire):
        wire.rpc("logs", "CreateLogGroup", {"logGroupName": self.group})

    # ---- requests ---------------------------------------------------------------------------------------------------

    def plan(self, random):
        kind, number = random.choice(self.kinds), random.randrange(OF_EACH)
        name = f"{self.client.name}-r{number % ONE_OF.get(kind, OF_EACH)}"
        resource, text = f"{kind}/{name}", f"t{random.randrange(1000)}"
        if resource in self.model.state and (kind not in REPLACEABLE or random.random() < 0.4):
            if kind.startswith("delivery_") and f"delivery/{name}" in self.model.state:
                kind, resource = "delivery", f"delivery/{name}"
            return Step(f"delete {resource}", lambda: self.delete(kind, name), {resource: ABSENT})
        if kind == "delivery":
            missing = [each for each in ("delivery_source", "delivery_destination") if f"{each}/{name}" not in self.model.state]
            if missing:
                kind, resource = missing[0], f"{missing[0]}/{name}"
        return Step(f"put {resource} {text}", lambda: self.put(kind, name, text), {resource: text}, lambda response: self.learn(resource, response))

    def learn(self, resource, response):
        """Only the engine knows the ids of query definitions and deliveries."""
        for found in (response.get("queryDefinitionId"), response.get("delivery", {}).get("id")):
            if found:
                self.ids[resource] = found

    def put(self, kind, name, text):
        return getattr(self, f"put_{kind}")(name, text)

    def put_metric_filter(self, name, text):
        transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
        return self.call("PutMetricFilter", logGroupName=self.group, filterName=name, filterPattern=text, metricTransformations=[transformation])

    def put_subscription_filter(self, name, text):
        return self.call("PutSubscriptionFilter", logGroupName=self.group, filterName=name, filterPattern=text,
                         destinationArn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{WORKER}")

    def put_query_definition(self, name, text):
        resource = f"query_definition/{name}"
        existing = {"queryDefinitionId": self.ids[resource]} if resource in self.model.state else {}
        return self.call("PutQueryDefinition", name=name, queryString=f"filter @message = '{text}'", **existing)

    def put_resource_policy(self, name, text):
        statement = {"Sid": text, "Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}
        return self.call("PutResourcePolicy", policyName=name, policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    def put_destination(self, name, text):
        return self.call("PutDestination", destinationName=name, targetArn=f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s",
                         roleArn=f"arn:aws:iam::{ACCOUNT}:role/{text}")

    def put_delivery_source(self, name, text):
        return self.call("PutDeliverySource", name=name, resourceArn=f"arn:aws:cloudfront::{ACCOUNT}:distribution/{name}", logType="ACCESS_LOGS",
                         tags={"text": text})

    def put_delivery_destination(self, name, text):
        return self.call("PutDeliveryDestination", name=name, tags={"text": text},
                         deliveryDestinationConfiguration={"destinationResourceArn": f"arn:aws:s3:::{name}"})

    def put_delivery(self, name, text):
        return self.call("CreateDelivery", deliverySourceName=name, deliveryDestinationArn=f"{ARN}delivery-destination:{name}", tags={"text": text})

    def delete(self, kind, name):
        of_group = {"logGroupName": self.group, "filterName": name}
        operation, params = {"metric_filter": ("DeleteMetricFilter", of_group), "subscription_filter": ("DeleteSubscriptionFilter", of_group),
                             "query_definition": ("DeleteQueryDefinition", {"queryDefinitionId": self.ids.get(f"{kind}/{name}")}),
                             "resource_policy": ("DeleteResourcePolicy", {"policyName": name}),
                             "destination": ("DeleteDestination", {"destinationName": name}),
                             "delivery_source": ("DeleteDeliverySource", {"name": name}),
                             "delivery_destination": ("DeleteDeliveryDestination", {"name": name}),
                             "delivery": ("DeleteDelivery", {"id": self.ids.get(f"{kind}/{name}")})}[kind]
        return self.call(operation, **params)

    # ---- observation ------------------------------------------------------------------------------------------------

    def listed(self, kind):
        """Returns {name: text} of the resources of this client."""
        operation, list_name, name_member, text_member = DESCRIBED[kind]
        found = {}
        for each in self.call(operation, **({"logGroupName": self.group} if kind.endswith("_filter") else {})).get(list_name, []):
            name = each[name_member]
            if not name.startswith(f"{self.client.name}-"):
                continue
            found[name] = self.text_of(kind, each[text_member])
            for id_member in ("queryDefinitionId", "id"):
                if id_member in each:
                    self.ids[f"{kind}/{name}"] = each[id_member]
        return found

    @staticmethod
    def text_of(kind, value):
        if kind == "query_definition":
            return value.split("'")[1]
        if kind == "resource_policy":
            return json.loads(value)["Statement"][0]["Sid"]
        if kind == "destination":
            return value.rpartition("/")[2]
        return value["text"] if isinstance(value, dict) else value

    def observe(self, kind, name):
        return self.listed(kind).get(name, ABSENT)

    def names(self):
        return {f"{kind}/{name}" for kind in self.kinds for name in self.listed(kind)}
