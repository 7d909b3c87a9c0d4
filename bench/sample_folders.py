"""Folders of samples of the simulated landscapes."""

from __future__ import annotations

from pathlib import Path

from rock_glacier_mapper.core.contracts.samples import SamplesOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.stages import stage_named
from scene_stack import read_scene, write_stack


def landscape_samples(scene: Path, output: Path, **options: object) -> str:
    """Cut samples of a simulated landscape by the stage; return the folder."""
    output.mkdir(parents=True, exist_ok=True)
    stack, folder = output / f"{scene.name}_stack.tif", output / f"{scene.name}_samples"
    read = read_scene(scene)
    write_stack(stack, read, read.grid.whole)
    inventory = f"{scene / 'reference.gpkg'}|layername=rock_glaciers"
    given = SamplesOptions(stack=str(stack), inventory=inventory, output=str(folder), **options)
    stage_named("samples").run(given, Progress())
    return str(folder)
