package text_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

func redact(tb testing.TB, body string, p text.Policy) text.Redacted {
	tb.Helper()
	r, err := text.Redact(body, p)
	require.NoError(tb, err)
	return r
}

func redactKey(tb testing.TB, b byte) text.RedactKey {
	tb.Helper()
	key, err := text.NewRedactKey([]byte(strings.Repeat(string(rune(b)), 32)))
	require.NoError(tb, err)
	return key
}

func TestRedact(t *testing.T) {
	body := "Ada: ada@example.com, card 4111 1111 1111 1111, ada@example.com, bob@example.com"
	tests := map[string]struct {
		p    text.Policy
		want string
	}{
		"the zero policy replaces": {text.Policy{}, "Ada: <EMAIL>, card <CARD>, <EMAIL>, <EMAIL>"},
		"with numbers": {text.Policy{Default: text.Operator{Numbered: true}},
			"Ada: <EMAIL_1>, card <CARD_1>, <EMAIL_1>, <EMAIL_2>"},
		"with a text": {text.Policy{Default: text.Operator{With: "[gone]"}}, "Ada: [gone], card [gone], [gone], [gone]"},
		"masked": {text.Policy{Default: text.Operator{Action: text.ActionMask}},
			"Ada: ***************, card *******************, ***************, ***************"},
		"masked but for the end": {text.Policy{
			Default:   text.Operator{Action: text.ActionDrop},
			Operators: map[text.PIIKind]text.Operator{text.PIICard: {Action: text.ActionMask, Mask: '·', KeepLast: 4}},
		}, "Ada: , card ···············1111, , "},
		"dropped": {text.Policy{Default: text.Operator{Action: text.ActionDrop}}, "Ada: , card , , "},
		"kept": {text.Policy{Operators: map[text.PIIKind]text.Operator{text.PIIEmail: {Action: text.ActionKeep}}},
			"Ada: ada@example.com, card <CARD>, ada@example.com, bob@example.com"},
		"all kept": {text.Policy{Default: text.Operator{Action: text.ActionKeep}}, body},
		"allowed":  {text.Policy{Find: text.PIIOptions{Allow: []string{"bob@example.com"}}}, "Ada: <EMAIL>, card <CARD>, <EMAIL>, bob@example.com"},
		"denied":   {text.Policy{Find: text.PIIOptions{Deny: []string{"ADA"}}}, "<DENIED>: <DENIED>, card <CARD>, <DENIED>, <EMAIL>"},
		"names too": {text.Policy{Find: text.PIIOptions{Names: func(string) []text.Span { return []text.Span{{Start: 0, End: 3}} }}},
			"<NAME>: <EMAIL>, card <CARD>, <EMAIL>, <EMAIL>"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, redact(t, body, tt.p).Body)
		})
	}
}

func TestRedactReplacesEveryMention(t *testing.T) {
	r := redact(t, "Phone 5552345678. Later: 5552345678, x5552345678.", text.Policy{})
	require.Equal(t, "Phone <PHONE>. Later: <PHONE>, x5552345678.", r.Body)
	r = redact(t, "Mail Ada@Example.com or ADA@EXAMPLE.COM", text.Policy{Default: text.Operator{Numbered: true}})
	require.Equal(t, "Mail <EMAIL_1> or <EMAIL_2>", r.Body)
}

func TestAShortValueIsMaskedWhole(t *testing.T) {
	p := text.Policy{
		Find:    text.PIIOptions{Deny: []string{"café", "zebra"}},
		Default: text.Operator{Action: text.ActionMask, KeepLast: 2},
	}
	require.Equal(t, "**** ***ra", redact(t, "café zebra", p).Body)
}

func TestRedactHash(t *testing.T) {
	p := text.Policy{Default: text.Operator{Action: text.ActionHash}, Key: redactKey(t, 'a')}
	body := "ada@example.com bob@example.com ada@example.com"
	parts := strings.Fields(redact(t, body, p).Body)
	require.Regexp(t, regexp.MustCompile(`^<EMAIL:[0-9a-f]{32}>$`), parts[0])
	require.Equal(t, parts[0], parts[2])
	require.NotEqual(t, parts[0], parts[1])
	p.Key = redactKey(t, 'b')
	require.NotEqual(t, parts[0], strings.Fields(redact(t, body, p).Body)[0])
}

