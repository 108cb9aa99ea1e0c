"""Traces: what happened, how long it took, what it cost."""

from gezhi.trace.tracer import OpenSpan, Sink, Tracer, span

__all__ = ["OpenSpan", "Sink", "Tracer", "span"]
