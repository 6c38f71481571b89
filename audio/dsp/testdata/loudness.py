"""Makes loudness.json, the numbers of ffmpeg's filter ebur128 for made-up signals.

    python3 loudness.py

A signal is a row of segments [seconds, hertz, decibels]: a sine, or noise of a
linear congruential generator where hertz is 0, times a gain for each channel.
"""
import json
import re
import subprocess

import numpy as np

CASES = {
    "a calibrated tone": (48000, [1, 1], [[4, 1000, -23]]),
    "steps, for the gate": (48000, [1, 1], [[5, 1000, -36], [8, 1000, -23], [5, 1000, -36]]),
    "mostly below the absolute gate": (32000, [1, 1], [[3, 1000, -80], [4, 1000, -30], [3, 1000, -80]]),
    "a wide range": (44100, [1, 0.5], [[6, 0, -20], [6, 0, -30], [5, 0, -12]]),
    "mono speech rate": (16000, [1], [[4, 300, -20], [3, 3000, -14], [5, 0, -26]]),
    "one low rate": (8000, [1], [[6, 500, -18]]),
    "high rate": (96000, [0.5, 1], [[4, 100, -10], [4, 8000, -20]]),
    "surround": (48000, [0.5, 0.5, 0.7, 1, 0.4, 0.3], [[4, 400, -12], [4, 0, -18]]),
    "a peak between samples": (48000, [1, 1], [[3.5, 11025, -6]]),
    "clipping noise": (44100, [1], [[3.5, 0, 3]]),
}


def signal(rate, gains, segments):
    state, out = 1, []
    for seconds, hertz, decibels in segments:
        n = int(seconds * rate)
        if hertz:
            x = np.sin(2 * np.pi * hertz * np.arange(n) / rate + 0.5)
        else:
            x = np.empty(n)
            for i in range(n):
                state = (state * 1664525 + 1013904223) % 2 ** 32
                x[i] = 2 * (state / 2 ** 32 - 0.5)
        out.append(10 ** (decibels / 20) * x)
    return (np.concatenate(out)[:, None] * gains).astype("<f4")


def measure(rate, gains, segments):
    command = ["ffmpeg", "-hide_banner", "-nostats", "-f", "f32le", "-ar", str(rate), "-ac", str(len(gains)),
               "-i", "-", "-af", "ebur128=peak=true", "-f", "null", "-"]
    log = subprocess.run(command, input=signal(rate, gains, segments).tobytes(), capture_output=True).stderr.decode()
    lines, summary = log.rsplit("Summary:", 1)
    last = lambda name: float(re.search(name + r":\s+(-?[\d.]+)", summary).group(1))
    largest = lambda name: max(float(v) for v in re.findall(name + r":\s*(-?[\d.]+)", lines))
    return {"integrated": last("I"), "range": last("LRA"), "true_peak": last("Peak"),
            "max_momentary": largest(" M"), "max_short_term": largest(" S")}


with open("loudness.json", "w") as f:
    rows = [json.dumps({"name": k, "rate": r, "gains": g, "segments": s, "want": measure(r, g, s)})
            for k, (r, g, s) in CASES.items()]
    f.write("[\n" + ",\n".join(rows) + "\n]\n")
