package vision_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// issue10532 is the file of golang/go#10532, which image/jpeg answers with 20 GB.
const issue10532 = "ffd8ffe000104a46494600010100000100010000ffdb004300100b0c0e0c0a10" +
	"0e0d0e121110131828de1816161834363125000000fe3c3c3933383440485c4e" +
	"17116df646ddaa1cd09c404457453738506d51575f626768673e4d7179706478" +
	"5c656763ffc2000b08ff80fe9501011100ffc4001a0000020301010000000000" +
	"00000000000003040102050006ffda00080101000000011badd2b348270c4c0c" +
	"3c2232968cf52a22aa801c6415211cb2ef440c4100000064a18f7f424ea33141" +
	"2f2aa1a26caaaf11bda026af5028b19365cec317116df646ddaa1cd09cc952bd" +
	"5882346354852873acc677067ae20e80236cddcb32a9427124aeac67eca68ec9" +
	"42551460c5e81674c53759f8eb03"

// The files below are headers made by hand, around little or no data.

func jpegBomb(marker byte, w, h uint16, components int, scans int) []byte {
	sof := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(components)}
	sos := []byte{byte(components)}
	for c := range components {
		sof = append(sof, byte(c+1), 0x11, 0)
		sos = append(sos, byte(c+1), 0)
	}
	b := append([]byte("\xff\xd8"), jpegSegment(marker, sof)...)
	for range scans {
		b = append(b, jpegSegment(0xda, append(sos, 0, 0, 0))...)
		b = append(b, make([]byte, 32)...)
	}
	return append(b, 0xff, 0xd9)
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func pngBomb(w, h uint32, depth, color, interlace byte, data int) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	ihdr = append(ihdr, depth, color, 0, 0, interlace)
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", ihdr)...)
	b = append(b, pngChunk("IDAT", make([]byte, data))...)
	return append(b, pngChunk("IEND", nil)...)
}

func gifBomb(canvasW, canvasH, w, h uint16, data int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint16([]byte("GIF89a"), canvasW), canvasH)
	b = append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255)
	b = le.AppendUint16(le.AppendUint16(append(b, 0x2c, 0, 0, 0, 0), w), h)
	b = append(b, 0, 2)
	for ; data > 0; data -= 100 {
		b = append(append(b, 100), make([]byte, 100)...)
	}
	return append(b, 0, 0x3b)
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(id string, body []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body))), body...)
	return append(b, make([]byte, len(body)&1)...)
}

func vp8x(flags byte, w, h int) []byte {
	return riffChunk("VP8X", []byte{flags, 0, 0, 0,
		byte(w - 1), byte((w - 1) >> 8), byte((w - 1) >> 16), byte(h - 1), byte((h - 1) >> 8), byte((h - 1) >> 16)})
}

func vp8(w, h, firstPartition int) []byte {
	tag := firstPartition<<5 | 1<<4
	b := []byte{byte(tag), byte(tag >> 8), byte(tag >> 16), 0x9d, 1, 0x2a, byte(w), byte(w >> 8), byte(h), byte(h >> 8)}
	return riffChunk("VP8 ", append(b, make([]byte, firstPartition+10)...))
}

