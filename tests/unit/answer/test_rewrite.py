"""A follow-up without a chat model: the last question goes before what cannot stand alone, and only before that."""

from __future__ import annotations

import pytest

from gezhi.answer.rewrite import points_back, rewrite
from gezhi.types import Turn

BEFORE = "What was the net profit in 2023?"
HISTORY = (Turn(role="user", text=BEFORE), Turn(role="assistant", text="155.7"))


@pytest.mark.parametrize(
    "question",
    [
        "And in 2024?",
        "Why?",
        "Who approved it?",
        "What did they say about the plant?",
        "那2024年呢？",
        "谁批准的？",
        "从什么时候算起？",
        "是从哪一年开始的？",
        "它是什么时候公布的？",
    ],
)
def test_what_leans_on_the_last_question(question: str) -> None:
    assert rewrite(question, HISTORY, None)[0] == f"{BEFORE} {question}"
    assert rewrite(question, (), None)[0] == question


@pytest.mark.parametrize(
    "question",
    [
        "How many days of leave do employees in Rotterdam get?",
        "苏州工厂有多少名员工？",
        "Which documents mention PPR-9087?",
    ],
)
def test_what_stands_alone(question: str) -> None:
    assert rewrite(question, HISTORY, None)[0] == question


@pytest.mark.parametrize(
    "question",
    [
        "Which department overspent its budget?",
        "Which suppliers raised their prices in 2024?",
        "How many employees have their birthday in May?",
        "May an employee carry over their leave to next year?",
        "Does the contractor have to return its tools?",
        "What does the company pay its managers?",
        "When must suppliers deliver their goods?",
        "Why did Acme close its plant in Leeds?",
        "Is the company allowed to sell its assets?",
        "Are the employees insured on their way to work?",
        "What happens to a laptop when it is lost?",
        "Which machines must be stopped before they are cleaned?",
        "How long may an employee be ill before they need a certificate?",
        "How many orders were placed this year?",
        "How many orders that were placed in 2025 are there?",
        "Which invoices that are unpaid exceed 1000?",
        "Which company sold most of its shares?",
        "How can an employee reset their password?",
        "Every supplier sends its invoice to whom?",
        "If a customer cancels, does he get his money back?",
        "Which project manager exceeded his travel budget?",
        "How do employees submit their expenses?",
        "哪个部门超出了其预算？",
        "哪个产品的销量超过了它的目标？",
        "供应商必须在其报价中注明什么？",
        "公司对其员工有什么要求？",
        "土耳其有多少客户？",
        "员工应该如何申请请假？",
        "公司的其他福利有哪些？",
        "这个月的销售额是多少？",
        "合同是什么时候签订的，它的期限是多久？",
        "设备能否转让给他人？",
        "尤其需要注意哪些安全事项？",
        "每个员工可以带走其个人物品吗？",
        "哪些供应商提高了它们的价格？",
        "员工该如何报销差旅费？",
    ],
)
def test_what_points_to_something_in_the_question_itself(question: str) -> None:
    assert not points_back(question)
    assert rewrite(question, HISTORY, None)[0] == question


@pytest.mark.parametrize(
    "question",
    [
        "Who is its manager?",
        "What was the reason for its delay?",
        "What is the price of its largest product?",
        "How many employees work in its plants?",
        "How many of its orders were late?",
        "What did they say about the plant?",
        "When was it bought and what is its price?",
        "And in 2024?",
        "Why was that cancelled?",
        "What does that mean for us?",
        "Is that required by law?",
        "What does the contract say about it?",
        "Who approved it?",
        "How many of them were cancelled?",
        "What is their total amount?",
        "Did the manager of its plant resign?",
        "What does this contract say about penalties?",
        "How do I reset its password?",
        "Where is a copy of its contract?",
        "Who was its director when the plant opened?",
        "Which day is its deadline?",
        "Who else signed the contract?",
        "What is a certified copy of its statutes?",
        "What was the weather when it happened?",
        "Do you know when it was bought?",
        "它是什么时候公布的？",
        "谁是其经理？",
        "2023年其收入是多少？",
        "为什么其预算超支了？",
        "保修期内其维修费用由谁承担？",
        "供应商什么时候通知它？",
        "该合同什么时候到期？",
        "这家公司的总部在哪里？",
        "其他部门有多少人？",
        "去年其收入增长了多少？",
        "保修期内它的维修费用由谁承担？",
        "他的部门是哪个？",
        "那2024年呢？",
        "请问其预算是多少？",
        "其中有多少笔被取消了？",
        "什么时候其合同到期？",
        "公司什么时候批准了那份合同？",
    ],
)
def test_what_points_to_something_before(question: str) -> None:
    assert points_back(question)
