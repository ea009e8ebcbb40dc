"""What uvicorn calls: the application with the settings of the environment."""

from fastapi import FastAPI

from service.app import create_app
from service.garbage import spare_what_is_loaded
from service.settings import Settings


def app() -> FastAPI:
    """Return the application (uvicorn's --factory)."""
    application = create_app(Settings.from_environment())
    spare_what_is_loaded()
    return application
