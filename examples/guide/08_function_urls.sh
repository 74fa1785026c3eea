cp "$GUIDE/url_handler.py" page.py
cp "$GUIDE/call_url.py" .
cp "$STREAMED" count_up
# [start url]
osbot deploy page.py
osbot url page --public
curl -s "$(osbot url page)?name=Ada"
# [end url]
# [start by_address]
python3 call_url.py "$(osbot url page)?name=Grace"
# [end by_address]
# [start delete]
osbot url page --delete
# [end delete]
# [start streamed]
osbot local start
./count_up
curl -sN "$(osbot url count_up)"
# [end streamed]
