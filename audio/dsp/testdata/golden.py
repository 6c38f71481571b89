"""Makes golden.json, the numbers that numpy and scipy give for the features.

    python3 golden.py mel_filters.npz jfk.wav

mel_filters.npz and jfk.wav are files of the repository openai/whisper (MIT),
folders whisper/assets and tests. All computation is in float64.
"""
import json
import sys
import wave

import numpy as np
import scipy.fft
import scipy.signal


def chirp(rate, seconds):
    t = np.arange(int(rate * seconds)) / rate
    sweep = 0.5 * np.sin(2 * np.pi * (100 * t + 0.45 * rate / seconds * t * t / 2))
    return sweep.astype(np.float32).astype(np.float64)


def noisy(x):
    """Adds noise of a linear congruential generator, 34 dB below full scale."""
    state, noise = 1, []
    for _ in x:
        state = (state * 1664525 + 1013904223) % 2 ** 32
        noise.append(0.04 * (state / 2 ** 32 - 0.5))
    return (x + noise).astype(np.float32).astype(np.float64)


def frames(x, size, hop, pad):
    x = np.pad(x, size // 2, mode=pad)
    return np.stack([x[i:i + size] for i in range(0, len(x) - size + 1, hop)])


def power(x, size, hop, pad="reflect", window="hann"):
    return np.abs(scipy.fft.rfft(frames(x, size, hop, pad) * scipy.signal.get_window(window, size))) ** 2


def slaney_hz(m):
    return np.where(m < 15, m * 200 / 3, 1000 * 6.4 ** ((m - 15) / 27))


def slaney_mel(f):
    return f * 3 / 200 if f < 1000 else 15 + 27 * np.log(f / 1000) / np.log(6.4)


def htk_hz(m):
    return 700 * (10 ** (m / 2595) - 1)


def htk_mel(f):
    return 2595 * np.log10(1 + f / 700)


def bank(rate, size, mels, to_mel=slaney_mel, to_hz=slaney_hz, fmin=0.0, area=True):
    p = to_hz(np.linspace(to_mel(fmin), to_mel(rate / 2), mels + 2))
    f = np.arange(size // 2 + 1) * rate / size
    rise = (f - p[:-2, None]) / (p[1:-1] - p[:-2])[:, None]
    fall = (p[2:, None] - f) / (p[2:] - p[1:-1])[:, None]
    b = np.maximum(0, np.minimum(rise, fall))
    return b * (2 / (p[2:] - p[:-2]))[:, None] if area else b


def whisper(x, filters):
    mel = power(x, 400, 160)[:-1] @ filters.T
    mel = np.log10(np.maximum(mel, 1e-10))
    return (np.maximum(mel, mel.max() - 8) + 4) / 4


def decibel(mel):
    mel = 10 * np.log10(np.maximum(mel, 1e-10))
    return np.maximum(mel, mel.max() - 80)


def torchaudio(x):
    return power(x, 400, 200) @ bank(16000, 400, 128, htk_mel, htk_hz, area=False).T


def kaldi(x, mels):
    """compute-fbank-feats --dither=0 --num-mel-bins=mels at 16 kHz, frame by frame."""
    mel = lambda f: 1127 * np.log(1 + f / 700)
    low, high = mel(20), mel(8000)
    step = (high - low) / (mels + 1)
    at = mel(np.arange(256) * 16000 / 512)
    filters = np.zeros((mels, 257))
    for i in range(mels):
        left, mid, right = low + i * step, low + (i + 1) * step, low + (i + 2) * step
        inside = (at > left) & (at < right)
        side = np.where(at <= mid, (at - left) / (mid - left), (right - at) / (right - mid))
        filters[i, :256] = np.where(inside, side, 0)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)) ** 0.85
    out = []
    for start in range(0, len(x) - 399, 160):
        f = x[start:start + 400] * 32768
        f = f - f.mean()
        f = f - 0.97 * np.concatenate((f[:1], f[:-1]))
        spectrum = np.abs(np.fft.rfft(f * window, 512)) ** 2
        out.append(np.log(np.maximum(filters @ spectrum, np.finfo(np.float32).eps)))
    return np.array(out)


def lifter(count, l, first):
    return 1 + l / 2 * np.sin(np.pi * np.arange(first, first + count) / l)


def mfcc(bands, count):
    return scipy.fft.dct(bands, type=2, norm="ortho")[:, :count]


