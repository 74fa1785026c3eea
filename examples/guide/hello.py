# [start hello]
def handler(event, context):
    print("greeting", event.get("name", "world"))
    return {"message": f"Hello, {event.get('name', 'world')}!"}
# [end hello]
