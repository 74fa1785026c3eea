"""A function that greets the caller; imports nothing, so that it can be deployed alone."""


def run(event, context=None):  # type: ignore[no-untyped-def]  # the code of a function: annotations would need an import
    """Returns a greeting with the event's `name`."""
    return f"From lambda code, hello {event.get('name')}"
