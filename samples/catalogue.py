"""Products, prices, specifications, orders and the annual report's figures: all that is computed, not written."""

from __future__ import annotations

import random
from datetime import date, timedelta

EUR_IN_CNY = 7.80  # the fixed internal rate of 2024 and 2025

# series: Chinese name, English name, plant, currency, {number: (size, list price, lead time in weeks, mass in kg)}
Sizes = dict[str, tuple[str, int, int, int]]
PUMPS: dict[str, tuple[str, str, str, str, Sizes]] = {
    "PPR": ("化工流程泵", "Process pump", "Rotterdam", "EUR", {
        "9035": ("DN 32", 6850, 8, 118), "9050": ("DN 50", 7920, 8, 164), "9065": ("DN 65", 9380, 10, 221),
        "9087": ("DN 80", 11900, 10, 287), "9105": ("DN 100", 14250, 12, 352), "9120": ("DN 125", 17600, 12, 468),
        "9200": ("DN 100", 14600, 14, 341)}),
    "MSB": ("多级锅炉给水泵", "Multistage boiler feed pump", "Rotterdam", "EUR", {
        "4080": ("DN 80", 21400, 14, 610), "4100": ("DN 100", 26900, 16, 785), "4120": ("DN 125", 33750, 16, 1020),
        "4140": ("DN 125", 38200, 18, 1190), "4160": ("DN 150", 44600, 18, 1430), "4200": ("DN 200", 61300, 22, 1985)}),
    "MDP": ("磁力驱动泵", "Magnetic drive pump", "Suzhou", "CNY", {
        "3065": ("DN 25", 13600, 5, 42), "3100": ("DN 32", 18900, 5, 61), "3150": ("DN 40", 26400, 6, 83),
        "3200": ("DN 50", 35700, 6, 112), "3250": ("DN 65", 44800, 7, 148), "3320": ("DN 80", 58200, 8, 196),
        "3400": ("DN 100", 76900, 9, 263)}),
    "SLP": ("渣浆泵", "Slurry pump", "Suzhou", "CNY", {
        "5080": ("DN 80", 38400, 8, 340), "5100": ("DN 100", 49700, 8, 465), "5150": ("DN 150", 73200, 10, 820),
        "5200": ("DN 200", 108500, 12, 1360), "5250": ("DN 250", 149800, 14, 2140)}),
    "VTP": ("立式长轴泵", "Vertical turbine pump", "Suzhou", "CNY", {
        "6150": ("DN 150", 68900, 10, 740), "6200": ("DN 200", 92300, 11, 1080), "6250": ("DN 250", 124700, 12, 1510),
        "6300": ("DN 300", 171500, 14, 2190), "6400": ("DN 400", 258000, 18, 3620)}),
    "DMP": ("计量泵", "Dosing pump", "Suzhou", "CNY", {
        "1010": ("10 l/h", 6200, 4, 14), "1025": ("25 l/h", 7450, 4, 16), "1060": ("60 l/h", 9100, 4, 21),
        "1120": ("120 l/h", 11800, 5, 29), "1300": ("300 l/h", 16900, 6, 44)}),
    "SPK": ("机械密封备件包", "Seal kit", "Rotterdam", "EUR", {
        "9087": ("for PPR-9087", 1720, 1, 2), "9200": ("for PPR-9200", 2080, 2, 2),
        "4160": ("for MSB-4160", 3350, 3, 4)}),
    "BRS": ("轴承组件", "Bearing set", "Rotterdam", "EUR", {
        "9087": ("for PPR-9087", 640, 1, 6), "4160": ("for MSB-4160", 1480, 2, 17)}),
}  # fmt: skip
VALVES: dict[str, tuple[str, str, str, str, Sizes]] = {
    "CVG": ("气动调节阀", "Control valve", "Suzhou", "CNY", {
        "2025": ("DN 25", 9800, 5, 17), "2040": ("DN 40", 12300, 5, 26), "2050": ("DN 50", 14700, 6, 34),
        "2065": ("DN 65", 17200, 6, 45), "2080": ("DN 80", 20300, 6, 58), "2100": ("DN 100", 26800, 7, 81),
        "2150": ("DN 150", 41500, 9, 147)}),
    "BFV": ("金属硬密封蝶阀", "Metal-seated butterfly valve", "Suzhou", "CNY", {
        "1100": ("DN 100", 3850, 4, 19), "1150": ("DN 150", 5200, 4, 28), "1200": ("DN 200", 6900, 5, 41),
        "1250": ("DN 250", 8450, 5, 57), "1300": ("DN 300", 10200, 6, 76), "1400": ("DN 400", 16800, 7, 132),
        "1600": ("DN 600", 35400, 10, 318)}),
    "GTV": ("闸阀", "Gate valve", "Suzhou", "CNY", {
        "7050": ("DN 50", 1480, 3, 18), "7080": ("DN 80", 2150, 3, 31), "7100": ("DN 100", 2790, 3, 42),
        "7150": ("DN 150", 4630, 4, 78), "7200": ("DN 200", 7250, 4, 121), "7300": ("DN 300", 14900, 6, 264)}),
    "BLV": ("球阀", "Ball valve", "Suzhou", "CNY", {
        "8015": ("DN 15", 420, 2, 2), "8025": ("DN 25", 690, 2, 4), "8040": ("DN 40", 1150, 2, 8),
        "8050": ("DN 50", 1560, 3, 11), "8080": ("DN 80", 3240, 3, 22), "8100": ("DN 100", 4880, 4, 34),
        "8150": ("DN 150", 9650, 5, 71)}),
    "SFV": ("安全阀", "Safety valve", "Suzhou", "CNY", {
        "9515": ("DN 15", 1890, 4, 5), "9525": ("DN 25", 2640, 4, 9), "9540": ("DN 40", 3980, 5, 16),
        "9550": ("DN 50", 5120, 5, 22), "9580": ("DN 80", 8760, 6, 43), "9610": ("DN 100", 12450, 7, 64)}),
    "CKV": ("止回阀", "Check valve", "Suzhou", "CNY", {
        "3525": ("DN 25", 560, 2, 4), "3550": ("DN 50", 1120, 2, 10), "3580": ("DN 80", 1980, 3, 19),
        "3610": ("DN 100", 2640, 3, 28), "3615": ("DN 150", 4750, 4, 54), "3620": ("DN 200", 7900, 5, 92)}),
}  # fmt: skip

