"""The documents that users look things up in: the toolbox reference is that of the nodes, the examples are valid."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = ("README.md", "guide.md", "formats.md", "features.md", "toolbox.md")


@pytest.fixture(scope="module")
def pages():
    """The text of each page by name."""
    return {name: (DOCS / name).read_text("utf8") for name in PAGES}


def written_by(script, path):
    """Return the text that a script writes to a path."""
    command = [sys.executable, str(ROOT / "scripts" / script), str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return path.read_text("utf8")


def test_the_toolbox_reference_is_that_of_the_nodes(qgis_process, tmp_path, pages):
    """A reference that lags behind the nodes misleads whoever writes a script."""
    written = written_by("write_toolbox_reference.py", tmp_path / "toolbox.md")
    assert written == pages["toolbox.md"], "docs/toolbox.md is old: run make docs"


def test_the_reference_of_features_is_that_of_the_catalogue(tmp_path, pages):
    """Formulas that lag behind the engine mislead whoever writes a rule."""
    written = written_by("write_feature_reference.py", tmp_path / "features.md")
    assert written == pages["features.md"], "docs/features.md is old: make docs"


@pytest.mark.parametrize("model", sorted((ROOT / "models").glob("*.model3")), ids=lambda path: path.stem)
def test_graphical_models_are_those_of_the_nodes(qgis_process, tmp_path, model):
    """A model keeps the help and the defaults that its nodes had when it was written."""
    written = written_by("write_graphical_model.py", tmp_path / model.name)
    assert written == model.read_text("utf8"), f"{model.name} is old: run make graphical-model"


def test_every_help_button_finds_its_section(provider, pages):
    """The buttons lead to an anchor of the reference; a missing one opens the top of a long page."""
    missing = [
        node.name() for node in provider.algorithms() if f'<a id="{node.name()}"></a>' not in pages["toolbox.md"]
    ]
    assert missing == []


def test_the_rule_set_of_the_documents_is_valid(pages, tmp_path):
    """Users copy the example; it must pass the schema that their editor uses, and the reader of the node."""
    jsonschema = pytest.importorskip("jsonschema")
    from rock_glacier_mapper.core.rules.rules import load_rule_set

    (example,) = re.findall(r"```json\n(.*?)```", pages["formats.md"], re.DOTALL)
    schema = json.loads((ROOT / "resources" / "rules" / "ruleset.schema.json").read_text("utf8"))
    jsonschema.validate(json.loads(example), schema)
    path = tmp_path / "example.json"
    path.write_text(example, "utf8")
    assert load_rule_set(str(path)).classes


def test_links_between_the_documents_lead_somewhere(pages):
    """A link to a page, picture or heading that is gone is a dead end."""
    dead = [
        f"{name}: {target}"
        for name, text in pages.items()
        for target in re.findall(r"\]\(([^)]+)\)", text)
        if not target.startswith("https://") and not _leads_somewhere(name, target, pages)
    ]
    assert dead == []


def _leads_somewhere(page, target, pages):
    path, _, anchor = target.partition("#")
    if not anchor:
        return (DOCS / path).exists()
    text = pages[path or page]
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    names = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return anchor in names or f'<a id="{anchor}"></a>' in text
