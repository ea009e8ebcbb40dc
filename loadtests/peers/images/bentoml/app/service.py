"""BentoML as its documentation has it: a service class with an API (docs.bentoml.com)."""

import bentoml
import numpy as np
import onnxruntime as ort


@bentoml.service(workers=1)
class Penguins:
    """Tells a penguin's sex."""

    def __init__(self) -> None:
        """Load the model; one row is no work for several threads."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(
            "model/model.onnx", options, providers=["CPUExecutionProvider"]
        )

    @bentoml.api(route="/predict/")
    def predict(
        self,
        bill_length_mm: float,
        bill_depth_mm: float,
        flipper_length_mm: float,
        body_mass_g: float,
    ) -> dict[str, str]:
        """Return the sex."""
        row = [bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g]
        labels, _ = self.session.run(None, {"X": np.array([row], np.float32)})
        return {"prediction": str(labels[0])}
