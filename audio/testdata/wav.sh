#!/bin/sh
# Makes wav/: one short chirp in every encoding that audio.Decode reads, written by
# SoX and FFmpeg, beside what SoX decodes it to (little-endian 32-bit floats).
set -e
cd "$(dirname "$0")/wav"
rm -f ./*
tone() { sox -R -D -V1 -n -r 8000 -c "$1" -b 32 -e float "$2" synth 0.013 sine 300-3000 sine 900-200 gain -2; }
tone 2 .tone.wav
one() { # name, SoX options of the file
	name=$1
	shift
	sox -R -D -V1 .tone.wav "$@" "$name.wav"
}
one pcm8 -b 8 -e unsigned-integer
one pcm16 -b 16
one pcm16-bigendian -b 16 -B
one pcm24 -b 24
one pcm32 -b 32 -e signed-integer
one float32 -b 32 -e floating-point
one float64 -b 64 -e floating-point
one alaw -e a-law
one mulaw -e mu-law
raw="-t raw -r 8000 -c 2 -b 16 -e signed-integer -"
sox -R -D -V1 .tone.wav $raw | sox -R -D -V1 $raw -t wav - | cat > pcm16-pipe-sox.wav
ff() {
	name=$1
	shift
	ffmpeg -v error -i .tone.wav -bitexact "$@" -f wav - | cat > "$name.wav"
}
ff pcm16-pipe-ffmpeg -c:a pcm_s16le
ff pcm24-pipe-ffmpeg -c:a pcm_s24le
ffmpeg -v error -i .tone.wav -bitexact -c:a pcm_s16le -rf64 always -f wav pcm16-rf64.wav
tone 3 .tone.wav
sox -R -D -V1 .tone.wav -b 16 pcm16-three-channels.wav
rm .tone.wav
for f in *.wav; do
	sox -R -D -V1 "$f" -t f32 -L "${f%.wav}.f32" 2>/dev/null ||
		ffmpeg -v error -i "$f" -f f32le "${f%.wav}.f32"
done
