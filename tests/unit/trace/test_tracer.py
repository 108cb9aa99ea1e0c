import pytest

from gezhi.trace import Tracer, span
from gezhi.types import Trace


def test_spans_form_a_tree_within_their_parents() -> None:
    traces: list[Trace] = []
    tracer = Tracer(traces.append, contents=False)
    with tracer.trace("ask", "ask") as (trace_id, root):
        root.content(gezhi__question="secret")
        with span("retrieve.words", gezhi__hits=3), span("inner"):
            pass
        with span("chat"):
            pass
    (trace,) = traces
    assert trace.id == trace_id
    assert [(s.name, s.parent) for s in trace.spans] == [
        ("ask", None), ("retrieve.words", 0), ("inner", 1), ("chat", 0),
    ]  # fmt: skip
    by_id = {s.id: s for s in trace.spans}
    for s in trace.spans:
        if s.parent is not None:
            assert by_id[s.parent].start <= s.start <= s.end <= by_id[s.parent].end
    assert dict(trace.spans[1].attributes) == {"gezhi.hits": 3}
    assert trace.root.attributes == ()


def test_contents_are_traced_only_on_request() -> None:
    traces: list[Trace] = []
    with Tracer(traces.append, contents=True).trace("ask", "ask") as (_, root):
        root.content(gezhi__question="shown")
    assert dict(traces[0].root.attributes) == {"gezhi.question": "shown"}


def test_an_error_is_recorded_and_the_trace_still_saved() -> None:
    traces: list[Trace] = []
    with pytest.raises(ValueError), Tracer(traces.append, contents=False).trace("ask", "ask"), span("chat"):
        raise ValueError("no")
    assert [s.error for s in traces[0].spans] == ["ValueError: no", "ValueError: no"]


def test_a_span_outside_a_trace_is_harmless() -> None:
    with span("alone") as here:
        here.set(a=1)
