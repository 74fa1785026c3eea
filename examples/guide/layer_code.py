# [start handler]
import shop_prices  # of the layer, which is at /opt/python


def handler(event, context):
    return {"price": shop_prices.price(event["item"])}
# [end handler]
