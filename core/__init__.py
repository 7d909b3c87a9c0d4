"""The engine: stages as functions of files. It never imports qgis."""
