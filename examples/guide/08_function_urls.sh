cp "$GUIDE/url_handler.py" page.py
# [start url]
osbot deploy page.py
osbot url page --public
curl -s "$(osbot url page)?name=Ada"
osbot url page --delete
# [end url]
# [start streamed]
"$STREAMED"
curl -sN "$(osbot url count_up)"
# [end streamed]
