"""The toolbox: one module a node. Nodes declare, check and report; the engine computes."""
