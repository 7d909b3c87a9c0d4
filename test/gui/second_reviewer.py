"""Ben in a QGIS of his own: rejects a candidate, waits for a line, and prints how he sees the candidate then.

Started by a scene of the review with the file and the candidate.
"""

import json
import sys

from qgis.core import QgsApplication, QgsVectorLayer
from rock_glacier_mapper.ui.review.session import ReviewSession

path, fid = sys.argv[1], int(sys.argv[2])
application = QgsApplication([], False)
application.initQgis()
session = ReviewSession(QgsVectorLayer(f"{path}|layername=rock_glaciers", "Outlines", "ogr"), "Ben")
said = []
session.said.connect(said.append)
session.start()
session.go_to(fid)
session.decide("rejected")
session.go_to(fid)
sys.stdout.write("rejected\n")
sys.stdout.flush()
sys.stdin.readline()
session.look()
seen = {"status": session.candidate().status, "said": said}
session.stop()
sys.stdout.write(json.dumps(seen))