func TestRestore(t *testing.T) {
	key := redactKey(t, 'a')
	p := text.Policy{Default: text.Operator{Action: text.ActionEncrypt}, Key: key}
	token := redact(t, "ada@example.com", p).Body
	for name, body := range map[string]string{
		"a letter":                personal,
		"nothing to find":         "The cat sat.",
		"empty":                   "",
		"a token":                 "old: " + token + " new: bob@example.com",
		"what looks like a token": "<EMAIL:1:" + strings.Repeat("A", 60) + ">",
		"what nearly is one":      "<EMAIL:1:ada@example.com> <<EMAIL:1:AAAA> <X:2:" + strings.Repeat("A", 60) + ">",
	} {
		t.Run(name, func(t *testing.T) {
			r := redact(t, body, p)
			back, err := text.Restore(r.Body, key)
			require.NoError(t, err)
			require.Equal(t, body, back)
		})
	}
	require.NotEqual(t, token, redact(t, "ada@example.com", p).Body, "a nonce is used once")
}

func TestRestoreRefuses(t *testing.T) {
	key := redactKey(t, 'a')
	p := text.Policy{Default: text.Operator{Action: text.ActionEncrypt}, Key: key}
	token := redact(t, "ada@example.com", p).Body
	at := strings.LastIndexByte(token, ':') + 20
	other := byte('A')
	if token[at] == other {
		other = 'B'
	}
	tests := map[string]struct {
		body  string
		key   text.RedactKey
		cause error
	}{
		"another key":     {token, redactKey(t, 'b'), quintet.ErrInput},
		"a changed byte":  {token[:at] + string(other) + token[at+1:], key, quintet.ErrInput},
		"a changed label": {strings.Replace(token, "EMAIL", "PHONE", 1), key, quintet.ErrInput},
		"no key":          {token, text.RedactKey{}, quintet.ErrOption},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			back, err := text.Restore("x "+tt.body, tt.key)
			require.ErrorIs(t, err, tt.cause)
			require.Empty(t, back)
		})
	}
	back, err := text.Restore(strings.Replace(token, ":1:", ":2:", 1), key)
	require.NoError(t, err)
	require.Contains(t, back, ":2:", "a token of another version is left")
}

func TestPoliciesAreChecked(t *testing.T) {
	for name, p := range map[string]text.Policy{
		"hash without a key":      {Default: text.Operator{Action: text.ActionHash}},
		"encrypt without a key":   {Operators: map[text.PIIKind]text.Operator{text.PIIEmail: {Action: text.ActionEncrypt}}},
		"an unknown action":       {Default: text.Operator{Action: 99}},
		"two kinds":               {Operators: map[text.PIIKind]text.Operator{text.PIIEmail | text.PIICard: {}}},
		"no kind":                 {Operators: map[text.PIIKind]text.Operator{0: {}}},
		"a negative number":       {Default: text.Operator{Action: text.ActionMask, KeepLast: -1}},
		"a mask that is no rune":  {Default: text.Operator{Action: text.ActionMask, Mask: 0xD800}},
		"a mask that is no mark":  {Default: text.Operator{Action: text.ActionMask, Mask: '\n'}},
		"fields of other actions": {Default: text.Operator{Action: text.ActionDrop, With: "x"}},
		"a label and a number":    {Default: text.Operator{With: "x", Numbered: true}},
		"bad options":             {Find: text.PIIOptions{MinScore: 2}},
	} {
		_, err := text.Redact("ada@example.com", p)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
	_, err := text.NewRedactKey(make([]byte, 31))
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestKeysAreNotPrinted(t *testing.T) {
	secret := strings.Repeat("k", 32)
	p := text.Policy{Key: redactKey(t, 'k')}
	hidden := struct{ p text.Policy }{p}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, out := range []string{fmt.Sprintf(format, p), fmt.Sprintf(format, hidden), fmt.Sprintf(format, p.Key), fmt.Sprintf(format, &p)} {
			require.NotContains(t, out, secret)
			require.NotContains(t, out, "107 107")
			require.NotContains(t, out, "6b6b")
			require.NotContains(t, out, "cipher", "nor what is derived from it")
		}
	}
	b, err := json.Marshal(struct{ Key any }{p.Key})
	require.NoError(t, err)
	require.JSONEq(t, `{"Key": {}}`, string(b))
}

func TestOriginalMapsOffsets(t *testing.T) {
	body := "é ada@example.com, then bob@example.com."
	for name, p := range map[string]text.Policy{
		"replaced": {}, "dropped": {Default: text.Operator{Action: text.ActionDrop}},
		"longer": {Default: text.Operator{With: strings.Repeat("-", 40)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := redact(t, body, p)
			require.Len(t, r.Changes, 2)
			for i := range r.Body {
				at := r.Original(i)
				inside := false
				for _, c := range r.Changes {
					if c.To.Start <= i && i < c.To.End {
						inside = true
						require.Equal(t, c.Start, at)
					}
				}
				if !inside {
					require.Equal(t, r.Body[i], body[at], "byte %d", i)
				}
			}
			require.Equal(t, len(body), r.Original(len(r.Body)))
			require.Equal(t, len(body), r.Original(1000))
			require.Zero(t, r.Original(-5))
		})
	}
	require.Equal(t, 3, text.Redacted{Body: "plain"}.Original(3))
}

// wordAt reports whether s[i:j] is not inside a word of letters and digits.
func wordAt(s string, i, j int) bool {
	inside := func(k int) bool {
		if k == 0 || k == len(s) {
			return false
		}
		a, _ := utf8.DecodeLastRuneInString(s[:k])
		b, _ := utf8.DecodeRuneInString(s[k:])
		return letterOrDigit(a) && letterOrDigit(b)
	}
	return !inside(i) && !inside(j)
}

// letterOrDigit is true for scripts without spaces too, which Redact counts as
// edges: the test asks less of them.
func letterOrDigit(r rune) bool {
	return r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// FuzzRedact: nothing that was found stands in the output as a word, what was not
// found does, in order, and Restore is the inverse of encryption.
func FuzzRedact(f *testing.F) {
	f.Add(personal, "Okafor")
	f.Add("tel 5552345678 5552345678 <EMAIL:1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA>", "a")
	f.Add("ada@b.cd 1ada@b.cd ADA@B.CD a", "b.cd 1")
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 5), p)
	}
	key := redactKey(f, 'f')
	f.Fuzz(func(t *testing.T, body, deny string) {
		o := text.PIIOptions{Names: func(s string) []text.Span { return []text.Span{{Start: len(s) / 2, End: len(s)/2 + 3}} }}
		if deny != "" && utf8.ValidString(deny) {
			o.Deny = []string{deny}
		}
		r := redact(t, body, text.Policy{Find: o})
		at, from := 0, 0
		for _, c := range r.Changes {
			if r.Body[at:c.To.Start] != body[from:c.Start] {
				t.Fatalf("%q is not %q", r.Body[at:c.To.Start], body[from:c.Start])
			}
			at, from = c.To.End, c.End
		}
		if r.Body[at:] != body[from:] {
			t.Fatalf("%q is not %q", r.Body[at:], body[from:])
		}
		noLeak(t, body, findPII(t, body, o), r.Changes)

		r = redact(t, body, text.Policy{Find: o, Default: text.Operator{Action: text.ActionEncrypt}, Key: key})
		if back, err := text.Restore(r.Body, key); err != nil || back != body {
			t.Fatalf("%q came back as %q, %v", body, back, err)
		}
	})
}

