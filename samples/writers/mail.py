"""The incident e-mail: an English and a Chinese part and a small log as attachment."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

LOG = """time_cest,seal_leakage_l_per_h,vibration_mm_s,medium_temp_c,code
03:10,0.4,2.8,151,
03:20,0.6,2.9,151,
03:30,1.1,3.3,152,
03:36,2.3,3.9,152,E07
03:40,9.8,5.2,152,E07
03:42,640.0,8.4,152,E05
03:44,0.0,0.2,149,STOP
"""


def write_mail(english: str, chinese: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Marijke de Boer <m.deboer@hengchuan.example>"
    mail["To"] = "吴晓峰 <wu.xiaofeng@hengchuan.example>, 陆建国 <lu.jianguo@hengchuan.example>"
    mail["Cc"] = "Jeroen Kuipers <j.kuipers@hengchuan.example>, 韩雪梅 <han.xuemei@hengchuan.example>"
    mail["Date"] = "Wed, 14 Aug 2024 09:18:00 +0200"
    mail["Subject"] = "Incident RTM-2024-08: seal failure on PPR-9087, test bench 4 / 4号试验台密封失效"
    mail["Message-ID"] = "<rtm-2024-08.1@hengchuan.example>"
    mail.set_content(f"{english.strip()}\n\n----\n\n{chinese.strip()}\n", cte="base64")
    mail.add_attachment(LOG, subtype="csv", filename="bench4-2024-08-14.csv", cte="base64")
    mail.set_boundary("=_hengchuan_rtm_2024_08")
    return mail.as_bytes()