func vp8l(w, h int) []byte {
	bits := uint32(w-1) | uint32(h-1)<<14
	return riffChunk("VP8L", binary.LittleEndian.AppendUint32([]byte{0x2f}, bits))
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestBombsAreRefusedFromTheirHeader(t *testing.T) {
	small, err := hex.DecodeString(issue10532)
	require.NoError(t, err)
	require.Len(t, small, 270)
	tiny := pngBomb(20000, 20000, 8, 6, 0, 0)[:41] // as long as its header and the head of its data
	open := vision.Limits{MaxSide: 1 << 20, MaxPixels: 1 << 40, MaxMemory: 1 << 50}

	type refusal struct {
		Field string
		Max   int64
	}
	tests := map[string]struct {
		data    []byte
		limits  vision.Limits
		refusal refusal
	}{
		"the 270-byte JPEG":                  {small, vision.Limits{}, refusal{"Side", 16384}},
		"PNG of 41 bytes":                    {tiny, vision.Limits{}, refusal{"Side", 16384}},
		"JPEG with too many pixels":          {jpegBomb(0xc0, 16000, 16000, 1, 1), vision.Limits{}, refusal{"Pixels", 50e6}},
		"PNG with too many pixels":           {pngBomb(16000, 16000, 1, 0, 0, 0), vision.Limits{}, refusal{"Pixels", 50e6}},
		"PNG of two gigapixels a side":       {pngBomb(1<<31-1, 1<<31-1, 16, 6, 1, 0), open, refusal{"Side", 1 << 20}},
		"GIF with too many pixels":           {gifBomb(16000, 16000, 16000, 16000, 0), vision.Limits{}, refusal{"Pixels", 50e6}},
		"GIF with a huge canvas":             {gifBomb(65535, 65535, 1, 1, 0), vision.Limits{}, refusal{"Side", 16384}},
		"lossy WebP with too many pixels":    {riff(vp8(16000, 16000, 30)), vision.Limits{}, refusal{"Pixels", 50e6}},
		"lossless WebP with too many pixels": {riff(vp8l(16000, 16000)), vision.Limits{}, refusal{"Pixels", 50e6}},

		"gray JPEG over its data":        {jpegBomb(0xc0, 8000, 6000, 1, 1), vision.Limits{}, refusal{Field: "Data"}},
		"colour JPEG over its data":      {jpegBomb(0xc0, 8000, 6000, 3, 1), vision.Limits{}, refusal{Field: "Data"}},
		"progressive JPEG over its data": {jpegBomb(0xc2, 4000, 3000, 3, 100), vision.Limits{}, refusal{Field: "Data"}},
		"PNG over its data":              {pngBomb(7000, 7000, 8, 6, 0, 100), vision.Limits{}, refusal{"Data", 103200}},
		"interlaced PNG over its data":   {pngBomb(7000, 7000, 16, 6, 1, 100), vision.Limits{}, refusal{"Data", 103200}},
		"GIF over its data":              {gifBomb(7000, 7000, 7000, 7000, 200), vision.Limits{}, refusal{"Data", 546134}},
		"lossy WebP over its data":       {riff(vp8(7000, 7000, 1000)), vision.Limits{}, refusal{"Data", 8000}},
		"raw alpha over its data": {riff(vp8x(16, 700, 700), riffChunk("ALPH", make([]byte, 101)), vp8(700, 700, 1000)),
			vision.Limits{}, refusal{"Data", 100}},
		"JPEG of a thousand scans": {jpegBomb(0xc2, 100, 100, 1, 1000), vision.Limits{}, refusal{"Scans", 128}},

		"lossless WebP over the memory": {riff(vp8l(7000, 7000)), vision.Limits{}, refusal{"Memory", 256 << 20}},
		"progressive JPEG over the memory": {
			append(jpegBomb(0xc2, 7000, 7000, 3, 1)[:60:60], append(make([]byte, 300_000), 0xff, 0xd9)...),
			vision.Limits{}, refusal{"Memory", 256 << 20}},
		"PNG over the memory": {pngBomb(6000, 6000, 16, 6, 0, 300_000), vision.Limits{}, refusal{"Memory", 256 << 20}},
		"GIF over the memory": {gifBomb(1000, 1000, 1000, 1000, 400), vision.Limits{MaxMemory: 1000}, refusal{"Memory", 1000}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := bytes.NewReader(tt.data)
			var err error
			bytes := allocated(func() {
				_, _, err = vision.Decode(r, vision.DecodeOptions{Limits: tt.limits})
			})
			var limit *vision.LimitError
			require.ErrorAs(t, err, &limit)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.Equal(t, tt.refusal.Field, limit.Field, "%v", err)
			if tt.refusal.Max != 0 {
				require.Equal(t, tt.refusal.Max, limit.Max)
			}
			require.Greater(t, limit.Got, limit.Max)
			require.Less(t, bytes, uint64(1<<20))

			r.Reset(tt.data)
			info, err := vision.Inspect(r, vision.DecodeOptions{})
			require.NoError(t, err, "Inspect tells the size of what Decode refuses")
			require.Positive(t, info.Width)
		})
	}
}

// The same headers with limits that let their size pass: what is left is the data.
func TestTheDataBoundsEvenWithoutLimits(t *testing.T) {
	small, err := hex.DecodeString(issue10532)
	require.NoError(t, err)
	open := vision.DecodeOptions{Limits: vision.Limits{MaxSide: 1 << 20, MaxPixels: 1 << 40, MaxMemory: 1 << 50}}
	for name, data := range map[string][]byte{
		"the 270-byte JPEG, ended": append(small, 0xff, 0xd9),
		"PNG":                      pngBomb(20000, 20000, 8, 6, 0, 0),
		"PNG of 2^40 pixels":       pngBomb(1<<20, 1<<20, 16, 6, 1, 0),
		"GIF":                      gifBomb(65535, 65535, 65535, 65535, 0),
		"WebP":                     riff(vp8(16383, 16383, 1000)),
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			bytes := allocated(func() { _, _, err = vision.Decode(bytes.NewReader(data), open) })
			var limit *vision.LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, "Data", limit.Field)
			require.Less(t, bytes, uint64(1<<20))
		})
	}
}

// What a decoder takes must stay below the estimate that it was admitted with.
func TestMemoryStaysBelowTheEstimate(t *testing.T) {
	for _, path := range []string{
		"video-001.jpeg", "video-001.progressive.jpeg", "video-001.cmyk.jpeg", "video-001.rgb.jpeg",
		"video-001.q50.410.progressive.jpeg",
		"benchRGB-interlace.png", "benchPaletted.png", "basn6a16.png", "video-001.interlaced.gif", "video-001.lossy.webp",
		"yellow_rose.lossy-with-alpha.webp", "blue-purple-pink-large.lossless.webp", "gopher-doc.2bpp.lossless.webp",
	} {
		t.Run(path, func(t *testing.T) {
			data := libraryFile(t, path)
			_, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{Limits: vision.Limits{MaxMemory: 1}})
			var limit *vision.LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, "Memory", limit.Field)
			o := vision.DecodeOptions{Limits: vision.Limits{MaxMemory: limit.Got}}
			got := allocated(func() { _, _, err = vision.Decode(bytes.NewReader(data), o) })
			require.NoError(t, err)
			t.Logf("estimate %d, allocated %d, file %d", limit.Got, got, len(data))
			const tables = 200 << 10 // Huffman tables, inflate windows, buffers
			require.Less(t, got, uint64(limit.Got)+uint64(2*len(data))+tables)
		})
	}
}

func BenchmarkRefusal(b *testing.B) {
	small, err := hex.DecodeString(issue10532)
	require.NoError(b, err)
	for name, data := range map[string][]byte{
		"jpeg270": small, "png": pngBomb(20000, 20000, 8, 6, 0, 0),
		"gif": gifBomb(7000, 7000, 7000, 7000, 0), "webp": riff(vp8(7000, 7000, 10)),
	} {
		b.Run("bomb="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{}); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
