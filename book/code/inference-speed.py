from analysis.figures import decode_speed
from analysis.inference.decode_case import DecodeCase

case = DecodeCase(chip="H100 SXM5")
chart = decode_speed.roofline(case)
chart
