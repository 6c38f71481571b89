//go:build !purego

package jpeg_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"

	"github.com/quintet-ai/quintet/internal/jpeg"
)

// requireTwins decodes with the kernel and with the Go code beside it.
func requireTwins(t *testing.T, data []byte, scale int) {
	t.Helper()
	if !cpu.X86.HasBMI2 {
		t.Skip("the processor has no BMI2")
	}
	got, gotErr := jpeg.Decode(context.Background(), data, jpeg.Options{Scale: scale})
	jpeg.SetBMI2(false)
	defer jpeg.SetBMI2(true)
	want, wantErr := jpeg.Decode(context.Background(), data, jpeg.Options{Scale: scale})
	require.Equal(t, wantErr, gotErr)
	require.Equal(t, want, got)
}

func TestKernelOfCodesEqualsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	files := libraryFiles(t)
	for _, quality := range []int{5, 50, 90, 100} {
		files["photograph"+string(rune(quality))] = encode(t, photograph(150, 90), quality)
	}
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			for _, scale := range []int{1, 2, 4, 8} {
				requireTwins(t, data, scale)
				for range 3 {
					broken := append([]byte{}, data...)
					for range 1 + rng.IntN(4) {
						broken[len(broken)/4+rng.IntN(len(broken)*3/4)] = byte(rng.Uint32())
					}
					requireTwins(t, broken, scale)
				}
			}
		})
	}
}

// Whatever the bytes, both make the same of them.
func FuzzKernelOfCodes(f *testing.F) {
	for _, data := range libraryFiles(f) {
		if len(data) < 20_000 {
			f.Add(data, uint8(len(data)))
		}
	}
	f.Add(encode(f, photograph(33, 21), 100), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, scale uint8) {
		if config, ok := header(data); !ok || config.Width*config.Height > 1<<18 || len(data) > 1<<16 {
			return
		}
		requireTwins(t, data, 1<<(scale%4))
	})
}