PRICE_HEAD = [
    "产品代码 Product code", "名称 Name", "English name", "规格 Size", "目录价 List price", "币种 Currency",
    "交货期(周) Lead time (weeks)", "产地 Plant", "质量 Mass (kg)",
]  # fmt: skip


def price_sheets() -> dict[str, list[list[str | int]]]:
    sheets: dict[str, list[list[str | int]]] = {}
    for name, series in (("泵 Pumps", PUMPS), ("阀 Valves", VALVES)):
        rows: list[list[str | int]] = [list(PRICE_HEAD)]
        for prefix, (chinese, english, plant, currency, sizes) in series.items():
            for number, (size, price, weeks, mass) in sizes.items():
                rows.append([f"{prefix}-{number}", chinese, english, size, price, currency, weeks, plant, mass])
        sheets[name] = rows
    return sheets


# customer: region, discount on the list price
CUSTOMERS: dict[str, tuple[str, float]] = {
    "东澜化工": ("China", 0.08), "北岭电力": ("China", 0.06), "宁溪水务": ("China", 0.05),
    "华沅制药": ("China", 0.04), "西陵矿业": ("China", 0.07), "嘉泽新材料": ("China", 0.03),
    "Noordhaven Terminals": ("Europe", 0.07), "Brandvik Chemie": ("Europe", 0.05), "Lautertal Papier": ("Europe", 0.03),
    "Qasr Marin Desalination": ("Middle East", 0.09), "Dahna Petrochem": ("Middle East", 0.06),
    "Selat Palm Oil": ("Southeast Asia", 0.04), "Mekora Fertilizer": ("Southeast Asia", 0.05),
    "Alder Ridge Mining": ("Americas", 0.05), "Cobremar Minera": ("Americas", 0.06),
}  # fmt: skip
ORDER_HEAD = [
    "order_id", "order_date", "customer", "region", "product_code",
    "quantity", "unit_price_cny", "amount_cny", "status",
]  # fmt: skip
# lines that other documents speak of: (date, customer, code, quantity, unit price)
FIXED_ORDERS = [
    (date(2024, 6, 18), "东澜化工", "PPR-9087", 12, 86500),
    (date(2024, 6, 18), "东澜化工", "MDP-3250", 8, 41200),
    (date(2024, 6, 18), "东澜化工", "CVG-2080", 30, 18600),
    (date(2024, 6, 18), "东澜化工", "BFV-1300", 24, 9350),
    (date(2024, 6, 18), "东澜化工", "SPK-9087", 6, 12500),
    (date(2024, 4, 9), "Noordhaven Terminals", "PPR-9087", 14, 86320),
    (date(2024, 5, 14), "Qasr Marin Desalination", "PPR-9087", 5, 84470),
    (date(2025, 4, 2), "东澜化工", "PPR-9200", 3, 104770),
]
FIRST_DAY, LAST_DAY, ORDERS = date(2024, 1, 2), date(2025, 6, 30), 600
LAUNCH = date(2025, 3, 26)  # PPR-9200 cannot be ordered before


