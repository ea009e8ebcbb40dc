"""What the environment may set."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

Engine = Literal["onnx", "sklearn"]


@dataclass(frozen=True)
class Settings:
    """Where the model lies and which engine answers with it."""

    engine: Engine = "onnx"
    model_dir: Path = Path(__file__).parent / "model"

    def __post_init__(self) -> None:
        """Refuse an engine that does not exist."""
        if self.engine not in get_args(Engine):
            raise ValueError(
                f"MODEL_ENGINE is {self.engine!r}; use one of {', '.join(get_args(Engine))}"
            )

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read MODEL_ENGINE and MODEL_DIR; both have defaults."""
        default = cls()
        return cls(
            engine=cast(Engine, os.environ.get("MODEL_ENGINE", default.engine)),
            model_dir=Path(os.environ.get("MODEL_DIR", default.model_dir)),
        )
