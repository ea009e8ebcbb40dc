"""What uvicorn calls: the application with the settings of the environment."""

import gc

from fastapi import FastAPI

from service.app import create_app
from service.settings import Settings

# Every open connection is a handful of objects that live long. By default a full collection
# walks them all whenever their number has grown by a quarter, which stops every user for up to
# 0.2 s several times in a ramp to 10,000; what a request leaves behind is freed without it.
GC_THRESHOLDS = (20_000, 20, 1_000)


def app() -> FastAPI:
    """Return the application (uvicorn's --factory)."""
    application = create_app(Settings.from_environment())
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    return application