def orders(seed: int = 20240618) -> list[list[str | int]]:
    """Order lines by date; amount = quantity * unit price, to the yuan."""
    chance = random.Random(seed)
    prices: dict[str, float] = {}
    weights: dict[str, int] = {}
    for series, weight in ((PUMPS, 3), (VALVES, 4)):
        for prefix, (_, _, _, currency, sizes) in series.items():
            for number, (_, price, _, _) in sizes.items():
                prices[f"{prefix}-{number}"] = price * (EUR_IN_CNY if currency == "EUR" else 1)
                weights[f"{prefix}-{number}"] = weight
    weights["PPR-9087"] = 0  # its lines are all in FIXED_ORDERS or in the early days below
    lines = list(FIXED_ORDERS)
    while len(lines) < ORDERS:
        day = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days + 1))
        customer = chance.choices(list(CUSTOMERS), [6, 4, 4, 3, 3, 3, 4, 3, 2, 4, 3, 2, 2, 2, 2])[0]
        if chance.random() < 0.02 and day < date(2024, 3, 1):
            code = "PPR-9087"
        else:
            code = chance.choices(list(weights), list(weights.values()))[0]
        if day.weekday() >= 5 or (code.endswith("-9200") and day < LAUNCH):
            continue
        price = round(prices[code] * (1 - CUSTOMERS[customer][1]))
        top = 6 if price > 50000 else 20 if price > 8000 else 60
        lines.append((day, customer, code, chance.randint(1, top), price))
    lines.sort(key=lambda line: line[0])
    rows: list[list[str | int]] = [list(ORDER_HEAD)]
    counts = {2024: 0, 2025: 0}
    for day, customer, code, quantity, price in lines:
        counts[day.year] += 1
        if chance.random() < 0.03 and price not in {line[4] for line in FIXED_ORDERS}:
            status = "cancelled"
        elif day < date(2025, 4, 1):
            status = "delivered"
        else:
            status = chance.choice(["delivered", "shipped", "in production", "in production"])
        if code == "PPR-9200":
            status = "in production"
        rows.append([
            f"HC-{day:%y}-{counts[day.year]:04}", day.isoformat(), customer, CUSTOMERS[customer][0], code,
            quantity, price, quantity * price, status,
        ])  # fmt: skip
    return rows


REVENUE = {  # region: four quarters of 2024, year 2023 (CNY m)
    "China": (182.4, 205.1, 214.8, 231.7, 771.4),
    "Europe": (118.6, 124.3, 109.2, 131.5, 468.2),
    "Middle East": (46.2, 51.8, 55.4, 60.1, 182.9),
    "Southeast Asia": (38.9, 42.7, 44.1, 47.6, 149.6),
    "Americas": (29.8, 33.4, 35.6, 39.4, 122.7),
}
LINES = {"Pumps": (1012.6, 1108.3), "Valves": (481.7, 512.9), "Service and spare parts": (200.5, 221.4)}


