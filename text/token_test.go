package text_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/text"
)

// kinds writes the tokens of body as "kind:text".
func kinds(body string) []string {
	var out []string
	for _, t := range text.Tokens(body) {
		out = append(out, t.Kind.String()+":"+t.Of(body))
	}
	return out
}

func TestTokens(t *testing.T) {
	tests := map[string]struct {
		body string
		want []string
	}{
		"empty":                               {"", nil},
		"white space":                         {" \t\r\n\u00a0\u2003", nil},
		"words and marks":                     {"Hello, world!", []string{"word:Hello", "punct:,", "word:world", "punct:!"}},
		"a contraction is one word":           {"don't don’t", []string{"word:don't", "word:don’t"}},
		"a closing apostrophe is a mark":      {"dogs' 'tis", []string{"word:dogs", "punct:'", "punct:'", "word:tis"}},
		"points inside are part of it":        {"U.S.A. e.g.", []string{"word:U.S.A", "punct:.", "word:e.g", "punct:."}},
		"hyphens part words":                  {"well-known", []string{"word:well", "punct:-", "word:known"}},
		"digits and letters are a word":       {"3rd mp3 x_y", []string{"word:3rd", "word:mp3", "word:x_y"}},
		"numbers with points and commas":      {"3.14 1,000.50 5.", []string{"number:3.14", "number:1,000.50", "number:5", "punct:."}},
		"a time is three tokens":              {"10:30", []string{"number:10", "punct::", "number:30"}},
		"a run of one mark is one token":      {"so... -- !!", []string{"word:so", "punct:...", "punct:--", "punct:!!"}},
		"brackets are single":                 {"((a))", []string{"punct:(", "punct:(", "word:a", "punct:)", "punct:)"}},
		"underscores are a mark":              {"___", []string{"punct:___"}},
		"symbols":                             {"$5 + €7 → x", []string{"symbol:$", "number:5", "symbol:+", "symbol:€", "number:7", "symbol:→", "word:x"}},
		"numbers of other scripts":            {"٣٤ ½ Ⅷ", []string{"number:٣٤", "number:½", "number:Ⅷ"}},
		"accents, whole or combining":         {"café cafe\u0301 Ünal", []string{"word:café", "word:cafe\u0301", "word:Ünal"}},
		"other alphabets":                     {"Привет, κόσμε!", []string{"word:Привет", "punct:,", "word:κόσμε", "punct:!"}},
		"Arabic and Hebrew":                   {"مرحبا ש\"ס", []string{"word:مرحبا", "word:ש\"ס"}},
		"ideographs are single, kana a word":  {"日本語カタカナ", []string{"word:日", "word:本", "word:語", "word:カタカナ"}},
		"Hangul is a word":                    {"한국어 단어", []string{"word:한국어", "word:단어"}},
		"emoji with modifiers":                {"👍🏽👨‍👩‍👧🇩🇪🇫🇷", []string{"emoji:👍🏽", "emoji:👨‍👩‍👧", "emoji:🇩🇪", "emoji:🇫🇷"}},
		"a keycap, a heart, a watch":          {"1️⃣ #️⃣ ❤️ ⌚", []string{"emoji:1️⃣", "emoji:#️⃣", "emoji:❤️", "emoji:⌚"}},
		"a symbol without picture stays one":  {"© ✓", []string{"symbol:©", "symbol:✓"}},
		"a URL":                               {"see https://go.dev/doc#a?b=c&d=%20e now", []string{"word:see", "url:https://go.dev/doc#a?b=c&d=%20e", "word:now"}},
		"a URL ends before the sentence does": {"http://a.b/c. (http://a.b/c), http://a.b/c?!", []string{"url:http://a.b/c", "punct:.", "punct:(", "url:http://a.b/c", "punct:)", "punct:,", "url:http://a.b/c", "punct:?", "punct:!"}},
		"a URL keeps its own brackets":        {"https://e.org/wiki/A_(b) [x](http://a.b)", []string{"url:https://e.org/wiki/A_(b)", "punct:[", "word:x", "punct:]", "punct:(", "url:http://a.b", "punct:)"}},
		"a URL by its www":                    {"WWW.example.com/a www.b.org.", []string{"url:WWW.example.com/a", "url:www.b.org", "punct:."}},
		"a URL with letters of its own":       {"http://müller.de/straße!", []string{"url:http://müller.de/straße", "punct:!"}},
		"a URL next to ideographs":            {"看https://a.b/c吧", []string{"word:看", "url:https://a.b/c", "word:吧"}},
		"a URL with an address for a host":    {"http://[::1]:80/x", []string{"url:http://[::1]:80/x"}},
		"no URL without a host":               {"http:// x", []string{"word:http", "punct::", "punct://", "word:x"}},
		"e-mail addresses":                    {"ada.l+x@mail.example.com, b_c@d-e.org.", []string{"email:ada.l+x@mail.example.com", "punct:,", "email:b_c@d-e.org", "punct:."}},
		"an e-mail address behind a colon":    {"mailto:ada@e.org To:1,b@e.org", []string{"word:mailto", "punct::", "email:ada@e.org", "word:To", "punct::", "number:1", "punct:,", "email:b@e.org"}},
		"an e-mail address in brackets":       {"<ada@e.org>", []string{"symbol:<", "email:ada@e.org", "symbol:>"}},
		"an e-mail address next to ideograph": {"邮件ada@e.org吧", []string{"word:邮", "word:件", "email:ada@e.org", "word:吧"}},
		"an e-mail address needs a domain":    {"ada@home 5@3.50", []string{"word:ada", "punct:@", "word:home", "number:5", "punct:@", "number:3.50"}},
		"an e-mail address is ASCII":          {"josé@e.org", []string{"word:josé", "punct:@", "word:e.org"}},
		"mentions":                            {"@ada: thanks @b_2's", []string{"mention:@ada", "punct::", "word:thanks", "mention:@b_2", "punct:'", "word:s"}},
		"a mention with its server":           {"@ada@social.example.org", []string{"mention:@ada@social.example.org"}},
		"hashtags":                            {"#golang, #日本語 #a_1 #été", []string{"hashtag:#golang", "punct:,", "hashtag:#日本語", "hashtag:#a_1", "hashtag:#été"}},
		"no hashtag":                          {"#1 C# a#b &#x27;", []string{"punct:#", "number:1", "word:C", "punct:#", "word:a", "punct:#", "word:b", "punct:&", "punct:#", "word:x27", "punct:;"}},
		"control characters":                  {"a\x00b\u202ec", []string{"word:a", "other:\x00", "word:b\u202ec"}},
		"bytes that are not UTF-8":            {"a \xff\xfe b", []string{"word:a", "other:\xff", "other:\xfe", "word:b"}},
		"a lone surrogate is one token":       {"\xed\xa0\x80", []string{"other:\xed\xa0\x80"}},
		"a mark that stands alone":            {" \u0301a", []string{"other:\u0301", "word:a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, kinds(tt.body))
		})
	}
}

