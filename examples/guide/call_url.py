# Calls a function URL. docs/guide/08 quotes it.
# [start program]
import sys
import urllib.request

print(urllib.request.urlopen(sys.argv[1]).read().decode())
# [end program]
