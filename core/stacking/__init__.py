"""Feature stacks: rasters of any grid as the bands of one."""
