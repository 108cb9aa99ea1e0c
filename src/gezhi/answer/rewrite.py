"""Make a follow-up question stand alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gezhi.answer.prompt import prompt, prompt_hash
from gezhi.llm.json_reply import first_object
from gezhi.llm.protocol import ChatModel, ChatRequest, Message, complete
from gezhi.trace import span
from gezhi.types import Turn, Usage
from gezhi.types.language import cjk_count, language_of

TURNS = 6
"""Earlier turns that the rewriting sees."""
TURN_CHARACTERS = 600

LEAST_WORDS, LEAST_CHARACTERS = 4, 7
"""Of a question that can stand alone; Chinese by the character."""
LEAST_NAMED = 3
"""Of these, besides what only asks."""
_OPENS = re.compile(
    r"^(?:and|but|also|so|then|or|what about|how about)\b|呢[？?]?$|^(?:那(?!么多)|还有|另外|以及|其[他它余])",
    re.IGNORECASE,
)
"""Begins, or ends, as what goes on from something said before."""
_BACK = re.compile(
    r"\b(?:(?P<his>its|their|his|her)(?=\s+\w)|(?P<he>it|they|them|he|him|she|her))\b|\b(?:theirs|hers)\b"
    r"|\bthis\b(?! (?:year|month|week|quarter|morning|afternoon|evening|spring|summer|autumn|winter)\b)"
    r"|\b(?:these|those|same|former|latter|else|instead)\b|\bthat\b"
    r"|(?P<qi>(?<![土尤极何与莫])其(?![他它余中实次]))|其[中次]|(?P<ta>(?<!其)[它他她](?!人|国|乡)们?)"
    r"|这(?!个?(?:月|周|星期|季度)|年|些年)|(?<!^)那(?=[个些家位份种次])|(?<![应本早活])该(?!如何|怎|由|找|向|去|不|有|做|用)"
    r"|上述|前者|后者|同样",
    re.IGNORECASE,
)
"""What points to something that was named: before, or in the question itself."""
_SMALL = (
    "of|for|from|in|on|at|by|to|with|about|than|into|over|under|as|is|are|was|were|be|been|do|does|did|has|have|had|can"
    "|could|may|might|must|shall|should|will|would|not|and|or|but|if|when|where|why|how|who|what|which|that|this|these"
    "|those|the|a|an|i|you|we|it|they|he|she|one|there|its|their|his|her|our|my|your|them|him|us|me|much|many|any|each"
)
_IS_SMALL = re.compile(_SMALL)
_NOUN = rf"(?P<noun>(?!(?:{_SMALL})\b)[^\W\d_][\w-]*)"
_ASKED = re.compile(rf"\b(?P<is>which|what|how many|every|each|any|no|all|some|an?)\s+{_NOUN}", re.IGNORECASE)
"""What a question itself brings in: `which department`, `an employee`."""
_DOES = re.compile(
    rf"\b(?P<is>do|does|did|must|may|can|could|will|would|shall|should|has|have|had)\s+(?:(?:the|our|a|an)\s+)?{_NOUN}"
    rf"|^(?P<be>is|was|are|were)\s+(?:the|our)\s+{_NOUN.replace('noun', 'subject')}",
    re.IGNORECASE,
)
"""Who does what: `does the company`, `must suppliers`."""
_CLAUSE = re.compile(
    r"\b(?:when|if|after|before|once|until|unless|because|while|though|and|whether)\b|[,;，；。？?]", re.IGNORECASE
)
_WAS = re.compile(r"^(?:what|who|where|when|how|why)\s+(?:is|are|was|were)\b", re.IGNORECASE)
_PLURAL = frozenset(["how many", "all", "some", "do", "are", "were"])
_OTHERS = frozenset(["its", "his", "her", "it", "he", "him", "she"])
"""Of one only; what is said of several is said of one, too: `an employee and their leave`."""
_RELATIVE = re.compile(
    r"\s+(?:is|are|was|were|has|have|had|do|does|did|can|must|may|will|should|need|needs|[a-z]+ed)\b", re.IGNORECASE
)
_ASKED_ZH = re.compile(r"哪[个些位家份种一]|每[个位家份种一名]|任何|各[^自]|什么(?!时候|样|是)[\u3400-\u9fff]")
_NAMED_ZH = re.compile(r"[\u3400-\u9fffA-Za-z]{2,}")
_SMALL_ZH = re.compile(
    r"请问|请|告诉我|为什么|为何|什么时候|什么|何时|怎么样?|怎样|如何|多少|是否|谁|哪里|哪一?[个些位家种年月天]|是|在|有|的|了|对于?|关于|从|那|当时"
    r"|\d+年?|[去今明前后]年|上个?月|本[年月]|目前|现在"
)
_PLACED_ZH = re.compile(r"[中内里时后前间上下]$")
"""合同中其责任: what stands before it says where or when, not whose."""

_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 1, "maxLength": 400}},
    "required": ["question"],
    "additionalProperties": False,
}


def rewrite(question: str, history: Sequence[Turn], chat: ChatModel | None) -> tuple[str, Usage]:
    """The question with what it refers to put in. Without a model the questions that one points to are put before
    it, also if it is too short to stand alone; so too where the model gives nothing usable."""
    asked = [turn.text for turn in history if turn.role == "user"]
    if not asked:
        return question, Usage()
    fallback = " ".join(leaning(question, history)) or f"{asked[-1][:TURN_CHARACTERS]} {question}"
    if chat is None:
        return fallback if _leans(question) else question, Usage()
    instruction = prompt("rewrite", language_of(question))
    talk = "\n".join(f"{turn.role}: {turn.text[:TURN_CHARACTERS]}" for turn in history[-TURNS:])
    request = ChatRequest(
        messages=(
            Message(role="system", text=instruction),
            Message(role="user", text=f"{talk}\nuser: {question}"),
        ),
        schema=_SCHEMA,
        max_tokens=150,
    )
    with span("chat", gen_ai__operation__name="rewrite", gen_ai__request__model=chat.name) as here:
        here.set(gezhi__prompt_hash=prompt_hash(instruction))
        reply = complete(chat, request)
        here.set(
            gen_ai__usage__input_tokens=reply.usage.input_tokens,
            gen_ai__usage__output_tokens=reply.usage.output_tokens,
        )
    return _question(reply.text) or fallback, reply.usage


def leaning(question: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """The questions that one points to and itself, the one that stands alone first: `how many were cancelled?`, `and in
    2024?`, `and in 2025?`. Empty if it stands alone."""
    if not _leans(question):
        return ()
    chain = [question]
    for turn in reversed(history[-2 * TURNS :]):
        if turn.role == "user":
            chain.append(turn.text[:TURN_CHARACTERS])
            if not _leans(turn.text):
                break
    return tuple(reversed(chain)) if len(chain) > 1 else ()


def _leans(question: str) -> bool:
    if language_of(question) == "zh":  # 从什么时候算起？ names nothing, however long it is
        short = cjk_count(question) < LEAST_CHARACTERS or cjk_count(_SMALL_ZH.sub("", question)) < LEAST_NAMED
    else:
        short = len(question.split()) < LEAST_WORDS
    return short or points_back(question)


def points_back(question: str) -> bool:
    """`and in 2024?`, `who is its manager?`: alone it would mean something else. What points to something that the
    question names itself does not: `which department overspent its budget?`."""
    text = question.strip()
    return bool(_OPENS.search(text)) or any(not _points_inside(text, one) for one in _BACK.finditer(text))


def _points_inside(question: str, pointer: re.Match[str]) -> bool:
    before, after = question[: pointer.start()], question[pointer.end() :]
    if pointer["qi"] or pointer["ta"]:
        return _named_in_chinese(before, formal=bool(pointer["qi"]), whose=after.startswith("的"))
    word = pointer.group().casefold()
    if word == "that":
        last = re.search(rf"\b(?!(?:{_SMALL})\b)[a-z][\w-]*\s*$", before, re.IGNORECASE)
        return last is not None and _RELATIVE.match(after) is not None  # `orders that were placed in 2025`
    if not pointer["his"] and not pointer["he"]:
        return False
    clauses = list(_CLAUSE.finditer(before))
    if clauses and _brought_in(before[: clauses[-1].start()], word, verb=False):
        return True
    return bool(pointer["his"]) and _brought_in(before, word, verb=True)


def _brought_in(before: str, word: str, *, verb: bool) -> bool:
    """Whether a noun that the pronoun can stand for comes before it; with `verb`, as the one who does something:
    not `the manager of its plant`."""
    for owner in (*_ASKED.finditer(before), *(_DOES.finditer(before) if verb else ())):
        how = (owner["is"] or owner["be"]).casefold() if owner.re is _DOES else owner["is"].casefold()
        if word in _OTHERS and (how in _PLURAL or (owner.re is _DOES and _several(owner["noun"]))):
            continue
        said = re.findall(r"[^\W\d_][\w-]*", before[owner.end() :].casefold())
        does = any(not _IS_SMALL.fullmatch(one) for one in said) or said[-1:] in (["have"], ["has"], ["had"])
        loose = how in ("a", "an", "any", "some") and _WAS.match(before)
        if not verb or (does and not loose and (said[-1] != "of" or how in ("which", "how many", "each", "every"))):
            return True
    return False


def _several(noun: str | None) -> bool:
    return noun is not None and noun.endswith("s") and not noun.endswith("ss") and noun[0].islower()


def _named_in_chinese(before: str, *, formal: bool, whose: bool) -> bool:
    """哪个部门超出了其预算; 合同何时到期，它的…. 其 is formal and goes back to the subject of its own sentence."""
    clause = re.search(r"[，,；;。？?]", before)
    if clause is not None and _NAMED_ZH.search(_SMALL_ZH.sub(" ", before[: clause.start()])):
        return True
    if _ASKED_ZH.search(before):
        return formal or whose
    return formal and _PLACED_ZH.search(before) is None and bool(_NAMED_ZH.search(_SMALL_ZH.sub(" ", before)))


def _question(reply: str) -> str:
    found = first_object(reply).get("question")
    return " ".join(found.split()) if isinstance(found, str) else ""
