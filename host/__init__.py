"""QGIS's end of the worker process. It imports QGIS, the standard library and the engine's contracts, nothing heavy."""
