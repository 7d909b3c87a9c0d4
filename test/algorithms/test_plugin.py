"""The plugin as QGIS and the plugin site see it: metadata, beginning and end."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIRED = {
    "name",
    "description",
    "about",
    "version",
    "qgisMinimumVersion",
    "author",
    "email",
    "homepage",
    "tracker",
    "repository",
}

BEGINNING_AND_END = """
import os, sys
from qgis.core import QgsApplication
application = QgsApplication([], False)
application.initQgis()
import rock_glacier_mapper
registry = QgsApplication.processingRegistry()
plugin = rock_glacier_mapper.classFactory(None)
for _ in range(2):
    plugin.initProcessing()
    print(registry.providerById("rockglacier").name())
    plugin.unload()
    print(registry.providerById("rockglacier"))
second = rock_glacier_mapper.classFactory(None)
plugin.initProcessing()
second.initProcessing()
second.unload()
print(registry.providerById("rockglacier").name())
sys.stdout.flush()
os._exit(0)
"""


def test_the_metadata_pass_the_plugin_sites_parser():
    """The site refuses a plugin that lacks a key, or whose texts hold a bare per cent sign."""
    metadata = configparser.ConfigParser()
    metadata.optionxform = str
    metadata.read(ROOT / "metadata.txt", encoding="utf8")
    general = dict(metadata["general"])
    assert {key for key, value in general.items() if value.strip()} >= REQUIRED
    assert general["hasProcessingProvider"] == "yes"
    assert (ROOT / general["icon"]).is_file()
    assert "/" not in general["author"]


def test_the_package_is_imported_without_qgis(in_new_python):
    """Workers and clusters have no QGIS."""
    in_new_python(
        "import sys; sys.modules['qgis'] = None; import rock_glacier_mapper; rock_glacier_mapper.classFactory"
    )


def test_the_plugin_comes_and_goes(in_new_python):
    """Users reload plugins; a second copy must not take the provider of the first away."""
    name = "Rock Glacier Mapper"
    assert in_new_python(BEGINNING_AND_END).split("\n")[:5] == [name, "None", name, "None", name]
