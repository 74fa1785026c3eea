# [start handler]
import shop_prices  # first in the same folder, later in the layer (/opt/python)


def handler(event, context):
    return {"price": shop_prices.price(event["item"])}
# [end handler]
