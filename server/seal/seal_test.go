package seal_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/seal"
)

const (
	chunk  = 64 << 10
	tag    = 16
	header = 6 + 1 + 2 + 12 + 32 + tag // with an ID of two bytes
)

var options = seal.Options{
	Keys: seal.Keys{Current: "k1", ByID: map[string][]byte{
		"k1": []byte("first key of thirty-two bytes..."), "k2": []byte("second key of thirty-two bytes.."),
	}},
	Context: "vectors/products",
}

func content(n int) []byte {
	b := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = rng.Read(b)
	return b
}

func sealed(t testing.TB, plain []byte, o seal.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := seal.NewWriter(&b, o)
	require.NoError(t, err)
	n, err := w.Write(plain)
	require.NoError(t, err)
	require.Equal(t, len(plain), n)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func unsealed(r io.Reader, o seal.Options) ([]byte, error) {
	s, err := seal.NewReader(r, o)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(s)
}

// naive seals as the package comment says.
func naive(fileKey, plain []byte, o seal.Options) []byte {
	gcm := func(key []byte) cipher.AEAD {
		b, err := aes.NewCipher(key)
		if err != nil {
			panic(err)
		}
		a, err := cipher.NewGCM(b)
		if err != nil {
			panic(err)
		}
		return a
	}
	out := append([]byte("QSEAL\x01"), byte(len(o.Keys.Current)))
	out = append(out, o.Keys.Current...)
	bound := append(bytes.Clone(out), o.Context...)
	nonce := []byte("any nonce...")
	out = append(out, nonce...)
	out = gcm(o.Keys.ByID[o.Keys.Current]).Seal(out, nonce, fileKey, bound)
	parts := slices.Collect(slices.Chunk(plain, chunk))
	if len(parts) == 0 {
		parts = [][]byte{nil}
	}
	for i, p := range parts {
		n := binary.BigEndian.AppendUint64(make([]byte, 3), uint64(i))
		if i == len(parts)-1 {
			n = append(n, 1)
		} else {
			n = append(n, 0)
		}
		out = gcm(fileKey).Seal(out, n, p, nil)
	}
	return out
}

func TestContentComesBack(t *testing.T) {
	for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3*chunk + 17} {
		plain := content(n)
		b := sealed(t, plain, options)
		got, err := unsealed(bytes.NewReader(b), options)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got), n)
		want := naive(content(32), plain, options)
		require.Len(t, b, len(want))
		got, err = unsealed(iotest.OneByteReader(bytes.NewReader(want)), options)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got), n)
		if n >= 32 {
			require.NotContains(t, string(b), string(plain[:32]))
		}
		require.NotEqual(t, b, sealed(t, plain, options), "each file has a key of its own")
	}
}

func TestPiecesOfAWriteDoNotMatter(t *testing.T) {
	rng, plain := rand.New(rand.NewPCG(1, 2)), content(5*chunk+100)
	for range 20 {
		var b bytes.Buffer
		w, err := seal.NewWriter(&b, options)
		require.NoError(t, err)
		for rest := plain; len(rest) > 0; {
			n := min(len(rest), 1+rng.IntN(2*chunk))
			_, err := w.Write(rest[:n])
			require.NoError(t, err)
			rest = rest[n:]
		}
		require.NoError(t, w.Close())
		require.NoError(t, w.Close(), "twice")
		_, err = w.Write([]byte("x"))
		require.ErrorIs(t, err, quintet.ErrClosed)
		got, err := unsealed(&b, options)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))
	}
}

func TestEveryChangeIsNoticed(t *testing.T) {
	plain := content(3*chunk + 100)
	b := sealed(t, plain, options)
	other := sealed(t, plain, options)
	at := func(i int) int { return header + i*(chunk+tag) }
	part := func(i int) []byte { return b[at(i):at(i+1)] }
	for name, bad := range map[string][]byte{
		"nothing":                   {},
		"half a header":             b[:header/2],
		"header alone":              b[:header],
		"cut within the first":      b[:header+100],
		"cut after a chunk":         b[:at(2)],
		"cut after a chunk and one": b[:at(2)+1],
		"last chunk out":            b[:at(3)],
		"a chunk out":               slices.Concat(b[:at(1)], b[at(2):]),
		"two chunks swapped":        slices.Concat(b[:at(0)], part(1), part(0), b[at(2):]),
		"a chunk twice":             slices.Concat(b[:at(1)], part(0), b[at(1):]),
		"last chunk twice":          slices.Concat(b, b[at(3):]),
		"a byte more":               slices.Concat(b, []byte{0}),
		"a chunk of another file":   slices.Concat(b[:at(1)], other[at(1):at(2)], b[at(2):]),
		"header of another file":    slices.Concat(other[:header], b[header:]),
		"another version":           slices.Concat([]byte("QSEAL\x02"), b[6:]),
		"another ID":                bytes.Replace(b, []byte("k1"), []byte("k2"), 1),
		"plain text":                plain,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := unsealed(bytes.NewReader(bad), options)
			require.ErrorIs(t, err, seal.ErrTampered)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.True(t, bytes.HasPrefix(plain, got), "only whole chunks come out, in order")
		})
	}
	small := sealed(t, content(50), options)
	for i := range small { // each byte, each time another bit
		bad := bytes.Clone(small)
		bad[i] ^= 1 << (i % 8)
		_, err := unsealed(bytes.NewReader(bad), options)
		require.True(t, errors.Is(err, seal.ErrTampered) || errors.Is(err, quintet.ErrOption), "byte %d: %v", i, err)
	}
	for i := range small {
		_, err := unsealed(bytes.NewReader(small[:i]), options)
		require.ErrorIs(t, err, seal.ErrTampered, "%d bytes", i)
	}
}

