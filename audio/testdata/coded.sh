#!/bin/sh
# Makes coded/: a short sound in every compressed form that audio.Decode reads, by
# the reference encoders, FFmpeg and SoX. FLAC and AIFF files are listed in SHA256
# with the sum of the little-endian 32-bit floats that FFmpeg decodes; beside the
# others lies what FFmpeg decodes, as FLAC of 24 bits: NAME.EXT.flac.
set -e
cd "$(dirname "$0")"
rm -rf coded
mkdir coded
cd coded
tmp=$(mktemp -d)
sound() { # rate, bits, seconds, file
	sox -R -D -V1 -n -r "$1" -c 2 -b "$2" "$4" synth "$3" sine 300-3000 pinknoise gain -6
}
sound 44100 16 0.08 "$tmp/stereo.wav"
sound 48000 24 0.06 "$tmp/deep.wav"
sox -R -D -V1 "$tmp/stereo.wav" -c 1 "$tmp/mono.wav" remix 1
sox -R -D -V1 "$tmp/mono.wav" -r 22050 -b 16 "$tmp/half.wav"
sox -R -D -V1 "$tmp/mono.wav" -r 8000 -b 8 -e unsigned-integer "$tmp/eight.wav"
sox -R -D -V1 -M "$tmp/mono.wav" "$tmp/stereo.wav" "$tmp/stereo.wav" "$tmp/mono.wav" "$tmp/six.wav" trim 0 0.02
sox -R -D -V1 "$tmp/stereo.wav" -b 16 "$tmp/wasted.wav" trim 0 0.02 gain -60 gain 30 vol 0.5
printf '' > SHA256
exact() { # file, what FFmpeg reads if it does not know the format
	echo "$(ffmpeg -v error -i "${2:-$1}" -f f32le - | sha256sum | cut -d' ' -f1) $1" >> SHA256
}
fl() { # name, input, options
	name=$1 in=$2
	shift 2
	flac -s -f --no-padding --no-seektable "$@" -o "$name.flac" "$in"
	exact "$name.flac"
}
fl stereo16 "$tmp/stereo.wav" -8
fl deep24 "$tmp/deep.wav" -8
fl fixed "$tmp/deep.wav" -0 -b 192
fl escape "$tmp/mono.wav" -5 -b 577 --lax
fl eight "$tmp/eight.wav" -5
fl six "$tmp/six.wav" -5
fl wasted "$tmp/wasted.wav" -5
sox -R -D -V1 -n -r 44100 -c 2 -b 16 "$tmp/silence.wav" trim 0 0.1
fl silence "$tmp/silence.wav" -5
sox -R -D -V1 -n -r 16000 -c 1 -b 32 "$tmp/full.wav" synth 0.02 whitenoise vol 0.99
flac -s -f --no-padding --no-seektable -5 -o bits32.flac "$tmp/full.wav"
exact bits32.flac "$tmp/full.wav"
cat "$tmp/stereo.wav" | flac -s -f --no-padding -5 -o - - | cat > pipe.flac
exact pipe.flac
aiff() { # name, input, encoder
	ffmpeg -v error -i "$2" -bitexact -c:a "$3" -f aiff "$1"
	exact "$1"
}
sox -R -D -V1 "$tmp/stereo.wav" "$tmp/short.wav" trim 0 0.01
for c in pcm_s8 pcm_s16be pcm_s24be pcm_s32be pcm_s16le pcm_f32be pcm_f64be pcm_alaw pcm_mulaw; do
	aiff "$c.aiff" "$tmp/short.wav" "$c"
done
sox -R -D -V1 "$tmp/short.wav" sox.aiff
exact sox.aiff
against() { # file, decoder
	ffmpeg -v error ${2:+-c:a "$2"} -i "$1" -bitexact -c:a flac -sample_fmt s32 -bits_per_raw_sample 24 "$1.flac"
}
mp3() { # name, input, options
	name=$1 in=$2
	shift 2
	lame --quiet "$@" "$in" "$name.mp3"
	against "$name.mp3"
}
mp3 joint "$tmp/stereo.wav" -m j -b 128
mp3 vbr "$tmp/stereo.wav" -m s -V 4
mp3 mono "$tmp/mono.wav" -m m -b 64 --id3v2-only --tt Tone
mp3 low "$tmp/half.wav" -m m -b 32
mp3 bare "$tmp/mono.wav" -m m -b 64 -t
oggenc -Q -q 2 -s 1 -o stereo.ogg "$tmp/stereo.wav"
oggenc -Q -q 1 -s 1 -o mono.ogg "$tmp/half.wav"
oggenc -Q -q 1 -s 1 -o six.ogg "$tmp/six.wav"
opusenc --quiet --serial 1 --discard-comments --padding 0 --bitrate 64 "$tmp/deep.wav" music.opus
opusenc --quiet --serial 1 --discard-comments --padding 0 --bitrate 12 --speech "$tmp/eight.wav" speech.opus
opusenc --quiet --serial 1 --discard-comments --padding 0 --bitrate 28 --speech "$tmp/mono.wav" hybrid.opus
for f in *.ogg; do
	against "$f"
done
for f in *.opus; do
	against "$f" libopus # FFmpeg's own decoder of speech lags by two frames
done
rm -r "$tmp"
