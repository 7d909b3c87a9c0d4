"""Run a network on one tile again and again with onnxruntime alone, and print the processor seconds of those runs.

python bench/bare_session.py MODEL BANDS SIDE COUNT
"""

from __future__ import annotations

import sys
import time

import numpy as np
import onnxruntime


def main() -> None:
    """Run the network with the settings of the heatmap stage."""
    model, bands, side, count = sys.argv[1], *map(int, sys.argv[2:])
    settings = onnxruntime.SessionOptions()
    settings.use_deterministic_compute = True
    settings.enable_mem_pattern = False
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    tile = np.random.default_rng(0).normal(size=(1, bands, side, side)).astype(np.float32)
    name = session.get_inputs()[0].name
    session.run(None, {name: tile})
    begin = time.process_time()
    for _ in range(count):
        session.run(None, {name: tile})
    print(time.process_time() - begin)


if __name__ == "__main__":
    main()
