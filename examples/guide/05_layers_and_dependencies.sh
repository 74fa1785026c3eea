cp "$GUIDE/layer_code.py" shop.py
# [start folder]
mkdir -p app/templates
cp shop.py app/
echo 'def price(item): return {"book": 12}[item]' >app/shop_prices.py
osbot deploy app --name shop --handler shop.handler
osbot invoke shop '{"item": "book"}'
# [end folder]
# [start layer]
mkdir -p layer/python
mv app/shop_prices.py layer/python/
(cd layer && python3 -m zipfile -c ../layer.zip python)
arn=$(aws lambda publish-layer-version --layer-name shop-prices --zip-file fileb://layer.zip --query LayerVersionArn --output text)
osbot deploy app --name shop --handler shop.handler --layer "$arn"
osbot invoke shop '{"item": "book"}'
# [end layer]
