package vision_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

// goldenEXIF is what exiftool reads; see testdata/exif/make.sh.
type goldenEXIF struct {
	SourceFile                         string
	Orientation                        vision.Orientation
	Make, Model, LensModel             string
	DateTimeOriginal, CreateDate       string
	OffsetTimeOriginal                 string
	SubSecTimeOriginal                 int
	ExposureTime, FNumber, FocalLength float64
	ISO, RecommendedExposureIndex      int
	FocalLengthIn35mmFormat            int
	GPSLatitude, GPSLongitude          *float64
	GPSAltitude                        float64
}

func exifOf(t testing.TB, data []byte) vision.Info {
	t.Helper()
	info, err := vision.Inspect(bytes.NewReader(data), vision.DecodeOptions{GPS: true})
	require.NoError(t, err)
	return info
}

func TestEXIFIsWhatAnotherToolReads(t *testing.T) {
	data, err := os.ReadFile("testdata/exif/golden.json")
	require.NoError(t, err)
	var golden []goldenEXIF
	require.NoError(t, json.Unmarshal(data, &golden))
	require.Len(t, golden, 4)
	for _, want := range golden {
		t.Run(want.SourceFile, func(t *testing.T) {
			file, err := os.ReadFile("testdata/exif/" + want.SourceFile)
			require.NoError(t, err)
			info := exifOf(t, file)
			got := info.EXIF
			require.Equal(t, max(want.Orientation, 1), info.Orientation)
			require.Equal(t, strings.TrimSpace(want.Make), got.Make)
			require.Equal(t, want.Model, got.Model)
			require.Equal(t, want.LensModel, got.Lens)
			require.Equal(t, want.taken(t), got.Taken)
			require.Equal(t, want.OffsetTimeOriginal != "", got.Zoned)
			require.InDelta(t, want.ExposureTime, got.ExposureTime.Seconds(), 1e-9)
			require.InDelta(t, want.FNumber, got.FNumber, 1e-9)
			require.InDelta(t, want.FocalLength, got.FocalLength, 1e-9)
			require.Equal(t, want.FocalLengthIn35mmFormat, got.FocalLength35)
			require.Equal(t, max(want.ISO%65535, want.RecommendedExposureIndex), got.ISO)
			if want.GPSLongitude == nil { // half a position is none
				require.Nil(t, got.Position)
				return
			}
			require.InDelta(t, *want.GPSLatitude, got.Position.Latitude, 1e-9)
			require.InDelta(t, *want.GPSLongitude, got.Position.Longitude, 1e-9)
			require.InDelta(t, want.GPSAltitude, got.Position.Altitude, 1e-9)
		})
	}
}

func (g goldenEXIF) taken(t *testing.T) (want time.Time) {
	t.Helper()
	var err error
	switch {
	case g.DateTimeOriginal != "":
		text := fmt.Sprintf("%s.%d%s", g.DateTimeOriginal, g.SubSecTimeOriginal, g.OffsetTimeOriginal)
		want, err = time.ParseInLocation("2006:01:02 15:04:05.999-07:00", text, time.UTC)
	case g.CreateDate != "":
		want, err = time.Parse("2006:01:02 15:04:05", g.CreateDate)
	}
	require.NoError(t, err)
	return want
}

func exifFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/exif/" + name)
	require.NoError(t, err)
	return data
}

func TestThePositionIsToldOnlyWhenAskedFor(t *testing.T) {
	data := exifFile(t, "camera.jpg")
	with, err := open(t, vision.Options{GPS: true}).Run(t.Context(), vision.Picture{Data: data})
	require.NoError(t, err)
	require.NotNil(t, with.Properties.EXIF.Position)
	require.Equal(t, exifOf(t, data), with.Properties.Info)

	without, err := open(t, vision.Options{}).Run(t.Context(), vision.Picture{Data: data})
	require.NoError(t, err)
	require.Nil(t, without.Properties.EXIF.Position)
	with.Properties.EXIF.Position = nil
	require.Equal(t, with, without)
	_, info, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, without.Properties.Info, info)
}

func TestEveryFormatCarriesTheSameEXIF(t *testing.T) {
	jpeg := exifFile(t, "camera.jpg")
	want := exifOf(t, jpeg).EXIF
	require.Equal(t, "Example", want.Make)
	require.Equal(t, want, exifOf(t, exifFile(t, "camera.png")).EXIF)

	at := bytes.Index(jpeg, []byte("Exif\x00\x00"))
	block := jpeg[at : at+int(binary.BigEndian.Uint16(jpeg[at-2:]))-2]
	for name, body := range map[string][]byte{"plain": block[6:], "with the prefix of a JPEG": block} {
		webp := riff(vp8x(8, 30, 20), vp8(30, 20, 50), riffChunk("EXIF", body))
		require.Equal(t, want, exifOf(t, webp).EXIF, name)
	}
}