func TestAppendTokensKeepsWhatItAppendsTo(t *testing.T) {
	dst := text.Tokens("ada")
	dst = text.AppendTokens(dst, "@b.org") // no local part: the token before is another body's
	require.Len(t, dst, 4)
	require.Equal(t, text.Token{Span: text.Span{End: 3}, Kind: text.TokenWord}, dst[0])
}

func TestAppendTokensDoesNotAllocate(t *testing.T) {
	dst := text.Tokens(sample)
	require.Zero(t, testing.AllocsPerRun(10, func() { dst = text.AppendTokens(dst[:0], sample) }))
}

func TestTokenKindIsAWordInJSON(t *testing.T) {
	b, err := json.Marshal(text.Tokens("a@b.org"))
	require.NoError(t, err)
	require.JSONEq(t, `[{"start":0,"end":7,"kind":"email"}]`, string(b))
	var back []text.Token
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, text.TokenEmail, back[0].Kind)
	require.ErrorIs(t, json.Unmarshal([]byte(`[{"kind":"verb"}]`), &back), quintet.ErrInput)
	require.Equal(t, "TokenKind(99)", text.TokenKind(99).String())
}

// segments is what the doc comment says of words and marks, by UAX #29 itself.
func segments(body string) (out []text.Span) {
	it := words.FromString(body)
	for it.Next() {
		start := it.End() - len(strings.TrimLeftFunc(it.Value(), unicode.IsSpace))
		if start == it.End() {
			continue
		}
		one := it.End()-start == 1
		if n := len(out); n > 0 && one && out[n-1].End == start && body[start-1] == body[start] &&
			strings.IndexByte("()[]{}", body[start]) < 0 && (unicode.IsPunct(rune(body[start])) || unicode.IsSymbol(rune(body[start]))) {
			out[n-1].End++
			continue
		}
		out = append(out, text.Span{Start: start, End: it.End()})
	}
	return out
}

