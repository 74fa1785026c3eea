cp "$GUIDE/hello.py" .
# [start commands]
osbot deploy hello.py
osbot invoke hello '{"name": "Ada"}' --logs
osbot url hello --public
curl -s "$(osbot url hello)" -d '{}'
# [end commands]
