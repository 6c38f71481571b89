#!/bin/sh
# Makes mp3/: a short sound with strokes, so that blocks switch, by LAME at the rates,
# bit rates and modes there are; beside each file what mpg123 decodes, as FLAC of 24 bits.
# FFmpeg gives the same but for mono-24.mp3, where it is 53 dB away.
# LAME knows no intensity stereo. Files named direction- are its stereo with the bit set by
# which a decoder takes the scale factors of the right channel, where it is silent, for
# directions.
set -e
cd "$(dirname "$0")"
rm -rf mp3
mkdir mp3
cd mp3
tmp=$(mktemp -d)
sox -R -D -V1 -n -r 48000 -c 2 -b 16 "$tmp/strokes.wav" synth 0.07 sine 500-9000 pluck A4 gain -9 repeat 1
sox -R -D -V1 -n -r 48000 -c 2 -b 16 "$tmp/noise.wav" synth 0.14 pinknoise sine 200-2000 gain -12
sox -R -D -V1 -m "$tmp/strokes.wav" "$tmp/noise.wav" "$tmp/sound.wav"
make() { # name, rate in kHz, options of LAME
	name=$1 rate=$2
	shift 2
	lame --quiet --resample "$rate" "$@" "$tmp/sound.wav" "$name.mp3"
}
make joint-48 48 -m j -b 64
make stereo-44 44.1 -m s -b 320
make joint-32 32 -m j -V 3
make checked-44 44.1 -p -m j -b 128
make mono-24 24 -m m --abr 40
make joint-24 24 -m j -b 48
make stereo-22 22.05 -m s -V 0
make joint-16 16 -m j -b 32 --nores
make mono-12 12 -m m -b 24
make joint-11 11.025 -m j -b 64
make stereo-8 8 -m s -b 32
make mono-8 8 -m m -b 8
make direction-44 44.1 -m s -b 96
make direction-48 48 -m j -b 80
for f in direction-*.mp3; do
	python3 - "$f" <<'END'
import sys
rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
b = bytearray(open(sys.argv[1], 'rb').read())
at = 0
while at + 4 < len(b):
    if at > 0 or b[36:40] not in (b'Xing', b'Info'):
        b[at + 3] = b[at + 3] & 0x2f | 0x50
    at += 144000 * rates[(b[at + 2] >> 4) - 1] // [44100, 48000][b[at + 2] >> 2 & 3] + (b[at + 2] >> 1 & 1)
open(sys.argv[1], 'wb').write(b)
END
done
for f in *.mp3; do
	mpg123 -q -e f32 -w "$tmp/decoded.wav" "$f"
	ffmpeg -v error -i "$tmp/decoded.wav" -bitexact -c:a flac -sample_fmt s32 -bits_per_raw_sample 24 "$f.flac"
done
rm -r "$tmp"
