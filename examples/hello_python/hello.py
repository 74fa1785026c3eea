"""A minimal function: `osbot deploy examples/hello_python/hello.py`, then `osbot invoke hello '{"name": "Ada"}'`."""

import platform


def handler(event, context):
    name = event.get("name", "world")
    print(f"greeting {name} from {context.function_name}")
    return {"message": f"Hello, {name}!", "python": platform.python_version()}
