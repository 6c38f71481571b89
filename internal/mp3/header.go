package mp3

// Header is the head of a frame.
type Header struct {
	Version  int // 1, 2, or 3 for MPEG 2.5
	Rate     int // in Hz
	Channels int // 1 or 2
	Size     int // of the whole frame in bytes
	Side     int // where the side information begins
	SideSize int // of the side information in bytes

	bands     int  // of bandTables
	middle    bool // channels are middle and side
	direction bool // high lines are one channel and its direction
}

// HeaderSize is how many bytes ParseHeader reads.
const HeaderSize = 4

var (
	rates    = [3]int{44100, 48000, 32000} // of MPEG 1
	bitRates = [2][14]int{
		{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
		{8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	}
)

// ParseHeader reads the head of a frame of Layer III. Frames of a free bit rate are no
// frames here: their size is not known.
func ParseHeader(b []byte) (h Header, ok bool) {
	if len(b) < HeaderSize || b[0] != 0xff || b[1]&0xe0 != 0xe0 || b[1]>>1&3 != 1 {
		return h, false
	}
	version, bitRate, rate := b[1]>>3&3, b[2]>>4, b[2]>>2&3
	if version == 1 || bitRate == 0 || bitRate == 15 || rate == 3 {
		return h, false
	}
	h.Version = [4]int{3, 0, 2, 1}[version]
	h.Rate = rates[rate] >> (h.Version - 1)
	h.bands = 3*(h.Version-1) + int(rate)
	low := min(h.Version, 2) - 1
	h.Size = 144*1000*bitRates[low][bitRate-1]/(h.Rate<<low) + int(b[2]>>1&1)
	h.Channels = 2
	switch mode := b[3] >> 6; mode {
	case 3:
		h.Channels = 1
	case 1:
		h.middle, h.direction = b[3]&0x20 != 0, b[3]&0x10 != 0
	}
	h.Side = HeaderSize
	if b[1]&1 == 0 {
		h.Side += 2 // a check sum
	}
	h.SideSize = [2][2]int{{17, 32}, {9, 17}}[low][h.Channels-1]
	return h, h.Size > h.Side+h.SideSize
}

// Frames returns the samples of a channel in a frame.
func (h Header) Frames() int { return h.granules() * lines }

func (h Header) granules() int {
	if h.Version == 1 {
		return 2
	}
	return 1
}

// Like reports whether a header may continue the stream of another. Encoders may
// change the bit rate and the number of channels.
func (h Header) Like(o Header) bool { return h.Version == o.Version && h.Rate == o.Rate }
