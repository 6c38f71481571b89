# The harness for Pillow, driven by lines on standard input as vision.go says:
#
#   python3 pillow.py FOLDER
import io
import sys
import time

import numpy
from PIL import Image


def read(name):
    with open(sys.argv[1] + "/" + name, "rb") as f:
        return f.read()


large, medium = read("12mp.jpg"), read("1mp.jpg")
pixels = Image.open(io.BytesIO(large)).convert("RGB")


def tensor(data):
    """Makes 3 planes of 224 by 224 samples from -1 to 1 of a file that is shrunk to twice that at least."""
    m = Image.open(io.BytesIO(data))
    m.draft("RGB", (448, 448))
    m = m.convert("RGB").resize((224, 224), Image.LANCZOS)
    return m, numpy.ascontiguousarray(numpy.asarray(m, numpy.float32).transpose(2, 0, 1)) / 127.5 - 1


def decode(data):
    m = Image.open(io.BytesIO(data))
    m.load()
    return m, None


tasks = {
    "tensor_12mp": lambda: tensor(large),
    "tensor_1mp": lambda: tensor(medium),
    "decode_12mp": lambda: decode(large),
    "resize_12mp": lambda: (pixels.resize((1152, 864), Image.LANCZOS), None),
}
for line in sys.stdin:
    name, times = line.split()
    start = time.process_time()
    for _ in range(int(times)):
        picture, planes = tasks[name]()
    used = time.process_time() - start
    mean = numpy.asarray(picture).mean() if planes is None else 127.5 * (planes.mean() + 1)
    print("%.9f %d %d %.3f" % (used, *picture.size, mean), flush=True)
