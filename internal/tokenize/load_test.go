package tokenize_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
)

// small is a whole tokenizer that the cases of this file break.
const small = `{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,` +
	`"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,` +
	`"model":{"type":"WordLevel","vocab":{"[UNK]":0,"a":1,"b":2},"unk_token":"[UNK]"}}`

func TestFilesThatCannotBeUsed(t *testing.T) {
	part := func(name, value string) string {
		i := strings.Index(small, `"`+name+`":`) + len(name) + 3
		end := i + strings.IndexByte(small[i:], ',')
		if small[i] == '{' {
			end = i + strings.IndexByte(small[i:], '}') + 1
		}
		return small[:i] + value + small[end:]
	}
	model := func(m string) string { return small[:strings.Index(small, `"model":`)+8] + m + "}" }
	level := func(vocab, unk string) string {
		return model(`{"type":"WordLevel","vocab":{` + vocab + `},"unk_token":"` + unk + `"}`)
	}
	bpe := func(more string) string {
		return model(`{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]` + more + `}`)
	}
	normalizer := func(n string) string { return part("normalizer", n) }
	splitter := func(p string) string { return part("pre_tokenizer", p) }
	charsmap := func(b string) string {
		return normalizer(`{"type":"Precompiled","precompiled_charsmap":"` + base64.StdEncoding.EncodeToString([]byte(b)) + `"}`)
	}
	regex := func(r string) string {
		return splitter(`{"type":"Split","pattern":{"Regex":"` + r + `"},"behavior":"Isolated","invert":false}`)
	}
	truncation := func(s string) string { return part("truncation", `{"direction":"Right","stride":0,`+s+`}`) }
	padding := func(s string) string {
		return part("padding", `{"direction":"Left","pad_id":0,"pad_type_id":0,`+s+`}`)
	}
	template := func(s string) string { return part("post_processor", `{"type":"TemplateProcessing",`+s+`}`) }
	const bert = `{"type":"BertProcessing","sep":["a",1],"cls":["b",2]}`
	tests := map[string]struct{ file, says string }{
		"nothing":                            {"", "'\\x00' instead of '{'"},
		"not JSON":                           {"hello", "instead of '{'"},
		"cut short":                          {small[:len(small)-4], "string without end"},
		"more after the end":                 {small + "x", "more after the end"},
		"no model":                           {`{"version":"1.0"}`, "no model"},
		"unknown version":                    {part("version", `"2.0"`), "2.0"},
		"unknown section":                    {`{"chat":1,` + small[1:], `unknown part "chat"`},
		"levels without end":                 {`{"version":` + strings.Repeat("[", 1000), "levels"},
		"string that is not UTF-8":           {part("version", "\"\xff\""), "not UTF-8"},
		"half a surrogate pair":              {part("version", `"\ud800"`), "surrogate"},
		"two halves of the wrong kind":       {part("version", `"\ud800\u0041"`), "surrogate"},
		"unknown escape":                     {part("version", `"\x41"`), "escape"},
		"bad hexadecimal":                    {part("version", `"\u00zz"`), "hexadecimal"},
		"control character":                  {part("version", "\"\n\""), "control character"},
		"no vocabulary":                      {model(`{"type":"WordLevel","unk_token":"a"}`), "no vocabulary"},
		"vocabulary of another model":        {model(`{"type":"BPE","vocab":[["a",0]],"merges":[]}`), "another model"},
		"unknown model":                      {model(`{"type":"Neural","vocab":{"a":0}}`), "Neural"},
		"model without type":                 {model(`{"vocab":{"a":0}}`), "no type"},
		"unknown setting of a model":         {model(`{"type":"WordLevel","vocab":{"a":0},"unk_token":"a","casing":1}`), "casing"},
		"missing setting":                    {model(`{"type":"WordPiece","vocab":{"a":0},"unk_token":"a"}`), "continuing_subword_prefix"},
		"negative id":                        {level(`"a":-1`, "a"), "instead of an id"},
		"huge id":                            {level(`"a":99999999999`, "a"), "too large"},
		"id far beyond the vocabulary":       {level(`"a":2000000000`, "a"), "id 2000000000"},
		"unknown token is unknown":           {level(`"a":0`, "b"), `"b"`},
		"unknown token of BPE":               {bpe(`,"unk_token":"<unk>"`), `"<unk>"`},
		"dropout":                            {bpe(`,"dropout":0.1`), "dropout"},
		"merge of unknown tokens":            {model(`{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}`), `"ab" is not in the vocabulary`},
		"merge of three":                     {model(`{"type":"BPE","vocab":{"a":0},"merges":["a a a"]}`), "not two tokens"},
		"merge of one":                       {model(`{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}`), "merge of 1"},
		"merges of WordPiece":                {model(`{"type":"WordPiece","vocab":{"a":0},"merges":["a a"]}`), "with merges"},
		"Unigram without unknown":            {model(`{"type":"Unigram","vocab":[["a",0]]}`), "unk_id"},
		"Unigram with unknown beyond":        {model(`{"type":"Unigram","unk_id":3,"vocab":[["a",0]]}`), "unk_id"},
		"score that is no number":            {model(`{"type":"Unigram","unk_id":0,"vocab":[["a",x]]}`), "instead of a number"},
		"score without bound":                {model(`{"type":"Unigram","unk_id":0,"vocab":[["a",1e999]]}`), "too large"},
		"unknown normalizer":                 {normalizer(`{"type":"Upper"}`), "Upper"},
		"normalizer without type":            {normalizer(`{}`), "no type"},
		"normalizer that is a number":        {normalizer(`7`), "normalizer"},
		"unknown setting of a normalizer":    {normalizer(`{"type":"NFC","strict":true}`), "strict"},
		"missing setting of a normalizer":    {normalizer(`{"type":"Strip","strip_left":true}`), "strip_right"},
		"unknown normalizer in a sequence":   {normalizer(`{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Upper"}]}`), "Upper"},
		"sequence of something else":         {normalizer(`{"type":"Sequence","decoders":[]}`), "sequence"},
		"sequences without end":              {normalizer(strings.Repeat(`{"type":"Sequence","normalizers":[`, 12) + strings.Repeat(`]}`, 12)), "steps"},
		"charsmap that is not base64":        {normalizer(`{"type":"Precompiled","precompiled_charsmap":"~"}`), "base64"},
		"charsmap too short":                 {charsmap("ab"), "2 bytes"},
		"charsmap longer than it is":         {charsmap("\xff\xff\xff\xff"), "charsmap"},
		"charsmap of strings in no encoding": {charsmap("\x00\x00\x00\x00\xff"), "UTF-8"},
		"pattern with look-ahead":            {regex(`a(?=b)`), "regular expression"},
		"pattern with anchor":                {regex(`^a`), "regular expression"},
		"pattern of shared neighbours":       {regex(`a*ab`), "share"},
		"pattern that matches nothing":       {regex(`a*`), "match nothing"},
		"pattern without end":                {regex(`[a`), "set without end"},
		"pattern with unknown property":      {regex(`\\p{Greek}`), "Greek"},
		"pattern with lazy count":            {regex(`a+?`), "count"},
		"pattern with bad count":             {regex(`a{2,1}`), "count"},
		"pattern that ends in a backslash":   {regex(`a\\`), "regular expression"},
		"empty pattern":                      {splitter(`{"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false}`), "empty pattern"},
		"unknown behavior":                   {splitter(`{"type":"Punctuation","behavior":"Sometimes"}`), "Sometimes"},
		"unknown pre-tokenizer":              {splitter(`{"type":"UnicodeScripts"}`), "UnicodeScripts"},
		"metaspace of two characters":        {splitter(`{"type":"Metaspace","replacement":"__"}`), "replacement"},
		"metaspace that contradicts itself":  {splitter(`{"type":"Metaspace","replacement":"_","add_prefix_space":false,"prepend_scheme":"always"}`), "contradicts"},
		"metaspace of an unknown scheme":     {splitter(`{"type":"Metaspace","replacement":"_","prepend_scheme":"last"}`), "last"},
		"delimiter of two characters":        {splitter(`{"type":"CharDelimiterSplit","delimiter":"ab"}`), "delimiter"},
		"unknown decoder":                    {part("decoder", `{"type":"Magic"}`), "Magic"},
		"strip of two characters":            {part("decoder", `{"type":"Strip","content":"ab","start":1,"stop":0}`), "content"},
		"unknown post-processor":             {part("post_processor", `{"type":"Magic"}`), "Magic"},
		"two templates":                      {part("post_processor", `{"type":"Sequence","processors":[`+bert+`,`+bert+`]}`), "second"},
		"post-processor of unknown ids":      {part("post_processor", `{"type":"BertProcessing","sep":["a",1],"cls":["b",77]}`), "77"},
		"post-processor without ids":         {part("post_processor", `{"type":"BertProcessing","sep":["a"],"cls":["b",2]}`), "token and its id"},
		"template of an unlisted token":      {template(`"single":[{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],"special_tokens":{}`), `"x"`},
		"template of a third sequence":       {template(`"single":[{"Sequence":{"id":"C","type_id":0}}],"pair":[],"special_tokens":{}`), `"C"`},
		"template of a pair for one":         {template(`"single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[],"special_tokens":{}`), `"B"`},
		"template of something else":         {template(`"single":[{}],"pair":[],"special_tokens":{}`), "neither"},
		"added token that is no object":      {part("added_tokens", `[7]`), "added_tokens"},
		"added token that normalizes away": {strings.Replace(normalizer(`{"type":"Strip","strip_left":true,"strip_right":true}`),
			`"added_tokens":[]`, `"added_tokens":[{"id":0,"content":" ","normalized":true}]`, 1), "nothing"},
		"truncation to nothing":             {truncation(`"max_length":0,"strategy":"LongestFirst"`), "0 tokens"},
		"truncation by another strategy":    {truncation(`"max_length":9,"strategy":"Wisely"`), "Wisely"},
		"truncation from another side":      {part("truncation", `{"direction":"Up","max_length":9,"strategy":"OnlyFirst","stride":0}`), "Up"},
		"truncation of negative length":     {truncation(`"max_length":-1,"strategy":"OnlyFirst"`), "max_length"},
		"padding to a billion":              {padding(`"strategy":{"Fixed":1000000000},"pad_token":"a"`), "limit"},
		"padding by an unknown strategy":    {padding(`"strategy":"Some","pad_token":"a"`), "strategy"},
		"padding without its token":         {padding(`"strategy":"BatchLongest"`), "pad_token"},
		"padding to a multiple of millions": {padding(`"strategy":"BatchLongest","pad_to_multiple_of":9000000,"pad_token":"a"`), "limit"},
	}
	_, err := tokenize.Load([]byte(small), tokenize.Options{})
	require.NoError(t, err)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tokenize.Load([]byte(tt.file), tokenize.Options{})
			require.ErrorIs(t, err, quintet.ErrModel)
			require.ErrorContains(t, err, tt.says)
			require.True(t, strings.HasPrefix(err.Error(), "tokenize: "), err.Error())
		})
	}
}

