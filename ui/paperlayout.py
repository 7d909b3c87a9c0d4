"""A print layout of the map for a paper: title, map, legend, scale bar, north arrow, credits."""

from __future__ import annotations

from qgis.core import QgsLayoutItemLegend, QgsLayoutItemMap, QgsPrintLayout, QgsProject, QgsReadWriteContext
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtXml import QDomDocument

from ..core.version import PACKAGE_FOLDER

TEMPLATE = PACKAGE_FOLDER / "resources" / "layouts" / "map_for_a_paper.qpt"


def open_paper_layout(iface: QgisInterface) -> None:
    """Add a layout made of the template to the project, showing what the map canvas shows, and open it."""
    layout = paper_layout(QgsProject.instance())
    for item in layout.items():
        if isinstance(item, QgsLayoutItemMap):
            item.zoomToExtent(iface.mapCanvas().extent())
    iface.openLayoutDesigner(layout)


def paper_layout(project: QgsProject) -> QgsPrintLayout:
    """Add a layout made of the template to a project; its map shows nothing yet."""
    layout = QgsPrintLayout(project)
    document = QDomDocument()
    document.setContent(TEMPLATE.read_text("utf-8"))
    layout.loadFromTemplate(document, QgsReadWriteContext())
    layout.setName(_free_name(project))
    project.layoutManager().addLayout(layout)
    for item in layout.items():
        if isinstance(item, QgsLayoutItemLegend):
            # The template knows no layers: the legend follows those of the project.
            item.setAutoUpdateModel(True)
    return layout


def _free_name(project: QgsProject) -> str:
    name = QCoreApplication.translate("PaperLayout", "Map for a paper")
    taken = {layout.name() for layout in project.layoutManager().layouts()}
    numbers = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return str(next(text for text in (name, *numbers) if text not in taken))
