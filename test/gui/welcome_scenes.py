"""Who has just installed the plugin clicks from the tool bar to the review."""

from pathlib import Path

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget, QToolBar
from qgis.utils import iface, plugins
from steps import picture, wait, wait_until, workers

LEFT = Qt.MouseButton.LeftButton


def page():
    """Return the welcome page, which the first scene opens."""
    return iface.mainWindow().findChild(QDockWidget, "RockGlacierWelcome")


def welcome():
    """An empty project: she opens the welcome page from the tool bar."""
    QgsProject.instance().clear()
    iface.mainWindow().resize(1280, 800)
    bar = iface.mainWindow().findChild(QToolBar, "RockGlacierMapperToolBar")
    action = plugins["rock_glacier_mapper"].menu.welcome
    QTest.mouseClick(bar.widgetForAction(action), LEFT)
    wait(500)
    tree = iface.mainWindow().findChild(QDockWidget, "Layers")
    iface.mainWindow().resizeDocks([page(), tree], [400, 250], Qt.Orientation.Horizontal)
    picture(iface.mainWindow(), "welcome")
    actions = plugins["rock_glacier_mapper"].menu._menu.actions()
    return {
        "enabled": enabled(),
        "menu": [item.text() for item in actions],
        "without help": [item.text() for item in actions if not item.toolTip() or not item.whatsThis()],
    }


def enabled():
    """Return which of the three steps can be taken."""
    dock = page()
    return [button.isEnabled() for button in (dock.load_button, dock.map_button, dock.review_button)]


def welcome_stopped():
    """She loads the scene, starts to map it, and stops."""
    dock = page()
    QTest.mouseClick(dock.load_button, LEFT)
    wait(1000)
    loaded = enabled()
    QTest.mouseClick(dock.map_button, LEFT)
    started = wait_until(lambda: dock.progress.value() > 0, 60)
    picture(iface.mainWindow(), "welcome_stopped")
    QTest.mouseClick(dock.map_button, LEFT)
    stopped = wait_until(lambda: not dock.run.is_running, 20)
    wait(300)
    return {"loaded": loaded, "started": started, "stopped": stopped, "message": dock.message.text()}


def welcome_mapped():
    """She maps it to the end."""
    dock = page()
    QTest.mouseClick(dock.map_button, LEFT)
    seconds = wait_until(lambda: not dock.run.is_running, 120)
    wait(1500)
    iface.messageBar().clearWidgets()
    picture(iface.mainWindow(), "welcome_mapped")
    layers = QgsProject.instance().mapLayers().values()
    return {
        "seconds": seconds,
        "message": dock.message.text(),
        "enabled": enabled(),
        "layers": {layer.name(): layer.renderer().type() for layer in layers},
        "kept": all(Path(layer.source().partition("|")[0]).is_file() for layer in layers),
        "workers": len(workers()),
    }


def welcome_review():
    """The third step opens the review, and one more click begins it."""
    dock = page()
    QTest.mouseClick(dock.review_button, LEFT)
    wait(800)
    review = plugins["rock_glacier_mapper"].menu.review_dock
    chosen = review.start.outlines.currentLayer().name()
    picture(iface.mainWindow(), "welcome_review")
    QTest.mouseClick(review.start.begin, LEFT)
    wait(1500)
    has_begun = review.session is not None
    review.end()
    wait(300)
    return {"outlines": chosen, "begun": has_begun}


SCENES = (welcome, welcome_stopped, welcome_mapped, welcome_review)
