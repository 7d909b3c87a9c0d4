"""Styles of inventory layers with attribute forms for QGIS: the standard's values as choices, fields in tabs."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree  # nosec B405  (reads the plugin's own files only)
from functools import lru_cache

from ..version import PACKAGE_FOLDER
from .standard import INTEGER, PRIMARY_ID, REAL, WORKING_ID, Field, Layer, written_fields

Element = ElementTree.Element

STYLES = PACKAGE_FOLDER / "resources" / "styles"

# What QGIS stores for a choice that means NULL.
_NULL = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
_FORM = (
    "fieldConfiguration",
    "aliases",
    "editform",
    "featformsuppress",
    "editorlayout",
    "attributeEditorForm",
    "editable",
    "labelOnTop",
    "previewExpression",
)
_HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
# Fields that the form shows but does not change: the identifier tells where the marker lies, the rest is measured.
_FIXED = (PRIMARY_ID, "PolyUID")
_REMARKS = "Comment"


def style_path(layer: Layer) -> str:
    """Return the file of the shipped style of a layer."""
    return str(STYLES / f"inventory_{layer.name.lower()}.qml")


@lru_cache
def style_of(layer: Layer, spelling: str) -> str:
    """Return the style of a layer with its form, for fields in one spelling, as the text of a .qml file."""
    with open(style_path(layer), encoding="utf-8") as file:
        return with_form(file.read(), layer, spelling)


def with_form(style: str, layer: Layer, spelling: str) -> str:
    """Return a style with the form of a layer in place of any that it has.

    Parameters
    ----------
    style : str
        Text of a .qml file whose renderer names fields as they are published.
    layer : Layer
    spelling : str
        How the layer's fields are spelled.
    """
    root = ElementTree.fromstring(style)  # noqa: S314 # nosec B314
    for name in _FORM:
        for element in root.findall(name):
            root.remove(element)
    fields = written_fields(layer)
    renderer = root.find("renderer-v2")
    named = {field.name: field.spelled(spelling) for field in fields}
    if renderer is not None and renderer.get("attr") in named:
        renderer.set("attr", named[renderer.get("attr", "")])
    root.set("styleCategories", "Symbology|Labeling|Fields|Forms")
    root.extend(_form(layer, spelling))
    for element in root.iter():
        # QGIS writes attributes in another order each time.
        element.attrib = dict(sorted(element.attrib.items()))
    ElementTree.indent(root)
    return _HEADER + ElementTree.tostring(root, encoding="unicode") + "\n"


def _form(layer: Layer, spelling: str) -> list[Element]:
    fields = written_fields(layer)
    names = [field.spelled(spelling) for field in fields]
    configuration, aliases, editable = Element("fieldConfiguration"), Element("aliases"), Element("editable")
    for number, (field, name) in enumerate(zip(fields, names, strict=True)):
        holder = ElementTree.SubElement(configuration, "field", name=name, configurationFlags="None")
        holder.append(_widget(field))
        ElementTree.SubElement(aliases, "alias", field=name, index=str(number), name=_alias(field, name))
        ElementTree.SubElement(editable, "field", name=name, editable=str(int(_is_editable(field))))
    layout, suppress, preview = Element("editorlayout"), Element("featformsuppress"), Element("previewExpression")
    layout.text, suppress.text = "tablayout", "0"
    preview.text = f'coalesce("{WORKING_ID}", "{PRIMARY_ID}")' if WORKING_ID in names else f'"{names[0]}"'
    return [configuration, aliases, suppress, layout, _tabs(fields, names), editable, preview]


def _is_editable(field: Field) -> bool:
    return field.kind != REAL and field.name not in _FIXED


def _alias(field: Field, name: str) -> str:
    return field.title if field.kind == REAL else f"{field.title} ({name})"


def _tabs(fields: tuple[Field, ...], names: list[str]) -> Element:
    """Return the form's tabs in the order of their first fields."""
    form = Element("attributeEditorForm")
    tabs: dict[str, Element] = {}
    for number, (field, name) in enumerate(zip(fields, names, strict=True)):
        if field.tab not in tabs:
            settings = {"name": field.tab, "groupBox": "0", "columnCount": "1", "showLabel": "1"}
            hidden = {"visibilityExpressionEnabled": "0", "visibilityExpression": ""}
            tabs[field.tab] = ElementTree.SubElement(form, "attributeEditorContainer", settings | hidden)
        ElementTree.SubElement(tabs[field.tab], "attributeEditorField", name=name, index=str(number), showLabel="1")
    return form


def _widget(field: Field) -> Element:
    if field.domain is not None:
        return _edit_widget("ValueMap", _choices(field))
    if field.kind == INTEGER:
        return _edit_widget("Range", [_option("Min", "0", "int"), _option("Max", "8", "int"), _flag("AllowNull")])
    return _edit_widget("TextEdit", [_flag("IsMultiline")] if field.name == _REMARKS else [])


def _choices(field: Field) -> list[Element]:
    values = Element("Option", type="List", name="map")
    pairs = [("(not judged)" if field.judged else "(not stated)", _NULL)]
    pairs += [(text, str(code)) for code, text in field.domain.values] if field.domain else []
    for text, code in pairs:
        ElementTree.SubElement(values, "Option", type="Map").append(_option(text, code, "QString"))
    return [values]


def _edit_widget(kind: str, options: list[Element]) -> Element:
    widget = Element("editWidget", type=kind)
    holder = ElementTree.SubElement(ElementTree.SubElement(widget, "config"), "Option", type="Map")
    holder.extend(options)
    return widget


def _option(name: str, value: str, kind: str) -> Element:
    return Element("Option", name=name, value=value, type=kind)


def _flag(name: str) -> Element:
    return _option(name, "true", "bool")
