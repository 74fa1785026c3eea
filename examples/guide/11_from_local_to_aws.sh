cp "$GUIDE/hello.py" .
unset AWS_ENDPOINT_URL
# [start local]
osbot deploy hello.py --local
osbot list --local
# [end local]
AWS_ENDPOINT_URL=http://127.0.0.1:$(osbot local status --json | sed -E 's/.*"port":([0-9]+).*/\1/')
export AWS_ENDPOINT_URL
# [start role]
cat >trust.json <<'JSON'
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
JSON
role=$(aws iam create-role --role-name hello-role --assume-role-policy-document file://trust.json --query Role.Arn --output text)
aws iam attach-role-policy --role-name hello-role \
    --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
osbot deploy hello.py --role "$role" --stage prod
osbot invoke hello__prod '{"name": "Ada"}'
# [end role]
