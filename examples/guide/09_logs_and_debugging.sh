cp "$GUIDE/hello.py" .
osbot deploy hello.py
# [start logs]
osbot invoke hello '{"name": "Ada"}' --logs
osbot logs hello
aws logs filter-log-events --log-group-name /aws/lambda/hello --filter-pattern greeting
# [end logs]
# [start errors]
echo 'import no_such_module' >broken.py
echo 'def handler(event, context): return 1' >>broken.py
osbot deploy broken.py
osbot invoke broken || echo "exit code $?"
osbot explain Runtime.ImportModuleError
# [end errors]