// tag is an entry of a directory.
type tag struct {
	id, kind uint16
	count    uint32
	value    string // what does not fit into four bytes is put behind the directory
}

// block is a big endian EXIF block whose first directory points to one more, that of
// the exposure (0x8769) or of the position (0x8825).
func block(pointer uint16, tags ...tag) []byte {
	be := binary.BigEndian
	b := append(tiff(be, 1)[:8], 0, 1)
	b = be.AppendUint16(be.AppendUint16(b, pointer), 4)
	b = be.AppendUint32(be.AppendUint32(b, 1), 26)
	b = be.AppendUint32(b, 0)
	b = be.AppendUint16(b, uint16(len(tags)))
	tail := ""
	for _, t := range tags {
		b = be.AppendUint32(be.AppendUint16(be.AppendUint16(b, t.id), t.kind), t.count)
		if len(t.value) <= 4 {
			b = append(b, (t.value + "\x00\x00\x00\x00")[:4]...)
			continue
		}
		b = be.AppendUint32(b, uint32(28+12*len(tags)+len(tail)))
		tail += t.value
	}
	return append(b, tail...)
}

// fractions are rationals of the given numerators and denominators.
func fractions(n ...uint32) string {
	var b []byte
	for _, v := range n {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return string(b)
}

func date(id uint16, s string) tag { return tag{id, 2, uint32(len(s)), s} }

func TestEXIFThatCannotBeSaysNothing(t *testing.T) {
	const exposure, place = 0x8769, 0x8825
	noon := time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC)
	latitude := tag{2, 5, 3, fractions(48, 1, 30, 1, 0, 1)}
	north, east := tag{1, 2, 2, "N\x00"}, tag{3, 2, 2, "E\x00"}
	longitude := tag{4, 5, 3, fractions(9, 1, 0, 1, 36, 10)}
	tests := map[string]struct {
		block []byte
		want  vision.EXIF
	}{
		"a date without a zone": {block(exposure, date(0x9003, "2024:05:31 12:00:00\x00")), vision.EXIF{Taken: noon}},
		"a date that is blank":  {block(exposure, date(0x9003, "    :  :     :  :  \x00")), vision.EXIF{}},
		"a date of zeros":       {block(exposure, date(0x9003, "0000:00:00 00:00:00\x00")), vision.EXIF{}},
		"the first of two dates that is one": {
			block(exposure, date(0x9003, "2024:13:31 12:00:00"), date(0x9004, "2024:05:31 12:00:00")), vision.EXIF{Taken: noon}},
		"a zone in UTC": {
			block(exposure, date(0x9003, "2024:05:31 12:00:00"), date(0x9011, "+00:00")), vision.EXIF{Taken: noon, Zoned: true}},
		"a zone beyond the earth": {
			block(exposure, date(0x9003, "2024:05:31 12:00:00"), date(0x9011, "-24:00")), vision.EXIF{Taken: noon}},
		"a fraction in words": {
			block(exposure, date(0x9003, "2024:05:31 12:00:00"), date(0x9291, "half")), vision.EXIF{Taken: noon}},
		"a fraction": {block(exposure, date(0x9003, "2024:05:31 12:00:00"), date(0x9291, "5")),
			vision.EXIF{Taken: noon.Add(time.Second / 2)}},
		"division by zero":         {block(exposure, tag{0x829a, 5, 1, fractions(1, 0)}), vision.EXIF{}},
		"the longest exposure":     {block(exposure, tag{0x829a, 5, 1, fractions(1<<32-1, 1)}), vision.EXIF{ExposureTime: (1<<32 - 1) * time.Second}},
		"another type":             {block(exposure, tag{0x829a, 4, 2, fractions(1, 2)}), vision.EXIF{}},
		"too many values":          {block(exposure, tag{0x829a, 5, 1 << 31, fractions(1, 2)}), vision.EXIF{}},
		"no values":                {block(exposure, tag{0xa434, 2, 0, "lens"}, tag{0x8827, 3, 0, "\x01\x00"}), vision.EXIF{}},
		"control characters":       {block(exposure, tag{0xa434, 2, 9, " a\x1b[2Jb\xffc"}), vision.EXIF{Lens: "a[2Jbc"}},
		"a text without end":       {block(exposure, tag{0xa434, 2, 300, strings.Repeat("é", 150)}), vision.EXIF{Lens: strings.Repeat("é", 64)}},
		"a place":                  {block(place, north, latitude, east, longitude), vision.EXIF{Position: &vision.Position{Latitude: 48.5, Longitude: 9.001}}},
		"a place without a side":   {block(place, latitude, east, longitude), vision.EXIF{}},
		"a place without a number": {block(place, north, tag{2, 5, 3, fractions(48, 1, 30, 1, 0, 0)}, east, longitude), vision.EXIF{}},
		"a place beyond the pole":  {block(place, north, tag{2, 5, 3, fractions(91, 1, 0, 1, 0, 1)}, east, longitude), vision.EXIF{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := jpegWith(asJPEG(t, photograph(16, 8), 90), 0xe1, append([]byte("Exif\x00\x00"), tt.block...))
			require.Equal(t, tt.want, exifOf(t, file).EXIF)
		})
	}
}

