cp "$GUIDE/hello.py" .
osbot deploy hello.py
# [start versions]
one=$(aws lambda publish-version --function-name hello --query Version --output text)
aws lambda create-alias --function-name hello --name live --function-version "$one"
osbot invoke hello '{}' --qualifier live
# [end versions]
# [start canary]
sed -i 's/Hello/Welcome/' hello.py
osbot deploy hello.py
two=$(aws lambda publish-version --function-name hello --query Version --output text)
aws lambda update-alias --function-name hello --name live --routing-config "AdditionalVersionWeights={$two=0.1}"
osbot invoke hello '{}' --qualifier live
aws lambda update-alias --function-name hello --name live --function-version "$two" --routing-config 'AdditionalVersionWeights={}'
osbot invoke hello '{}' --qualifier live
# [end canary]
# [start back]
aws lambda update-alias --function-name hello --name live --function-version "$one"
osbot invoke hello '{}' --qualifier live
# [end back]
# [start limits]
aws lambda put-function-concurrency --function-name hello --reserved-concurrent-executions 0
osbot invoke hello '{}' || echo "exit code $?"
aws lambda put-function-concurrency --function-name hello --reserved-concurrent-executions 50
# [end limits]