func TestFileOpensWithItsKeyAndContextOnly(t *testing.T) {
	b := sealed(t, content(10), options)
	o := options
	o.Context = "vectors/people"
	_, err := seal.NewReader(bytes.NewReader(b), o)
	require.ErrorIs(t, err, seal.ErrTampered)
	o = options
	o.Keys.ByID = map[string][]byte{"k1": options.Keys.ByID["k2"]}
	_, err = seal.NewReader(bytes.NewReader(b), o)
	require.ErrorIs(t, err, seal.ErrTampered)
	o.Keys.ByID = map[string][]byte{"k2": options.Keys.ByID["k2"]}
	_, err = seal.NewReader(bytes.NewReader(b), o)
	require.ErrorIs(t, err, quintet.ErrOption, "a key that is not known")
}

func TestKeysRotate(t *testing.T) {
	plain := content(chunk + 5)
	old := sealed(t, plain, options)
	o := options
	o.Keys.Current = "k2"
	var moved bytes.Buffer
	require.NoError(t, seal.Rewrap(&moved, bytes.NewReader(old), o))
	require.Equal(t, old[header:], moved.Bytes()[header:], "the content is copied")
	o.Keys.ByID = map[string][]byte{"k2": options.Keys.ByID["k2"]}
	got, err := unsealed(&moved, o)
	require.NoError(t, err)
	require.True(t, bytes.Equal(plain, got))
	require.ErrorIs(t, seal.Rewrap(&moved, bytes.NewReader(old), o), quintet.ErrOption, "the old key is gone")
	require.ErrorIs(t, seal.Rewrap(&moved, strings.NewReader("x"), o), seal.ErrTampered)
	o.Keys.Current = "k3"
	require.ErrorIs(t, seal.Rewrap(&moved, &moved, o), quintet.ErrInput)
}

func TestFaultsOfWhatIsBelowComeBack(t *testing.T) {
	flaw := errors.New("flaw")
	_, err := seal.NewWriter(failing{flaw}, options)
	require.ErrorIs(t, err, flaw)
	b := sealed(t, content(2*chunk), options)
	_, err = unsealed(io.MultiReader(bytes.NewReader(b[:chunk]), iotest.ErrReader(flaw)), options)
	require.ErrorIs(t, err, flaw)
	_, err = unsealed(io.MultiReader(bytes.NewReader(b[:10]), iotest.ErrReader(flaw)), options)
	require.ErrorIs(t, err, flaw)
	at := &limited{n: header, err: flaw}
	w, err := seal.NewWriter(at, options)
	require.NoError(t, err)
	_, err = w.Write(content(2 * chunk))
	require.ErrorIs(t, err, flaw)
	require.ErrorIs(t, w.Close(), flaw, "a file that is not whole does not close well")
	for name, k := range map[string]seal.Keys{
		"none": {}, "no current": {Current: "x", ByID: options.Keys.ByID}, "short": {Current: "a", ByID: map[string][]byte{"a": content(16)}},
		"no ID": {ByID: map[string][]byte{"": content(32)}}, "long ID": {Current: "a", ByID: map[string][]byte{strings.Repeat("a", 256): content(32)}},
	} {
		_, err := seal.NewWriter(io.Discard, seal.Options{Keys: k})
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
	_, err = seal.NewReader(bytes.NewReader(b), seal.Options{Keys: seal.Keys{ByID: map[string][]byte{"a": nil}}})
	require.ErrorIs(t, err, quintet.ErrOption)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// limited fails after n bytes.
type limited struct {
	n   int
	err error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.n -= len(p); l.n < 0 {
		return 0, l.err
	}
	return len(p), nil
}

// What opens without an error is what was sealed.
func FuzzReader(f *testing.F) {
	plain := content(100)
	b := sealed(f, plain, options)
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add([]byte("QSEAL\x01\x00"))
	f.Add(slices.Concat(b, b))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := unsealed(bytes.NewReader(b), options)
		if err == nil && !bytes.Equal(got, plain) {
			t.Fatalf("%x", b)
		}
		if err != nil && !errors.Is(err, quintet.ErrInput) && !errors.Is(err, quintet.ErrOption) {
			t.Fatal(err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	plain := content(4 << 20)
	b.Run("op=write", func(b *testing.B) {
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			w, err := seal.NewWriter(io.Discard, options)
			require.NoError(b, err)
			_, err = w.Write(plain)
			require.NoError(b, err)
			require.NoError(b, w.Close())
		}
	})
	b.Run("op=read", func(b *testing.B) {
		s := sealed(b, plain, options)
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			r, err := seal.NewReader(bytes.NewReader(s), options)
			require.NoError(b, err)
			n, err := io.Copy(io.Discard, r)
			require.NoError(b, err)
			require.EqualValues(b, len(plain), n)
		}
	})
}

func Example() {
	var file bytes.Buffer
	w, err := seal.NewWriter(&file, options)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(w, "a snapshot")
	if err := w.Close(); err != nil {
		panic(err)
	}
	r, err := seal.NewReader(&file, options)
	if err != nil {
		panic(err)
	}
	plain, err := io.ReadAll(r)
	fmt.Printf("%s %v\n", plain, err)
	// Output: a snapshot <nil>
}
