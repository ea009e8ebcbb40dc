"""Exit 0 when the service in this container answers GET /health with 200, else 1."""

import sys
from http.client import HTTPConnection, HTTPException

connection = HTTPConnection("127.0.0.1", 8000, timeout=3)
try:
    connection.request("GET", "/health")
    healthy = connection.getresponse().status == 200
except (OSError, HTTPException):
    healthy = False
sys.exit(0 if healthy else 1)
