"""Stage `tunerules`: thresholds and ramps of a rule set, chosen against a reference on folds apart in space."""

from __future__ import annotations

import contextlib
import copy
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..contracts.tunerules import TuneRulesOptions, TuneRulesResult
from ..errors import InvalidOptionError, OutputError
from ..files import check_writable, replacing
from ..progress import Progress
from ..provenance import step
from ..rules.ruledocument import document_text, near, read_document
from ..rules.rules import RuleSet, load_rule_set, rule_set_content
from .tuning_record import Record, Tuning, record_of, sensitivities
from .tuning_report import report_page
from .tuningscene import read_scenes
from .tuningsearch import Document, Scorer, Threshold, conditions, thresholds, tuned


def run(options: TuneRulesOptions, progress: Progress) -> TuneRulesResult:
    """Tune the corners of a rule set.

    One threshold after the other takes the value that makes the measure, mean of the folds, largest (see
    `tuningsearch.tuned`). The written rules are tuned on all folds; what they may be expected to give elsewhere is told
    by doing the same once for each fold with that fold left out, and scoring on it.

    Parameters
    ----------
    options : TuneRulesOptions
    progress : Progress

    Returns
    -------
    TuneRulesResult

    Raises
    ------
    MapperError
        If an input cannot be read, the rules have nothing to tune, a fold has no reference, or an output cannot be
        written; then no output is left behind.
    """
    _check_outputs(options)
    rules = load_rule_set(options.rules)
    document = read_document(options.rules, rule_set_content(options.rules))
    classes = _classes(options, rules)
    scenes, folds = read_scenes(options, rules, progress.part(0.0, 0.2))
    knobs = thresholds(rules, classes, scenes)
    if not knobs:
        raise InvalidOptionError(
            f"The rules of {options.rules} for {', '.join(classes)} have no threshold that can be moved; name other "
            f"classes. There are: {', '.join(item.name for item in rules.classes)}."
        )
    scorer = Scorer(scenes, options.measure, len(folds), progress)
    tuning = _tuned(document, knobs, scorer, folds, progress.part(0.2, 0.9))
    tuning.final.update(_signed(options, rules, document, tuning))
    record = record_of(options, rules, tuning, sensitivities(tuning, scorer, progress.part(0.9, 1.0)))
    for note in record["notes"]:
        progress.warn(note)
    _write(options, tuning.final, record)
    progress.report(1.0, "Done")
    figures = record["figures"]
    return TuneRulesResult(
        options.output,
        options.report,
        options.json,
        figures["score_before"],
        figures["score_after"],
        figures["gain"],
        len(record["changes"]),
    )


def _check_outputs(options: TuneRulesOptions) -> None:
    inputs = (*options.objects, *options.reference, options.rules, options.area)
    for path, suffixes in (
        (options.output, (".json",)),
        (options.report, (".html", ".htm")),
        (options.json, (".json",)),
    ):
        if path:
            check_writable(path, *suffixes, inputs=inputs)
    if options.json and os.path.realpath(options.json) == os.path.realpath(options.output):
        raise OutputError(f"Options `output` and `json` name the same file {options.json}; give two names.")


def _classes(options: TuneRulesOptions, rules: RuleSet) -> Sequence[str]:
    names = [item.name for item in rules.classes]
    for name in options.classes:
        if name not in names:
            like = near(name, names)
            hint = f"Did you mean `{like[0]}`?" if like else f"There are: {', '.join(names)}."
            raise InvalidOptionError(
                f"Option `classes` names `{name}`, which the rule set {options.rules} lacks. {hint}"
            )
    return options.classes or (rules.target,)


def _tuned(
    document: Document, knobs: Sequence[Threshold], scorer: Scorer, folds: Sequence[str], progress: Progress
) -> Tuning:
    """Tune on all folds, and with each of them left out."""
    everything = range(len(folds))
    before = scorer.scores(document)
    left_out = []
    for number in progress.each(everything, len(folds) + 1, "Tuning with a fold left out"):
        others = [fold for fold in everything if fold != number]
        left_out.append(tuned(document, knobs, scorer, others))
    final = copy.deepcopy(tuned(document, knobs, scorer, everything))
    progress.report(1.0)
    after = np.array([scorer.scores(item)[number] for number, item in enumerate(left_out)])
    return Tuning(document, final, left_out, tuple(knobs), tuple(folds), before, after, scorer.scores(final))


def _signed(options: TuneRulesOptions, rules: RuleSet, document: Document, tuning: Tuning) -> Document:
    """Return what the tuned document says of itself; each changed condition keeps its former ramp."""
    for old, new in zip(conditions(document), conditions(tuning.final), strict=True):
        # What an earlier tuning has moved belongs to the rules that this one begins with.
        new.pop("tuned_from", None)
        if old["ramp"] != new["ramp"]:
            new["tuned_from"] = old["ramp"]
    described = step("tunerules", options)
    rows = zip(tuning.folds, tuning.before.tolist(), tuning.after.tolist(), strict=True)
    return {
        "name": f"{rules.name}_tuned" if not rules.tuned else rules.name,
        "title": f"{rules.title}, tuned" if not rules.tuned else rules.title,
        "tuned": {
            "rules": rules.name,
            "rules_sha256": rules.sha256,
            "measure": options.measure,
            "objects": described["options"]["objects"],
            "reference": described["options"]["reference"],
            "area": described["options"]["area"],
            "folds": [{"name": name, "before": round(old, 4), "after": round(new, 4)} for name, old, new in rows],
            "software_version": described["software_version"],
        },
    }


def _write(options: TuneRulesOptions, document: Document, record: Record) -> None:
    """Write all outputs; they get their final names only when every one of them is complete."""
    text = document_text(document)
    # What is written must be read again: a rule set that no stage takes would be found too late.
    read_document(options.output, text.encode())
    texts = {options.output: text}
    if options.report:
        texts[options.report] = report_page(record)
    if options.json:
        texts[options.json] = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with contextlib.ExitStack() as outputs:
        for path, content in texts.items():
            _write_text(outputs.enter_context(replacing(path)), content, path)


def _write_text(path: str, text: str, name: str) -> None:
    """Write a text under a temporary name; errors speak of the final one."""
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"The output {name} cannot be written: {error.strerror}.") from error
