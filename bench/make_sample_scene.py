"""Make the sample scene that ships with the plugin: a clip of a simulated landscape with its reference outlines.

python bench/make_sample_scene.py --scene ../shared/data/landscapes/validation/himalaya_b --output resources/sample
"""

from __future__ import annotations

import argparse
from pathlib import Path

import shapely
from rock_glacier_mapper.core.rasters.raster import Window
from rock_glacier_mapper.core.vectors.vector import VectorLayer, write_layers
from scene_stack import Scene, clipped_grid, read_scene, write_stack

# Chosen because no outline is cut and all activities occur.
WINDOW = Window(600, 450, 600, 600)


def main() -> None:
    """Write the stack and the outlines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", type=Path, required=True, help="folder of a simulated landscape")
    parser.add_argument("--output", type=Path, required=True, help="folder of the sample scene")
    arguments = parser.parse_args()
    scene = read_scene(arguments.scene)
    write_stack(arguments.output / "simulated_stack.tif", scene, WINDOW)
    outlines = clipped_outlines(scene)
    write_layers(str(arguments.output / "simulated_reference.gpkg"), {"rock_glaciers": outlines})
    print(f"{len(outlines)} rock glaciers, {outlines.columns['area_m2'].sum() / 1e6:.2f} km2")


def clipped_outlines(scene: Scene) -> VectorLayer:
    """Return the reference outlines clipped to the window, their area measured anew."""
    grid = clipped_grid(scene.grid, WINDOW)
    x, y = grid.coordinates([0, grid.width], [grid.height, 0])
    clipped = shapely.intersection(scene.outlines.geometries, shapely.box(x[0], y[0], x[1], y[1]))
    inside = shapely.area(clipped) > 0
    columns = {name: values[inside] for name, values in scene.outlines.columns.items()}
    columns["area_m2"] = shapely.area(clipped[inside])
    return VectorLayer(clipped[inside], columns, grid.crs)


if __name__ == "__main__":
    main()
