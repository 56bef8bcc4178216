"""What stands in the studio: a dozen things that shops sell, each drawn in a colour of its own."""

from math import cos, pi, sin

from infra.local.studio import (
    BALL,
    FLAT,
    GLOSSY,
    ROUND,
    Shape,
    Studio,
    bezier,
    blob,
    block,
    curve,
    ellipse,
    line,
    polygon,
)


def bottle(studio: Studio, tint: str) -> None:
    """A steel water bottle."""
    studio.shadow(380, 620, 862)
    neck = polygon((440, 262), (560, 262), (596, 300), (620, 352), (380, 352), (404, 300))
    studio.body(tint, block(380, 330, 620, 870, 44), neck, light=GLOSSY)
    studio.body("#b9bec6", block(446, 236, 554, 270, 6), light=GLOSSY)
    studio.body("#24272d", block(436, 140, 564, 242, 20), light=GLOSSY)
    studio.body("#f4f4f0", polygon((478, 560), (522, 560), (500, 500)), ellipse(478, 536, 522, 584), light=FLAT)


def mug(studio: Studio, tint: str) -> None:
    """A stoneware mug with coffee in it."""
    studio.shadow(300, 660, 806)
    studio.body(tint, curve((640, 470), (820, 440), (820, 720), (620, 700), width=46), light=ROUND)
    studio.body(tint, block(290, 400, 670, 800, 70), block(290, 400, 670, 700), ellipse(290, 350, 670, 450))
    studio.body("#e9e2d6", ellipse(290, 350, 670, 450), light=((0, 1.2), (1, 0.8)))
    studio.body("#3b2416", ellipse(312, 366, 648, 440), light=((0, 0.5), (0.6, 1.0), (1, 1.35)))
    studio.gleam(ellipse(400, 384, 520, 408), softness=10, strength=90)
    studio.gleam(block(356, 470, 386, 720, 15), softness=16, strength=120)


def shoe(studio: Studio, tint: str) -> None:
    """A running shoe, from its side."""
    studio.shadow(130, 870, 752, depth=46)
    studio.body("#23262d", blob((330, 470), (350, 330), (400, 320), (470, 400), (480, 520)), light=GLOSSY)
    heel = bezier([(142, 700), (112, 600), (178, 540), (142, 420), (168, 384), (205, 404)])
    collar = bezier([(205, 404), (250, 486), (330, 470), (395, 392)])
    instep = bezier([(395, 392), (470, 500), (600, 540), (700, 560)])
    toe = bezier([(700, 560), (850, 580), (905, 630), (892, 706)])
    down = ((0, 1.35), (0.35, 1.0), (1, 0.55))
    studio.body(tint, polygon(*heel, *collar, *instep, *toe), light=down, direction="down")
    studio.gleam(
        blob((150, 690), (128, 560), (190, 540), (270, 560), (300, 700)), softness=2, strength=90, tint="black"
    )
    studio.gleam(
        blob((730, 700), (700, 600), (800, 570), (960, 640), (880, 710)), softness=2, strength=70, tint="black"
    )
    studio.gleam(curve((420, 450), (490, 540), (600, 580), (690, 590), width=16), softness=2, strength=90, tint="black")
    studio.body("#f7f7f4", curve((250, 664), (360, 560), (430, 690), (640, 614), width=24), light=FLAT)
    for step in range(5):
        x, y = 425 + step * 52, 440 + step * 29 - step * step
        studio.body("#fafafa", line((x, y), (x - 16, y + 44), width=13), light=FLAT)
    edge = [(128, 690), (500, 664), (600, 720), (906, 668)]
    under = [(916, 700), (900, 776), (700, 752), (150, 756)]
    white = ((0, 1.0), (0.5, 0.95), (1, 0.62))
    studio.body("#fbfbf8", polygon(*bezier(edge), *bezier(under)), light=white, direction="down")
    studio.body("#2a2d33", curve((160, 752), (500, 752), (700, 752), (850, 738), width=14), light=FLAT)


