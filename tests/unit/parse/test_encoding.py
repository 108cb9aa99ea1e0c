from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.parse.encoding import decode

SIMPLIFIED = [
    "你好，世界",
    "合同编号：2024-001，甲方应付款。",
    "违约金是多少？",
    "本产品保修期为两年，请妥善保管发票。",
    "上海交通大学",
    "客户名称,订单金额\n北京公司,1200\n",
]
TRADITIONAL = ["臺灣的網路", "維基百科是一個自由的百科全書。", "請輸入您的姓名與地址。", "這個軟體很好用", "會議記錄"]


@pytest.mark.parametrize("text", SIMPLIFIED)
@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_simplified(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert found is not None and found.text == text


@pytest.mark.parametrize("text", TRADITIONAL)
@pytest.mark.parametrize("encoding", ["big5", "utf-8", "utf-16", "gb18030"])
def test_traditional(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert found is not None and found.text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("これはテストの文章です。会社の契約書", "cp932"),
        ("これはテストの文章です。会社の契約書", "euc_jp"),
        ("이것은 한국어 문장입니다. 계약서를 확인하세요.", "cp949"),
        ("Le café coûte 3 €, déjà vu à l’hôtel.", "cp1252"),
        ("Grüße aus München, schöne Straße", "latin-1"),
        ("B: 中文\nA: English line\n", "utf-16-le"),
        ("plain lines\nof ascii", "utf-16-be"),
        ("plain lines\nof ascii", "utf-32-le"),
    ],
)
def test_others(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert found is not None and found.text == text


def test_label_is_believed_where_it_fits() -> None:
    assert decode("зима".encode("koi8-r"), "koi8-r").text == "зима"  # type: ignore[union-attr]
    assert decode("中文".encode(), "gb2312").text == "中文"  # type: ignore[union-attr]


def test_damaged_utf8_says_so() -> None:
    data = ("很长的一段中文文字。" * 20).encode() + b"\xff" + "结尾".encode()
    found = decode(data)
    assert found is not None and found.encoding == "utf-8" and found.replaced == 1
    assert "结尾" in found.text


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, b"\x00\x01\x02\x03" * 50, b"MZ\x90\x00\x03" + b"\x00" * 200])
def test_binary_is_no_text(data: bytes) -> None:
    assert decode(data) is None


@given(st.text(min_size=1))
def test_utf8_round_trip(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    found = decode(data)
    if found is not None and found.encoding == "utf-8" and not data.startswith(b"\xef\xbb\xbf"):
        assert found.text == data.decode()
