package codes_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
	"github.com/quintet-ai/quintet/vision/codes"
)

func reader(t testing.TB, o codes.Options) *codes.Reader {
	t.Helper()
	r, err := codes.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// page is white paper with pictures on it.
func page(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	return m
}

func paste(m *image.NRGBA, code image.Image, at image.Point) {
	draw.Draw(m, code.Bounds().Add(at), code, image.Point{}, draw.Src)
}

func TestWhatIsDrawnIsRead(t *testing.T) {
	for _, tt := range []struct {
		format codes.Format
		text   string
	}{
		{codes.QR, "https://example.com/a?b=c"},
		{codes.QR, "Grüße, 世界 🌍"},
		{codes.QR, strings.Repeat("0123456789", 40)},
		{codes.DataMatrix, "Hello, Data Matrix"},
		{codes.Code128, "Quintet-128"},
		{codes.Code93, "QUINTET93"},
		{codes.Code39, "QUINTET-39"},
		{codes.Codabar, "123456"},
		{codes.EAN13, "4006381333931"},
		{codes.EAN8, "96385074"},
		{codes.UPCA, "036000291452"},
		{codes.UPCE, "01234565"},
		{codes.ITF, "30712345000010"},
	} {
		t.Run(fmt.Sprint(tt.format, " ", len(tt.text)), func(t *testing.T) {
			code, err := codes.Draw(tt.text, tt.format, 300, 300)
			require.NoError(t, err)
			m := page(600, 500)
			paste(m, code, image.Pt(120, 60))
			m.Rect = m.Rect.Add(image.Pt(-30, 10))
			got, err := reader(t, codes.Options{Formats: []codes.Format{tt.format}}).Run(t.Context(), vision.Picture{Image: m})
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.Equal(t, tt.text, strings.Trim(got[0].Text, "AB"))
			require.Equal(t, tt.format, got[0].Format)
			require.GreaterOrEqual(t, len(got[0].Points), 2)
			require.True(t, got[0].Box.In(code.Bounds().Add(image.Pt(90, 70)).Inset(-2)), "%v", got[0].Box)
		})
	}
}

func TestManyCodesOnAPage(t *testing.T) {
	m := page(900, 700)
	for i, text := range []string{"one", "two", "three"} {
		code, err := codes.Draw(text, codes.QR, 200, 200)
		require.NoError(t, err)
		paste(m, code, image.Pt(20+i*280, 20+i*60))
	}
	code, err := codes.Draw("4006381333931", codes.EAN13, 300, 100)
	require.NoError(t, err)
	paste(m, code, image.Pt(50, 520))
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range m.Pix {
		m.Pix[i] = uint8(min(max(int(m.Pix[i])+rng.IntN(60)-30, 0), 255)) | uint8(255*(i%4/3))
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	for name, o := range map[string]codes.Options{
		"usual": {}, "shrunk": {MaxSide: 700}, "fast": {Fast: true, Formats: []codes.Format{codes.QR}},
	} {
		got, err := reader(t, o).Run(t.Context(), vision.Picture{Data: b.Bytes()})
		require.NoError(t, err)
		seen := map[string]image.Rectangle{}
		for _, c := range got {
			seen[c.Text] = c.Box
		}
		require.True(t, image.Pt(120, 120).In(seen["one"]), "%v", seen)
		require.True(t, image.Pt(400, 180).In(seen["two"]), "%v", seen)
		require.Contains(t, seen, "three")
		if !o.Fast {
			require.Contains(t, seen, "4006381333931", name)
		}
	}
}

func TestPicturesWithoutACode(t *testing.T) {
	r := reader(t, codes.Options{})
	for name, m := range map[string]image.Image{"white": page(200, 100), "one pixel": page(1, 1), "one row": page(300, 1)} {
		got, err := r.Run(t.Context(), vision.Picture{Image: m})
		require.NoError(t, err, name)
		require.Empty(t, got)
	}
	for _, bad := range []vision.Picture{{}, {Data: []byte("beans")}, {Image: image.NewGray(image.Rectangle{})}, {Data: []byte("x"), Image: page(1, 1)}} {
		_, err := r.Run(t.Context(), bad)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.Run(ctx, vision.Picture{Image: page(9, 9)})
	require.ErrorIs(t, err, context.Canceled)
	small := reader(t, codes.Options{Decode: vision.DecodeOptions{Limits: vision.Limits{MaxSide: 10}}})
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, page(50, 50)))
	_, err = small.Run(t.Context(), vision.Picture{Data: b.Bytes()})
	var limit *vision.LimitError
	require.ErrorAs(t, err, &limit)
}

func TestBadOptions(t *testing.T) {
	for _, o := range []codes.Options{{Formats: []codes.Format{"beans"}}, {MaxSide: -1}} {
		_, err := codes.New(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	for name, tt := range map[string]struct {
		text string
		f    codes.Format
		side int
		want error
	}{
		"no text":        {"", codes.QR, 100, quintet.ErrInput},
		"too much text":  {strings.Repeat("a", 3000), codes.QR, 100, quintet.ErrInput},
		"far too much":   {strings.Repeat("a", 10000), codes.QR, 100, quintet.ErrInput},
		"letters":        {"beans", codes.EAN13, 100, quintet.ErrInput},
		"a wrong digit":  {"4006381333932", codes.EAN13, 100, quintet.ErrInput},
		"not drawn":      {"beans", codes.Aztec, 100, quintet.ErrUnsupported},
		"no format":      {"beans", "beans", 100, quintet.ErrUnsupported},
		"a side too far": {"beans", codes.QR, 5000, quintet.ErrOption},
		"no side":        {"beans", codes.QR, 0, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := codes.Draw(tt.text, tt.f, tt.side, tt.side)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

// Whatever the pixels, reading ends with codes or without, and no panic.
func FuzzRead(f *testing.F) {
	for _, format := range []codes.Format{codes.QR, codes.DataMatrix, codes.EAN13} {
		code, err := codes.Draw("4006381333931", format, 60, 40)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(code.Rect.Dx()), code.Pix)
	}
	f.Fuzz(func(t *testing.T, w uint8, pix []byte) {
		if w == 0 || len(pix) < int(w) || len(pix) > 1<<14 {
			return
		}
		h := len(pix) / int(w)
		m := &image.Gray{Pix: pix[:h*int(w)], Stride: int(w), Rect: image.Rect(0, 0, int(w), h)}
		r, err := codes.New(codes.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), vision.Picture{Image: m}); err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleReader() {
	code, err := codes.Draw("https://example.com", codes.QR, 200, 200)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := codes.New(codes.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	found, err := r.Run(context.Background(), vision.Picture{Image: code})
	fmt.Println(found[0].Format, found[0].Text, err)
	// Output: qr https://example.com <nil>
}
