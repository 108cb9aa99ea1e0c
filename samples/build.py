"""Write the sample documents of the invented company Hengchuan Fluid Systems.

The same inputs give the same bytes (fixed dates, seed and archive times), as long as the library versions are the same.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from pathlib import Path

from catalogue import orders, price_sheets, report_tables, specifications
from writers.blocks import read_blocks
from writers.mail import write_mail
from writers.pdf import write_pdf
from writers.sheets import write_xlsx
from writers.slides import write_pptx
from writers.word import write_docx

HERE = Path(__file__).parent
CHINESE_FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")


def build(font: Path) -> dict[str, bytes]:
    """File name to contents, for every sample document."""

    def text(name: str) -> str:
        return (HERE / "texts" / name).read_text(encoding="utf-8")

    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(orders())
    report = read_blocks(text("annual-report-2024.md"), report_tables())
    safety = read_blocks(text("2024年度安全生产报告.md"))
    return {
        "employee-handbook.md": text("employee-handbook.md").encode(),
        "员工手册补充规定.md": text("员工手册补充规定.md").encode(),
        "供货合同-HC-SC-2024-0618.docx": write_docx(read_blocks(text("供货合同-HC-SC-2024-0618.md"))),
        "service-agreement-HFS-SA-2024-031.docx": write_docx(read_blocks(text("service-agreement-HFS-SA-2024-031.md"))),
        "annual-report-2024.pdf": write_pdf(
            report, chinese=False, font=font, footer="Hengchuan Fluid Systems · Annual Report 2024"
        ),
        "2024年度安全生产报告.pdf": write_pdf(safety, chinese=True, font=font, footer="衡川流体 EHS-2024-AR"),
        "product-launch-PPR-9200.pptx": write_pptx(read_blocks(text("product-launch-PPR-9200.md"))),
        "support-faq.html": text("support-faq.html").encode(),
        "price-list-2025.xlsx": write_xlsx(price_sheets()),
        "orders-2024-2025.csv": table.getvalue().encode("utf-8-sig"),  # the mark lets Excel read the Chinese names
        "incident-rotterdam-2024-08-14.eml": write_mail(text("incident-en.txt"), text("incident-zh.txt")),
        "质量例会纪要-2024-08-21.txt": text("质量例会纪要-2024-08-21.txt").encode("gb18030"),
        "product-specs.json": (json.dumps(specifications(), ensure_ascii=False, indent=1) + "\n").encode(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "documents", help="folder to write to")
    parser.add_argument("--font", type=Path, default=CHINESE_FONT, help="TrueType font with Chinese glyphs")
    options = parser.parse_args()
    if not options.font.exists():
        parser.error(f"no font at {options.font}; install the package fonts-wqy-microhei or pass --font")
    options.out.mkdir(parents=True, exist_ok=True)
    for name, data in build(options.font).items():
        (options.out / name).write_bytes(data)
        print(f"{len(data):>8,}  {name}")


if __name__ == "__main__":
    main()
