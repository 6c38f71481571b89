package tokenize_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
)

// naiveWindows cuts n tokens by the definition: each window begins room-stride
// tokens after the one before, and the first to reach the end is the last.
func naiveWindows(n, room, stride int) (out [][2]int) {
	for start := 0; ; start += room - stride {
		out = append(out, [2]int{start, min(start+room, n)})
		if start+room >= n {
			return out
		}
	}
}

func TestWindows(t *testing.T) {
	tests := map[string]struct {
		o      tokenize.Truncation
		stride int
		s      string
		want   []string
	}{
		"one is enough":         {tokenize.Truncation{MaxTokens: 5}, 1, "a b c", []string{"[CLS] a b c [SEP]"}},
		"no stride":             {tokenize.Truncation{MaxTokens: 4}, 0, "a b c d e", []string{"[CLS] a b [SEP]", "[CLS] c d [SEP]", "[CLS] e [SEP]"}},
		"a stride":              {tokenize.Truncation{MaxTokens: 5}, 1, "a b c d e", []string{"[CLS] a b c [SEP]", "[CLS] c d e [SEP]"}},
		"the largest stride":    {tokenize.Truncation{MaxTokens: 4}, 1, "a b c d", []string{"[CLS] a b [SEP]", "[CLS] b c [SEP]", "[CLS] c d [SEP]"}},
		"from the left":         {tokenize.Truncation{MaxTokens: 5, Side: tokenize.Left}, 1, "a b c d", []string{"[CLS] b c d [SEP]", "[CLS] a b [SEP]"}},
		"nothing":               {tokenize.Truncation{MaxTokens: 5}, 1, " ", []string{"[CLS] [SEP]"}},
		"a huge limit":          {tokenize.Truncation{MaxTokens: 1<<31 - 1}, 1, "a b c d", []string{"[CLS] a b c d [SEP]"}},
		"no truncation":         {tokenize.Truncation{}, 7, "a b c d", []string{"[CLS] a b c d [SEP]"}},
		"last one is not whole": {tokenize.Truncation{MaxTokens: 5}, 0, "a b c d", []string{"[CLS] a b c [SEP]", "[CLS] d [SEP]"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk := load(t, "bertcased", tokenize.Options{Truncation: tt.o})
			windows, err := tk.EncodeWindows(tt.s, tt.stride)
			require.NoError(t, err)
			var got []string
			for _, w := range windows {
				got = append(got, tk.Decode(w.IDs, false))
				require.Equal(t, len(tt.want) > 1, w.Truncated)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// Windows of real texts are the parts of the whole encoding, whatever the model, the
// room and the stride.
func TestWindowsAreThePartsOfTheWhole(t *testing.T) {
	for _, name := range []string{"bert", "gpt2", "roberta", "llama2", "xlmr", "gemma"} {
		whole := load(t, name, tokenize.Options{NoTruncation: true, NoSpecialTokens: true})
		for i, s := range texts(t)[:400] {
			room := 1 + i%9
			cut := tokenize.Truncation{MaxTokens: room, Strategy: tokenize.OnlySecond}
			tk := load(t, name, tokenize.Options{NoSpecialTokens: true, Truncation: cut})
			all, stride := whole.Encode(tokenize.Encoding{}, s), i%room
			got, err := tk.EncodeWindows(s, stride)
			require.NoError(t, err)
			want := naiveWindows(all.Len(), room, stride)
			require.Len(t, got, len(want), "%s: %q", name, s)
			for k, w := range want {
				requireSound(t, got[k])
				require.Equal(t, join(all.IDs[w[0]:w[1]]), join(got[k].IDs), "%s: %q", name, s)
				require.Equal(t, join(all.WordIDs[w[0]:w[1]]), join(got[k].WordIDs))
				if name != "roberta" { // the first token of a window keeps a blank that others lose
					require.Equal(t, append([]tokenize.Span{}, all.Offsets[w[0]:w[1]]...), append([]tokenize.Span{}, got[k].Offsets...))
				}
			}
			require.Equal(t, join(tk.Encode(tokenize.Encoding{}, s).IDs), join(got[0].IDs), "the first is Encode's")
		}
	}
}

func TestWindowsOfPairs(t *testing.T) {
	second := tokenize.Truncation{MaxTokens: 8, Strategy: tokenize.OnlySecond}
	first := tokenize.Truncation{MaxTokens: 8, Strategy: tokenize.OnlyFirst}
	left := second
	left.Side = tokenize.Left
	tests := map[string]struct {
		o      tokenize.Truncation
		stride int
		a, b   string
		want   []string
	}{
		"the second is cut":  {second, 1, "x y", "a b c d", []string{"[CLS] x y [SEP] a b c [SEP]", "[CLS] x y [SEP] c d [SEP]"}},
		"the first is cut":   {first, 0, "a b c d", "x y z", []string{"[CLS] a b [SEP] x y z [SEP]", "[CLS] c d [SEP] x y z [SEP]"}},
		"from the left":      {left, 0, "x y", "a b c d", []string{"[CLS] x y [SEP] b c d [SEP]", "[CLS] x y [SEP] a [SEP]"}},
		"one is enough":      {second, 2, "x y", "a b c", []string{"[CLS] x y [SEP] a b c [SEP]"}},
		"nothing to be cut":  {second, 2, "x y", "", []string{"[CLS] x y [SEP] [SEP]"}},
		"no truncation":      {tokenize.Truncation{}, 2, "x y", "a b c", []string{"[CLS] x y [SEP] a b c [SEP]"}},
		"room for one token": {second, 0, "v w x y", "a b", []string{"[CLS] v w x y [SEP] a [SEP]", "[CLS] v w x y [SEP] b [SEP]"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk := load(t, "bertcased", tokenize.Options{Truncation: tt.o})
			windows, err := tk.EncodePairWindows(tt.a, tt.b, tt.stride)
			require.NoError(t, err)
			var got []string
			for _, w := range windows {
				requireSound(t, w)
				got = append(got, tk.Decode(w.IDs, false))
				for i, id := range w.IDs {
					if q := w.SequenceIDs[i]; q >= 0 {
						token, _ := tk.Token(id)
						at := w.Offsets[i]
						require.Equal(t, token, []string{tt.a, tt.b}[q][at.Start:at.End])
					}
				}
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestWindowsRefuse(t *testing.T) {
	tk := func(o tokenize.Truncation) *tokenize.Tokenizer {
		return load(t, "bertcased", tokenize.Options{Truncation: o})
	}
	six := tk(tokenize.Truncation{MaxTokens: 6, Strategy: tokenize.OnlySecond})
	for _, stride := range []int{-1, 4, 9} {
		_, err := six.EncodeWindows("a b", stride)
		require.ErrorIs(t, err, quintet.ErrOption, stride)
		_, err = six.EncodePairWindows("a", "b", stride)
		require.ErrorIs(t, err, quintet.ErrOption, stride)
	}
	for name, a := range map[string]string{"more than fits": "a b c d", "just no room": "a b", "all": "a b c"} {
		_, err := six.EncodePairWindows(a, "x y", 1)
		require.ErrorIs(t, err, quintet.ErrInput, name)
	}
	_, err := tk(tokenize.Truncation{MaxTokens: 6}).EncodePairWindows("a", "b", 0)
	require.ErrorContains(t, err, "windows of a pair need OnlyFirst or OnlySecond: invalid option")
}

func TestWindowsArePadded(t *testing.T) {
	tk := load(t, "bertcased", tokenize.Options{
		Truncation: tokenize.Truncation{MaxTokens: 4}, Padding: tokenize.Padding{Length: 4},
	})
	windows, err := tk.EncodeWindows("a b c", 0)
	require.NoError(t, err)
	require.Equal(t, []int32{1, 1, 1, 0}, windows[1].AttentionMask)
}

// FuzzWindows: every token of the second text is in some window, neighbours share
// what they should, no window is too long, and the first text is whole in each.
func FuzzWindows(f *testing.F) {
	f.Add("who is it", "Ünï 中 ab  ab. a1 "+strings.Repeat("one two ", 9), uint8(12), uint8(2))
	f.Add("", "", uint8(0), uint8(0))
	bases := map[string]*tokenize.Tokenizer{}
	for _, name := range []string{"bert", "gpt4o", "llama2", "albert"} {
		bases[name] = load(f, name, tokenize.Options{NoTruncation: true})
	}
	f.Fuzz(func(t *testing.T, a, b string, size, stride uint8) {
		for name, base := range bases {
			o := tokenize.Truncation{MaxTokens: base.SpecialTokens(true) + 1 + int(size), Strategy: tokenize.OnlySecond}
			tk, err := base.With(tokenize.Options{Truncation: o})
			require.NoError(t, err)
			windows, err := tk.EncodePairWindows(a, b, int(stride))
			whole := base.EncodePair(tokenize.Encoding{}, a, b)
			first, second := of(whole, 0), of(whole, 1)
			room := o.MaxTokens - base.SpecialTokens(true) - len(first)
			if int(stride) >= room {
				require.Error(t, err)
				continue
			}
			require.NoError(t, err)
			want := naiveWindows(len(second), room, int(stride))
			require.Len(t, windows, len(want), "%s: %q %q", name, a, b)
			for i, w := range windows {
				requireSound(t, w)
				require.LessOrEqual(t, w.Len(), o.MaxTokens)
				require.Equal(t, first, of(w, 0))
				require.Equal(t, second[want[i][0]:want[i][1]], of(w, 1), fmt.Sprint(name, i))
			}
		}
	})
}

// of returns the ids of one sequence.
func of(e tokenize.Encoding, sequence int32) []int32 {
	ids := []int32{}
	for i, id := range e.IDs {
		if e.SequenceIDs[i] == sequence {
			ids = append(ids, id)
		}
	}
	return ids
}