func TestTokensAreThoseOfUnicode(t *testing.T) {
	alphabet := []string{
		"a", "b", "Z", "7", "0", "_", ".", ",", "'", ":", ";", "-", "!", "(", ")", "$", "\"", " ", "  ", "\n", "\t", "\x01",
		"é", "e\u0301", "ß", "Ж", "א", "ب", "٣", "日", "ひ", "カ", "한", "ไ", "’", "…", "。", "—", "\u00a0", "\u2003", "\u2028", "\u3000",
		"👍🏽", "👩\u200d", "🇩", "€", "a\u200d", "a\u00ad", "\xff", "\xc3",
	}
	rng := synth.Rand(1)
	for range 5000 {
		var b strings.Builder
		for range 1 + rng.IntN(24) {
			b.WriteString(alphabet[rng.IntN(len(alphabet))])
		}
		body := b.String()
		var got []text.Span
		for _, tok := range text.Tokens(body) {
			got = append(got, tok.Span)
		}
		require.Equal(t, segments(body), got, "%q", body)
	}
}

// FuzzTokens holds the doc comment's promise against any input.
func FuzzTokens(f *testing.F) {
	f.Add(sample)
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 5))
	}
	f.Fuzz(func(t *testing.T, body string) {
		end := 0
		for _, tok := range text.Tokens(body) {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(body) {
				t.Fatalf("token %v after %d in %q", tok, end, body)
			}
			if lost := strings.TrimFunc(body[end:tok.Start], unicode.IsSpace); lost != "" {
				t.Fatalf("lost %q before %v in %q", lost, tok, body)
			}
			if r, _ := utf8.DecodeRuneInString(tok.Of(body)); unicode.IsSpace(r) {
				t.Fatalf("token %v of %q begins with space", tok, body)
			}
			if strings.HasPrefix(tok.Kind.String(), "TokenKind") {
				t.Fatalf("token %v of %q has no kind", tok, body)
			}
			end = tok.End
		}
		if lost := strings.TrimFunc(body[end:], unicode.IsSpace); lost != "" {
			t.Fatalf("lost %q at the end of %q", lost, body)
		}
	})
}

func BenchmarkTokens(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	russian := strings.Fields("река мост голос память вопрос ответ утро сигнал стекло рынок")
	var other strings.Builder
	for range 2000 {
		other.WriteString(russian[rng.IntN(len(russian))] + " ")
	}
	for name, body := range map[string]string{
		"ascii":    synth.Prose(1, 4000),
		"mixed":    strings.Repeat(sample, 30),
		"cyrillic": other.String(),
	} {
		dst := text.Tokens(body)
		for tool, split := range map[string]func(){
			"quintet": func() { dst = text.AppendTokens(dst[:0], body) },
			"uax29": func() {
				for it := words.FromString(body); it.Next(); {
				}
			},
			"fields": func() { strings.Fields(body) },
		} {
			b.Run(fmt.Sprintf("body=%s/tool=%s", name, tool), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					split()
				}
			})
		}
	}
}