def gift(studio: Studio, tint: str) -> None:
    """A box with a ribbon."""
    studio.shadow(250, 760, 830)
    studio.body(tint, polygon((250, 430), (560, 470), (560, 850), (250, 790)), light=((0, 0.95), (1, 1.2)))
    studio.body(tint, polygon((560, 470), (770, 420), (770, 770), (560, 850)), light=((0, 0.75), (1, 0.5)))
    studio.body(tint, polygon((232, 360), (470, 330), (790, 356), (562, 400)), light=((0, 1.5), (1, 1.2)))
    studio.body(tint, polygon((232, 360), (562, 400), (562, 478), (240, 436)), light=((0, 1.0), (1, 1.28)))
    studio.body(tint, polygon((562, 400), (790, 356), (782, 426), (562, 478)), light=((0, 0.8), (1, 0.55)))
    ribbon = "#f3e3c0"
    studio.body(ribbon, polygon((384, 378), (440, 385), (440, 826), (384, 815)), light=((0, 1.0), (1, 0.8)))
    studio.body(ribbon, polygon((650, 383), (692, 375), (692, 800), (650, 816)), light=((0, 0.7), (1, 0.5)))
    studio.body(ribbon, curve((500, 366), (300, 180), (330, 340), (500, 366), width=34), light=GLOSSY)
    studio.body(ribbon, curve((500, 366), (700, 180), (690, 340), (500, 366), width=34), light=GLOSSY)
    studio.body(ribbon, ellipse(474, 338, 528, 384), light=BALL, direction="around")


def lamp(studio: Studio, tint: str) -> None:
    """A desk lamp that is on."""
    studio.shadow(330, 590, 850)
    studio.body("#3b3d42", line((460, 836), (380, 520), (600, 300), width=20), light=GLOSSY)
    studio.body(tint, ellipse(340, 800, 580, 864), light=GLOSSY)
    studio.body("#fff2c4", ellipse(560, 400, 800, 476), light=((0, 1.6), (1, 1.4)))
    studio.body(
        tint, polygon((640, 220), (720, 250), (800, 440), (556, 436)), ellipse(636, 206, 724, 290), light=GLOSSY
    )
    studio.body("#fff6da", ellipse(566, 412, 792, 466), light=((0, 1.2), (1, 1.0)))
    studio.body("#888b90", ellipse(362, 502, 398, 538), light=BALL, direction="around")


def vase(studio: Studio, tint: str) -> None:
    """A vase with three stems."""
    for x, y, bloom in ((430, 190, "#e8c14d"), (520, 130, "#e59a3c"), (610, 220, "#d9b13a")):
        studio.body("#56714a", curve((500, 480), (490, 360), (x, y + 60), (x, y), width=10), light=FLAT)
        studio.body(bloom, *_petals(x, y), light=BALL, direction="around")
        studio.body("#6b3f1d", ellipse(x - 28, y - 28, x + 28, y + 28), light=BALL, direction="around")
    studio.shadow(430, 570, 806)
    side = [(450, 430), (440, 560), (250, 640), (360, 866)]
    studio.body(tint, blob(*side, (500, 890), *[(1000 - x, y) for x, y in reversed(side)]), light=GLOSSY)
    studio.body(tint, ellipse(440, 410, 560, 452), light=((0, 0.4), (1, 0.9)))


def _petals(x: float, y: float) -> list[Shape]:
    around = [(x + 44 * cos(n * pi / 4), y + 44 * sin(n * pi / 4)) for n in range(8)]
    return [ellipse(left - 30, top - 30, left + 30, top + 30) for left, top in around]


def headphones(studio: Studio, tint: str) -> None:
    """Over-ear headphones, standing."""
    studio.shadow(270, 740, 800)
    studio.body("#2b2e35", curve((290, 560), (250, 100), (750, 100), (710, 560), width=58), light=GLOSSY)
    studio.body(tint, curve((300, 430), (310, 150), (690, 150), (700, 430), width=18), light=FLAT)
    for left, right in ((230, 370), (630, 770)):
        studio.body("#17191e", block(left + 24, 500, right - 24, 800, 56), light=GLOSSY)
        studio.body(tint, block(left, 520, right, 780, 66), light=GLOSSY)
        studio.gleam(block(left + 34, 560, left + 54, 730, 10), softness=8)