func TestOldFilesWithoutModelTypes(t *testing.T) {
	head := small[:strings.Index(small, `"model":`)+8]
	tests := map[string]struct{ model, want string }{
		"merges":     {`{"vocab":{"a":0,"b":1,"ab":2},"merges":["#version: 0.2","a b"]}`, "2"},
		"scores":     {`{"vocab":[["<unk>",0],["ab",-1]],"unk_id":0}`, "1"},
		"characters": {`{"vocab":{"[UNK]":0,"a":1,"##b":2},"unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":5}`, "1,2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk, err := tokenize.Load([]byte(head+tt.model+"}"), tokenize.Options{})
			require.NoError(t, err)
			require.Equal(t, tt.want, join(tk.Encode(tokenize.Encoding{}, "ab").IDs))
		})
	}
}

// The reference library numbers added tokens itself, whatever the file says.
func TestIDsOfAddedTokens(t *testing.T) {
	file := strings.Replace(small, `"added_tokens":[]`, `"added_tokens":[{"id":50,"content":"x","special":true},{"id":9,"content":"b"},`+
		`{"id":1,"content":"y"},{"id":1,"content":""}]`, 1)
	tk, err := tokenize.Load([]byte(file), tokenize.Options{})
	require.NoError(t, err)
	require.Equal(t, "3,2,4,1", join(tk.Encode(tokenize.Encoding{}, "xby a").IDs))
	require.Equal(t, 5, tk.VocabSize())
	require.Equal(t, []int32{3}, tk.SpecialIDs())
}
