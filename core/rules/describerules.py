"""Stage `describerules`: a rule set in words, and its first pass as an expression of QGIS."""

from __future__ import annotations

from ..contracts.describerules import DescribeRulesOptions, DescribeRulesResult
from ..files import check_writable, write_text
from ..progress import Progress
from .ruledescription import described_rules
from .ruleexpression import class_expression
from .rules import load_rule_set


def run(options: DescribeRulesOptions, progress: Progress) -> DescribeRulesResult:
    """Describe a rule set.

    Parameters
    ----------
    options : DescribeRulesOptions
    progress : Progress

    Returns
    -------
    DescribeRulesResult

    Raises
    ------
    InvalidRuleSetError
        If there is no such rule set, or it is not valid.
    OutputError
        If the text cannot be written.
    """
    if options.output:
        check_writable(options.output, ".txt", inputs=[options.rules])
    progress.check()
    rules = load_rule_set(options.rules)
    sections = [section.text() for section in described_rules(rules) if section.lines]
    text = "\n".join([*sections, "Pass 1 as an expression of QGIS", class_expression(rules)])
    if options.output:
        write_text(options.output, text)
    return DescribeRulesResult(text)