def clock(studio: Studio, tint: str) -> None:
    """A wall clock at ten past ten."""
    studio.shadow(270, 740, 838, depth=30)
    studio.body(tint, ellipse(190, 190, 810, 810), light=BALL, direction="around")
    studio.body("#fdfcf8", ellipse(230, 230, 770, 770), light=((0, 1.0), (1, 0.86)), direction="down")
    for hour in range(12):
        x, y, inner = sin(hour * pi / 6), -cos(hour * pi / 6), 205 if hour % 3 else 185
        ends = (500 + inner * x, 500 + inner * y), (500 + 232 * x, 500 + 232 * y)
        studio.body("#2a2c31", line(*ends, width=8 if hour % 3 else 16), light=FLAT)
    studio.body("#202226", line((500, 500), (392, 410), width=20), line((500, 500), (650, 380), width=13), light=FLAT)
    studio.body("#c8452f", line((470, 560), (590, 320), width=5), ellipse(482, 482, 518, 518), light=FLAT)
    studio.gleam(blob((270, 420), (330, 250), (600, 230), (420, 330)), softness=24, strength=110)


def candle(studio: Studio, tint: str) -> None:
    """A scented candle in a glass."""
    studio.shadow(350, 650, 822)
    studio.body(tint, block(345, 430, 655, 830, 40), ellipse(345, 396, 655, 470), light=GLOSSY)
    studio.body("#f6ecd9", ellipse(360, 404, 640, 464), light=((0, 1.0), (1, 0.8)))
    studio.body("#3a332c", line((500, 432), (500, 372), width=8), light=FLAT)
    flame = blob((500, 396), (430, 370), (480, 300), (500, 190), (520, 300), (570, 370))
    studio.body("#f6a821", flame, light=((0, 1.0), (1, 1.4)), direction="down")
    studio.gleam(ellipse(482, 320, 518, 388), softness=8, strength=220)
    studio.body("#fbf8f1", block(400, 560, 600, 720, 8), light=ROUND)
    studio.body("#8a7a64", block(430, 610, 570, 618), block(450, 644, 550, 650), block(465, 668, 535, 673), light=FLAT)


def notebook(studio: Studio, tint: str) -> None:
    """A hard-cover notebook with an elastic band."""
    studio.shadow(300, 700, 838, depth=34)
    studio.body("#efe9dc", block(312, 196, 712, 850, 14), light=((0, 0.9), (1, 0.7)))
    studio.body(
        tint, block(290, 180, 694, 840, 20), light=((0, 0.6), (0.06, 0.95), (0.1, 0.7), (0.14, 1.15), (1, 0.85))
    )
    studio.body("#1c1d20", block(640, 180, 660, 840), light=ROUND)
    studio.body("#e5c98d", block(380, 330, 580, 440, 6), light=((0, 1.25), (0.5, 0.95), (1, 1.15)))
    studio.gleam(polygon((330, 200), (470, 200), (360, 820), (310, 820)), softness=40, strength=60)


def ball(studio: Studio, tint: str) -> None:
    """A basketball."""
    studio.shadow(330, 690, 826, depth=50)
    studio.body(tint, ellipse(230, 270, 790, 830), light=BALL, direction="around")
    seams = (
        curve((510, 270), (470, 450), (470, 650), (510, 830), width=9),
        curve((230, 560), (420, 610), (620, 600), (790, 540), width=9),
        curve((330, 345), (470, 450), (470, 650), (345, 762), width=9),
        curve((690, 345), (590, 450), (590, 650), (676, 762), width=9),
    )
    studio.gleam(*seams, softness=1, strength=235, tint="#241510")
    studio.gleam(ellipse(350, 340, 470, 430), softness=34, strength=120)


def plant(studio: Studio, tint: str) -> None:
    """A plant in a pot."""
    studio.shadow(370, 640, 850)
    for n, (x, y) in enumerate(((230, 330), (330, 180), (470, 110), (620, 150), (740, 260), (790, 420), (200, 470))):
        bend = ((500 + x) / 2 - (y - 300) / 5, (560 + y) / 2)
        leaf = blob((500, 600), (bend[0] - 90, bend[1]), (x, y), (x, y), (bend[0] + 90, bend[1] + 40))
        studio.body("#3f7d4a" if n % 2 else "#2f6a3f", leaf, light=((0, 0.6), (0.45, 1.1), (0.55, 1.35), (1, 0.6)))
    studio.body(tint, polygon((370, 600), (640, 600), (606, 860), (404, 860)), light=ROUND)
    studio.body(tint, block(352, 570, 658, 640, 12), light=ROUND)
