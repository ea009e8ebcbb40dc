"""LitServe as its documentation has it: decode, predict, encode (lightning.ai/docs/litserve)."""

import litserve as ls
import numpy as np
import onnxruntime as ort

FIELDS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


class Penguins(ls.LitAPI):
    """Tells a penguin's sex."""

    def setup(self, device: str) -> None:  # noqa: ARG002  (as it is called)
        """Load the model; one row is no work for several threads."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(
            "model/model.onnx", options, providers=["CPUExecutionProvider"]
        )

    def decode_request(self, request: dict[str, float]) -> np.ndarray:
        """Return the row."""
        return np.array([[request[name] for name in FIELDS]], np.float32)

    def predict(self, row: np.ndarray) -> str:
        """Return the sex."""
        labels, _ = self.session.run(None, {"X": row})
        return str(labels[0])

    def encode_response(self, output: str) -> dict[str, str]:
        """Return the answer."""
        return {"prediction": output}


if __name__ == "__main__":
    api = Penguins(api_path="/predict/")
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="0.0.0.0", port=8000, num_api_servers=1, generate_client_file=False)  # noqa: S104