// noLeak fails if a value that was found stands in the body as a word outside of
// all changes.
func noLeak(t *testing.T, body string, found []text.Finding, changes []text.Change) {
	t.Helper()
	for _, x := range found {
		value := x.Of(body)
		for i := 0; i+len(value) <= len(body); i++ {
			if body[i:i+len(value)] != value || !wordAt(body, i, i+len(value)) {
				continue
			}
			if !slices.ContainsFunc(changes, func(c text.Change) bool { return c.Start < i+len(value) && i < c.End }) {
				t.Fatalf("%q stands at %d of %q", value, i, body)
			}
		}
	}
}

func TestNoValueLeaks(t *testing.T) {
	for _, action := range []text.Action{text.ActionReplace, text.ActionMask, text.ActionHash, text.ActionEncrypt, text.ActionDrop} {
		r := redact(t, personal+"\nRe: "+personal, text.Policy{Default: text.Operator{Action: action}, Key: redactKey(t, 'x')})
		require.Len(t, r.Changes, 26)
		for _, c := range r.Changes {
			require.NotContains(t, r.Body, c.Of(personal+"\nRe: "+personal))
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	for name, p := range map[string]text.Policy{
		"replace": {}, "encrypt": {Default: text.Operator{Action: text.ActionEncrypt}, Key: redactKey(b, 'x')},
	} {
		b.Run("action="+name, func(b *testing.B) {
			b.SetBytes(int64(len(personal)))
			b.ReportAllocs()
			for b.Loop() {
				redact(b, personal, p)
			}
		})
	}
}

func ExampleRedact() {
	body := "Write to ada@example.com or bob@example.com; card 4111 1111 1111 1111."
	r, err := text.Redact(body, text.Policy{
		Default:   text.Operator{Numbered: true},
		Operators: map[text.PIIKind]text.Operator{text.PIICard: {Action: text.ActionMask, KeepLast: 4}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Body)
	fmt.Println(body[r.Original(9):])
	// Output:
	// Write to <EMAIL_1> or <EMAIL_2>; card ***************1111.
	// ada@example.com or bob@example.com; card 4111 1111 1111 1111.
}

func ExampleRestore() {
	key, err := text.NewRedactKey([]byte("thirty-two random bytes, not this"))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := text.Redact("Write to ada@example.com.", text.Policy{
		Default: text.Operator{Action: text.ActionEncrypt}, Key: key,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := text.Restore(r.Body, key)
	fmt.Println(r.Body != back, back, err)
	// Output: true Write to ada@example.com. <nil>
}
