"""Starts a function's runtime client after a debugger is attached: lambda_debug.py PORT FOLDER PROGRAM ARGUMENT...

PORT is debugpy's port on 127.0.0.1. FOLDER is the folder to import debugpy from; it is on the path only during that
import, because the function must not find the other packages in it. PROGRAM is the path of the client.
"""
import errno
import os
import runpy
import socket
import sys
import time

FREE_WITHIN_S = 10.0  # the debugger process of the previous environment frees the port shortly after it exits


def wait_until_free(port):
    deadline = time.monotonic() + FREE_WITHIN_S
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                    raise
        time.sleep(0.05)


def main():
    port, folder, program = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    wait_until_free(port)
    sys.path.append(folder)
    import debugpy
    debugpy.listen(("127.0.0.1", port))
    debugpy.wait_for_client()
    sys.path.remove(folder)
    sys.argv = sys.argv[3:]
    sys.path[0] = os.path.dirname(program)
    runpy.run_path(program, run_name="__main__")


main()