def spectral(x, rate, size, hop):
    """librosa's spectral_centroid, _bandwidth, _rolloff and _flatness; flux; _contrast without top_db."""
    s = np.sqrt(power(x, size, hop, "constant")).T
    f = np.arange(size // 2 + 1) * rate / size
    norm = s / s.sum(0)
    centroid = f @ norm
    bandwidth = np.sqrt((norm * (f[:, None] - centroid) ** 2).sum(0))
    rolloff = f[np.argmax(np.cumsum(s, 0) >= 0.85 * s.sum(0), axis=0)]
    p = np.maximum(s ** 2, 1e-10)
    flatness = np.exp(np.log(p).mean(0)) / p.mean(0)
    flux = np.maximum(np.diff(s, axis=1, prepend=s[:, :1]), 0).sum(0)
    edges = np.concatenate(([0], 200 * 2.0 ** np.arange(7)))
    contrast = []
    for k, (low, high) in enumerate(zip(edges[:-1], edges[1:])):
        band = (f >= low) & (f <= high)
        used = np.flatnonzero(band)
        if k > 0:
            band[used[0] - 1] = True
        if k == 6:
            band[used[-1] + 1:] = True
        part = s[band] if k == 6 else s[band][:-1]
        n = int(max(np.rint(0.02 * band.sum()), 1))
        part = np.sort(part, axis=0)
        contrast.append(10 * np.log10(np.maximum(part[-n:].mean(0), 1e-10) / np.maximum(part[:n].mean(0), 1e-10)))
    return np.stack([centroid, bandwidth, rolloff, flatness, flux] + contrast).T


def rows(matrix, *which):
    return {"frames": len(matrix), "rows": {str(i): numbers(matrix[i]) for i in which}}


def numbers(values):
    return [float("%.7g" % v) for v in values]


def band(weights):
    used = np.flatnonzero(weights)
    first = int(used[0]) if len(used) else 0
    return {"first": first, "weights": numbers(weights[used])}


def main(npz, wav):
    reference = np.load(npz)
    with wave.open(wav) as w:
        jfk = np.frombuffer(w.readframes(w.getnframes()), "<i2") / 32768
    x = chirp(16000, 0.2)
    librosa = decibel(power(chirp(22050, 0.2), 2048, 512, "constant") @ bank(22050, 2048, 128).T)
    htk = np.log(np.maximum(power(x, 400, 160) @ bank(16000, 400, 26, htk_mel, htk_hz, area=False).T, 1e-10))
    htk_dct = mfcc(htk, 13)
    htk_dct[:, 0] *= np.sqrt(2)
    out = {
        "source": "whisper_bank: rows of mel_filters.npz of openai/whisper, MIT; all else: computed by golden.py",
        "whisper_bank": {
            name: {str(i): band(reference[name][i]) for i in which}
            for name, which in (("mel_80", (0, 7, 40, 79)), ("mel_128", (0, 1, 64, 127)))
        },
        "windows": {n: numbers(scipy.signal.get_window(n, 7)) for n in ("hann", "hamming", "blackman")},
        "symmetric": {n: numbers(scipy.signal.get_window(n, 7, False)) for n in ("hann", "hamming", "blackman")},
        "power": rows(power(x, 64, 16, window="hamming"), 0, 1, 77, 200),
        "whisper_chirp": rows(whisper(x, reference["mel_80"]), 0, 5, 19),
        "whisper_jfk": rows(whisper(jfk, reference["mel_80"]), 0, 100, 550, 1099),
        "librosa_chirp": rows(librosa, 0, 4),
        "htk_amplitude_chirp": rows(
            np.sqrt(power(x, 512, 128)) @ bank(16000, 512, 40, htk_mel, htk_hz, 20, False).T, 0, 12),
        "torchaudio_chirp": rows(decibel(torchaudio(x)), 0, 7),
        "kaldi_chirp": rows(kaldi(noisy(x), 80), 0, 9, 17),
        "spectral": rows(spectral(noisy(chirp(22050, 0.2)), 22050, 2048, 512), 0, 4, 7),
        "librosa_mfcc": rows(mfcc(librosa, 20), 0, 4),
        "librosa_lifter_mfcc": rows(mfcc(librosa, 20) * lifter(20, 22, 1), 0, 4),
        "torchaudio_mfcc": rows(mfcc(decibel(torchaudio(x)), 40), 0, 7),
        "kaldi_mfcc": rows(mfcc(kaldi(noisy(x), 23), 13) * lifter(13, 22, 0), 0, 9, 17),
        "htk_mfcc": rows(htk_dct * lifter(13, 22, 0), 0, 19),
    }
    # scipy's own short-time transform is a second witness for the frames.
    _, _, z = scipy.signal.stft(x, window="hamming", nperseg=64, noverlap=48, boundary="even", padded=False)
    z = np.abs(z * scipy.signal.get_window("hamming", 64).sum()).T ** 2
    assert np.allclose(z, power(x, 64, 16, window="hamming"))
    assert np.allclose(bank(16000, 400, 80), reference["mel_80"], atol=1e-8)
    with open("golden.json", "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()) + "\n}\n")


main(*sys.argv[1:])
