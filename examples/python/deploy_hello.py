# [start deploy_hello]
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


def hello(event, context):
    return f"Hello, {event.get('name', 'world')}!"


deploy = Deploy_Lambda(handler=hello)
assert deploy.deploy(), deploy.last_error
print(deploy.invoke({"name": "Ada"}))
# [end deploy_hello]
