"""A run as one HTML file with its plots inside: it opens without network."""

from gezhi.evaluate.report.page import report_html, write_report

__all__ = ["report_html", "write_report"]