// Directories that point to themselves or to each other are read once each, and one
// that claims more entries than are looked at does not cost more.
func TestDirectoriesThatLoopEnd(t *testing.T) {
	be := binary.BigEndian
	loop := tiff(be, 6)
	be.PutUint16(loop[8:], 0xffff)
	for range 5000 {
		for _, pointer := range []uint16{0x8769, 0x8825, 0x014a, 0xa005} {
			loop = be.AppendUint16(be.AppendUint16(loop, pointer), 4)
			loop = be.AppendUint32(be.AppendUint32(loop, 1), 8)
		}
	}
	png := asPNG(t, photograph(16, 8))
	file := append(bytes.Clone(png[:33]), append(pngChunk("eXIf", loop), png[33:]...)...)
	var info vision.Info
	bytes := allocated(func() { info = exifOf(t, file) })
	require.EqualValues(t, 6, info.Orientation)
	require.Zero(t, info.EXIF)
	require.Less(t, bytes, uint64(6*len(file)+64<<10))
}

// Whatever the block, reading it ends with values in their ranges that JSON can hold,
// and without a position unless one was asked for.
func FuzzEXIF(f *testing.F) {
	f.Add(tiff(binary.LittleEndian, 3))
	f.Add(block(0x8769, date(0x9003, "2024:05:31 12:00:00"), date(0x9011, "+05:30"), tag{0x829a, 5, 1, fractions(1, 9)}))
	f.Add(block(0x8825, tag{1, 2, 2, "S\x00"}, tag{2, 5, 3, fractions(9, 1, 9, 1, 9, 1)}, tag{3, 2, 2, "W\x00"}, tag{4, 5, 3, fractions(9, 1, 9, 1, 9, 1)}))
	picture := asPNG(f, photograph(3, 2))
	f.Fuzz(func(t *testing.T, block []byte) {
		file := append(bytes.Clone(picture[:33]), append(pngChunk("eXIf", block), picture[33:]...)...)
		info, err := vision.Inspect(bytes.NewReader(file), vision.DecodeOptions{GPS: true})
		if err != nil {
			t.Fatal(err)
		}
		x := info.EXIF
		for _, s := range []string{x.Make, x.Model, x.Lens} {
			if len(s) > 128 || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\x1b") {
				t.Fatalf("text %q", s)
			}
		}
		if p := x.Position; p != nil && !(math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180) {
			t.Fatalf("%+v", p)
		}
		if x.ExposureTime < 0 || !(x.FNumber >= 0) || x.ISO < 0 || !(x.FocalLength >= 0) || x.FocalLength35 < 0 {
			t.Fatalf("%+v", x)
		}
		if _, err := json.Marshal(info); err != nil {
			t.Fatal(err)
		}
		info.EXIF.Position = nil
		private, err := vision.Inspect(bytes.NewReader(file), vision.DecodeOptions{})
		if err != nil || !reflect.DeepEqual(private, info) {
			t.Fatalf("%+v, %v; want %+v", private, err, info)
		}
	})
}

func ExampleEXIF() {
	f, err := os.Open("testdata/exif/camera.jpg")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	info, err := vision.Inspect(f, vision.DecodeOptions{GPS: true})
	if err != nil {
		log.Fatal(err)
	}
	x := info.EXIF
	fmt.Println(x.Make, x.Model, "at", x.Taken.Format(time.RFC3339))
	fmt.Printf("%v f/%v ISO %d %v mm\n", x.ExposureTime, x.FNumber, x.ISO, x.FocalLength)
	fmt.Printf("%.3f %.3f\n", x.Position.Latitude, x.Position.Longitude)
	// Output:
	// Example Model 7 é at 2024-05-31T09:15:30+05:30
	// 4ms f/2.8 ISO 400 35.5 mm
	// -33.857 151.215
}
