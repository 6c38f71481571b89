package audio

// Format is a sound file format, recognised by content and never by name.
type Format string

// The formats that [Decode] reads. The package comment says what of them.
const (
	WAV       Format = "wav"  // RIFF, and RIFX with its numbers big end first
	RF64      Format = "rf64" // WAV with 64-bit sizes; BW64 too
	AIFF      Format = "aiff" // AIFF-C too
	FLAC      Format = "flac"
	OggVorbis Format = "ogg vorbis" // the first stream of the file
	OggOpus   Format = "ogg opus"   // at 48 kHz, of one or two channels; the first stream of the file
	MP3       Format = "mp3"        // MPEG 1 and 2, Layer III
)

// magics holds the first bytes of formats, searched in order; '?' stands for any
// byte. Those that Decode does not read are here to be refused by name.
var magics = []struct {
	magic  string
	format Format
}{
	{"RIFF????WAVE", WAV},
	{"RIFX????WAVE", WAV},
	{"RF64????WAVE", RF64},
	{"BW64????WAVE", RF64},
	{"riff\x2e\x91\xcf\x11", "wave64"},
	{"FORM????AIFF", AIFF},
	{"FORM????AIFC", AIFF},
	{"fLaC", FLAC},
	{"OggS????????????????????????\x01vorbis", OggVorbis},
	{"OggS????????????????????????OpusHead", OggOpus},
	{"OggS????????????????????????\x7fFLAC", "ogg flac"},
	{"OggS????????????????????????Speex ", "ogg speex"},
	{"OggS", "ogg"},
	{"ID3", MP3},
	{".snd", "au"},
	{"caff", "caf"},
	{"wvpk", "wavpack"},
	{"MAC ", "ape"},
	{"MPCK", "musepack"},
	{"TTA1", "tta"},
	{"DSD ", "dsf"},
	{"#!AMR", "amr"},
	{"????ftyp", "mp4"},
	{"\x1a\x45\xdf\xa3", "matroska"},
	{"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"},
	{"RIFF????AVI ", "avi"},
	{"MThd", "midi"},
}

// sniffLen is the number of bytes that Sniff looks at.
const sniffLen = 40

// Sniff returns the format of a file that begins with head, "" if it is no sound
// of a known one. Forty bytes are enough. It knows more formats than [Decode]
// reads.
func Sniff(head []byte) Format {
	for _, m := range magics {
		if matches(head, m.magic) {
			return m.format
		}
	}
	return sniffMPEG(head)
}

func matches(head []byte, magic string) bool {
	if len(head) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != head[i] {
			return false
		}
	}
	return true
}

// sniffMPEG knows streams of MPEG frames without a container: eleven ones, then
// version, layer, bit rate and sampling rate, none of which may be the reserved
// value. Layer 0 with twelve ones is AAC. Layer I is left out: it begins as text in
// UTF-16 does, and nobody has such files.
func sniffMPEG(head []byte) Format {
	if len(head) < 4 || head[0] != 0xff || head[1]&0xe0 != 0xe0 {
		return ""
	}
	version, layer := head[1]>>3&3, head[1]>>1&3
	if layer == 0 && head[1]&0xf0 == 0xf0 && head[2]>>2&15 < 13 {
		return "aac"
	}
	switch {
	case version == 1 || head[2]>>4 == 15 || head[2]>>2&3 == 3:
		return ""
	case layer == 1:
		return MP3
	case layer == 2:
		return "mp2"
	}
	return ""
}
