# [start handler]
import shop_prices  # first a file of the folder, later of the layer in /opt/python


def handler(event, context):
    return {"price": shop_prices.price(event["item"])}
# [end handler]
