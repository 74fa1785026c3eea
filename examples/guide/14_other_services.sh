command -v moto_server >/dev/null || { echo "moto's server is not installed"; exit 77; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
MOTO_ACCOUNT_ID=000000000000 moto_server --port "$port" >moto.log 2>&1 &
trap 'kill $!' EXIT
until python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null; do sleep 0.2; done
osbot local stop
osbot local start --port 0 --forward "*=http://127.0.0.1:$port" >started
eval "$(grep '^ *export ' started)"
cp "$GUIDE/order_writer.py" writer.py
# [start resources]
aws dynamodb create-table --table-name orders --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH
topic=$(aws sns create-topic --name orders --query TopicArn --output text)
osbot deploy writer.py --env TOPIC="$topic"
# [end resources]
# [start invoke]
osbot invoke writer '{"id": "42"}'
aws dynamodb get-item --table-name orders --key '{"id": {"S": "42"}}'
# [end invoke]
