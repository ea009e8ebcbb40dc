"""The service under test: it knows one model, and not that it is being measured."""

import os

# Of each start ONNX Runtime tells its maker, unless this is said before it is first imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
