package audio_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

// coded returns a file that testdata/coded.sh made.
func coded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata/coded", name))
	require.NoError(t, err)
	return b
}

// lossless returns the names of the files that must be decoded to the bit, with
// the sum of what FFmpeg decodes.
func lossless(t testing.TB) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for line := range strings.Lines(string(coded(t, "SHA256"))) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		sums[name] = sum
	}
	require.NotEmpty(t, sums)
	return sums
}

func TestLosslessFilesAreDecodedToTheBit(t *testing.T) {
	for name, sum := range lossless(t) {
		t.Run(name, func(t *testing.T) {
			clip, info := decode(t, coded(t, name))
			raw, err := binary.Append(nil, binary.LittleEndian, clip.Samples)
			require.NoError(t, err)
			got := sha256.Sum256(raw)
			require.Equal(t, sum, hex.EncodeToString(got[:]))
			require.False(t, info.Truncated)
			require.Equal(t, strings.TrimPrefix(filepath.Ext(name), "."), string(info.Format))
		})
	}
}

// small names a file of every kind for tests that decode it again and again.
var small = []string{"silence.flac", "eight.flac", "wasted.flac", "pcm_s8.aiff", "pcm_s16le.aiff", "sox.aiff", "mono.mp3", "mono.ogg", "speech.opus"}

func TestAReaderGivesWhatDecodeGives(t *testing.T) {
	for _, name := range small {
		for _, size := range []int{1, 7, 1 << 16} {
			file := coded(t, name)
			want, info := decode(t, file)
			r, err := audio.NewReader(iotest.OneByteReader(bytes.NewReader(file)), audio.DecodeOptions{})
			require.NoError(t, err)
			require.Equal(t, want.Rate, r.Rate())
			require.Equal(t, want.Channels, r.Channels())
			var got []float32
			for buf := make([]float32, size); ; {
				n, err := r.Read(buf)
				got = append(got, buf[:n]...)
				if n == 0 {
					require.EqualError(t, err, "EOF")
					break
				}
				require.NoError(t, err)
			}
			require.Equal(t, want.Samples, got, name)
			require.Equal(t, info, r.Info())
		}
	}
}

// A file cut anywhere gives the beginning of its sound or an error that names the
// input.
func TestFilesCutAnywhere(t *testing.T) {
	for _, name := range small {
		t.Run(name, func(t *testing.T) {
			file := coded(t, name)
			whole, _ := decode(t, file)
			for n := range positions(len(file)) {
				clip, info, err := audio.Decode(bytes.NewReader(file[:n]), audio.DecodeOptions{})
				if err != nil {
					requireRefusal(t, err)
					continue
				}
				if len(clip.Samples) < len(whole.Samples) {
					require.True(t, info.Truncated, "after %d bytes", n)
				}
				require.LessOrEqual(t, len(clip.Samples), len(whole.Samples))
				require.True(t, slices.Equal(whole.Samples[:len(clip.Samples)], clip.Samples), "after %d bytes", n)
			}
		})
	}
}

// positions are all of the first bytes of a file, which are its headers, and then one of
// eleven, so that each bit of a byte has its turn.
func positions(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
			if i >= 128 {
				i += 10
			}
		}
	}
}

// A flipped bit anywhere gives a valid clip or an error that names the input.
func TestFilesWithAFlippedBit(t *testing.T) {
	for _, name := range small {
		t.Run(name, func(t *testing.T) {
			file := coded(t, name)
			limits := audio.Limits{MaxBytes: 1 << 22}
			for i := range positions(len(file)) {
				bad := bytes.Clone(file)
				bad[i] ^= 1 << (i % 8)
				clip, _, err := audio.Decode(bytes.NewReader(bad), audio.DecodeOptions{Limits: limits})
				if err != nil {
					requireRefusal(t, err)
					continue
				}
				_, err = audio.Measure(clip)
				require.NoError(t, err, "byte %d", i)
			}
		})
	}
}

func requireRefusal(t testing.TB, err error) {
	t.Helper()
	if !strings.Contains(err.Error(), quintet.ErrInput.Error()) {
		require.ErrorIs(t, err, quintet.ErrUnsupported)
	}
	require.NotContains(t, err.Error(), "stumbled")
}

// The files that lose something have the frames that were encoded and are held
// against what FFmpeg decodes: none of the samples farther away than the bound.
func TestLossyFilesAgreeWithFFmpeg(t *testing.T) {
	for name, tt := range map[string]struct {
		frames int
		bound  float64
	}{
		"joint.mp3":   {3528, 5e-6},
		"vbr.mp3":     {3528, 5e-6},
		"mono.mp3":    {3528, 5e-6},
		"low.mp3":     {3456, 5e-6},
		"bare.mp3":    {5760, 5e-6}, // nothing says how much to drop
		"stereo.ogg":  {3528, 1e-5},
		"mono.ogg":    {1764, 1e-5},
		"six.ogg":     {882, 1e-5},
		"music.opus":  {2880, 1e-4}, // libopus,
		"speech.opus": {3840, 6e-3},
		"hybrid.opus": {3840, 2e-2},
	} {
		t.Run(name, func(t *testing.T) {
			want, _ := decode(t, coded(t, name+".flac"))
			clip, info := decode(t, coded(t, name))
			require.Equal(t, audio.Coded, info.Encoding)
			require.False(t, info.Truncated)
			require.Equal(t, want.Rate, clip.Rate)
			require.Equal(t, want.Channels, clip.Channels)
			require.Equal(t, tt.frames, clip.Frames())
			require.GreaterOrEqual(t, want.Frames(), clip.Frames()) // FFmpeg keeps the end of a short Vorbis file
			require.LessOrEqual(t, distance(clip.Samples, want.Samples), tt.bound)
		})
	}
}

// distance returns the largest difference of two samples.
func distance(a, b []float32) (most float64) {
	for i := range a {
		most = max(most, math.Abs(float64(a[i])-float64(b[i])))
	}
	return most
}
