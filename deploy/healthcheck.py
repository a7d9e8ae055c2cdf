"""Exit status 0 where the server on this machine is ready: ``python deploy/healthcheck.py [PORT]``.

For a container's HEALTHCHECK and for scripts. Standard library only, no proxy of the environment, one line on stderr.
"""

from __future__ import annotations

import http.client
import sys


def main(arguments: list[str]) -> int:
    """0 where /readyz says 200; 1 where it says something else, or nothing within 5 seconds."""
    port = int(arguments[0]) if arguments else 7860
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except OSError as error:
        print(f"healthcheck: nothing answers at port {port} ({error})", file=sys.stderr)
        return 1
    finally:
        connection.close()
    if status != 200:
        print(f"healthcheck: /readyz says {status}", file=sys.stderr)
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
