# Calls a function URL on a host that does not resolve *.localhost. docs/guide/08 quotes it.
# [start program]
import sys
import urllib.parse
import urllib.request

url = urllib.parse.urlsplit(sys.argv[1])
request = urllib.request.Request(f"http://127.0.0.1:{url.port}{url.path}?{url.query}", headers={"Host": url.netloc})
print(urllib.request.urlopen(request).read().decode())
# [end program]
