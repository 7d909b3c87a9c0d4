"""The standard's names and values, as they were read in published inventories and programs that read the template."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from rock_glacier_mapper.core.inventories import forms, standard
from rock_glacier_mapper.core.inventories.standard import GO, LAYERS, MA, PM, PUBLISHED, TEMPLATE

TEMPLATE_NAMES = {
    PM: "PrimaryID WorkingID Landform Assoc.RGS Morpho. Complet. Upsl.Con. Upsl.Cur. Kin.Att. Rel.Kin. Kin.Period "
    "Acti.Ass. Acti.Cl. Destabili. Comment",
    GO: "PrimaryID WorkingID Out.Type RelFr RelLeftLM RelRightLM RelUpsCon RelIndex Comment",
}
VERIFIED_NAMES = {PM: "PrimaryID Country ActiCl", GO: "PrimaryID PolyUID OutType RelFr RelLeftLM", MA: "VelClass"}
VERIFIED_VALUES = {
    "Landform": (0, 1, 2),
    "ActiCl": ("Active", "Active uncertain", "Transitional", "Relict uncertain", "Relict", "Uncertain"),
    "OutType": ("Extended", "Restricted"),
    "UpslCon": (
        *("talus", "debris-mantled slope", "landslide", "glacier forefield", "glacier", "poly", "other"),
        *("uncertain", "unknown"),
    ),
    "KinAtt": (
        *("undefined", "< cm/yr", "cm/yr", "cm/yr to dm/yr", "dm/yr", "dm/yr to m/yr", "m/yr"),
        "> m/yr",
    ),
}


def fields():
    return [field for layer in LAYERS.values() for field in layer.fields]


@pytest.mark.parametrize("layer", TEMPLATE_NAMES)
def test_names_of_the_template(layer):
    """Tools that read the template look for these names, dots included."""
    names = [field.template for field in LAYERS[layer].fields if field.template]
    assert names == TEMPLATE_NAMES[layer].split()


def test_published_names():
    """Exactly these were read in the published inventory; all others are marked as not verified."""
    for name, layer in LAYERS.items():
        verified = {field.name for field in layer.fields if field.name_verified}
        assert verified == set(VERIFIED_NAMES.get(name, "").split())
    assert not any("." in field.name for field in fields())


def test_values():
    """Exactly these values were read; a value that was not must never make an error."""
    verified = {field.name: field.domain.codes for field in fields() if field.domain and field.domain.verified}
    assert verified == VERIFIED_VALUES
    assert standard.RELIABILITY.codes == (0, 1, 2)


def test_a_value_of_another_layer_is_understood():
    """Inventories differ in capitals and blanks, and in codes and texts."""
    assert standard.ACTIVITY.code_of("active UNCERTAIN") == "Active uncertain"
    assert standard.LANDFORM.code_of("1") == standard.LANDFORM.code_of("rock glacier (RG)") == 1
    assert standard.LANDFORM.code_of("rg") == 1
    assert standard.ACTIVITY.code_of("intact") is None
    assert standard.KINEMATICS.code_of(4) == "dm/yr"


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_the_shipped_styles_are_up_to_date(layer):
    """`make inventory-styles` was run after the last change of the table; QGIS's part of the style is kept."""
    shipped = Path(forms.style_path(layer)).read_text("utf8")
    assert forms.style_of(layer, PUBLISHED) == shipped


@pytest.mark.parametrize("spelling", [PUBLISHED, TEMPLATE])
def test_the_form_offers_the_standard(spelling):
    """Every field has a place in a tab, and those with a domain a choice of its texts."""
    layer = LAYERS[PM]
    root = ElementTree.fromstring(forms.style_of(layer, spelling))  # noqa: S314
    names = [field.spelled(spelling) for field in standard.written_fields(layer)]
    assert [item.get("name") for item in root.iter("attributeEditorField")] == names
    widget = next(item for item in root.find("fieldConfiguration") if item.get("name") in ("ActiCl", "Acti.Cl."))
    choices = [item.get("name") for item in widget.iter("Option") if item.get("type") == "QString"]
    assert choices == ["(not judged)", *VERIFIED_VALUES["ActiCl"]]
    assert root.find("renderer-v2").get("attr") == ("Acti.Cl." if spelling == TEMPLATE else "ActiCl")
