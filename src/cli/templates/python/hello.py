def handler(event, context):
    """{"name": "Ada"} -> {"greeting": "Hello, Ada!"}"""
    name = event.get("name", "world")
    print("greeting", name, "in request", context.aws_request_id)  # goes to the function's log
    return {"greeting": f"Hello, {name}!"}