def report_tables() -> dict[str, list[list[str]]]:
    totals = tuple(round(sum(column), 1) for column in zip(*REVENUE.values(), strict=True))
    regions = [["Region", "Q1", "Q2", "Q3", "Q4", "2024", "2023", "Change"]]
    for name, (*quarters, before) in {**REVENUE, "Total": totals}.items():
        year = sum(quarters)
        regions.append([name, *(f"{x:,.1f}" for x in (*quarters, year, before)), f"{year / before - 1:+.1%}"])
    products = [["Product line", "2023", "2024", "Change", "Share of 2024"]]
    before, year = (round(sum(column), 1) for column in zip(*LINES.values(), strict=True))
    if (before, year) != (totals[4], round(sum(totals[:4]), 1)):
        raise ValueError("the two revenue tables of the annual report disagree")
    for name, (old, new) in {**LINES, "Total": (before, year)}.items():
        products.append([name, f"{old:,.1f}", f"{new:,.1f}", f"{new / old - 1:+.1%}", f"{new / year:.1%}"])
    return {"regions": regions, "lines": products}


SPEC_HEAD = [
    "code", "name_en", "name_zh", "max_flow_m3_h", "max_head_m", "design_pressure_mpa", "max_medium_temp_c",
    "best_efficiency_percent", "motor_kw", "seal", "casing_material", "mass_kg", "plant",
]  # fmt: skip
SPEC_ROWS: list[tuple[str, float, float, float, int, float, float, str, str]] = [
    ("PPR-9035", 45, 80, 2.5, 180, 58.5, 15, "single mechanical seal, FFKM", "1.4408"),
    ("PPR-9050", 90, 95, 2.5, 180, 65.0, 22, "single mechanical seal, FFKM", "1.4408"),
    ("PPR-9065", 180, 110, 2.5, 180, 70.5, 45, "single mechanical seal, FFKM", "1.4408"),
    ("PPR-9087", 320, 125, 2.5, 180, 74.5, 75, "single mechanical seal, FFKM", "1.4517 duplex"),
    ("PPR-9105", 480, 130, 2.5, 180, 76.0, 110, "double mechanical seal, FFKM", "1.4517 duplex"),
    ("PPR-9120", 700, 135, 2.5, 180, 77.2, 160, "double mechanical seal, FFKM", "1.4517 duplex"),
    ("PPR-9200", 360, 140, 4.0, 220, 78.0, 90, "single mechanical seal, FFKM, HC-Link", "1.4517 duplex"),
    ("MSB-4100", 120, 640, 10.0, 190, 72.0, 200, "double mechanical seal, SiC", "1.4313"),
    ("MSB-4160", 280, 820, 12.5, 190, 76.5, 630, "double mechanical seal, SiC", "1.4313"),
    ("MDP-3150", 32, 50, 1.6, 120, 52.0, 7.5, "none (magnetic drive)", "PFA lined iron"),
    ("MDP-3250", 80, 65, 1.6, 120, 59.5, 18.5, "none (magnetic drive)", "PFA lined iron"),
    ("SLP-5150", 360, 55, 1.2, 80, 68.0, 110, "expeller and packing", "Cr27 white iron"),
    ("VTP-6250", 900, 60, 1.6, 60, 81.0, 185, "packing", "ductile iron"),
    ("DMP-1060", 0.06, 100, 1.0, 60, 40.0, 0.25, "PTFE diaphragm", "PVDF"),
]


def specifications() -> list[dict[str, str | float]]:
    result = []
    for code, flow, head, pressure, temperature, efficiency, power, seal, casing in SPEC_ROWS:
        prefix, number = code.split("-")
        chinese, english, plant, _, sizes = PUMPS[prefix]
        values = [code, english, chinese, flow, head, pressure, temperature, efficiency, power, seal, casing]
        result.append(dict(zip(SPEC_HEAD, [*values, sizes[number][3], plant], strict=True)))
    return result
