import requests


def run(event, context):
    return {"requests": requests.__version__, "from": requests.__file__}
