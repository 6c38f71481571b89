package tokenize_test

import (
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/internal/tokenize"
)

// A WordPiece tokenizer of eight tokens.
const file = `{
	"version": "1.0",
	"added_tokens": [
		{"id": 1, "content": "[CLS]", "special": true},
		{"id": 2, "content": "[SEP]", "special": true}
	],
	"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true},
	"pre_tokenizer": {"type": "BertPreTokenizer"},
	"post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
	"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
	"model": {
		"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
		"vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "token": 3, "##izers": 4, "read": 5, "cafe": 6, "!": 7}
	}
}`

func Example() {
	tk, err := tokenize.Load([]byte(file), tokenize.Options{})
	if err != nil {
		log.Fatal(err)
	}
	const s = "Tokenizers read Café!"
	e := tk.Encode(tokenize.Encoding{}, s)
	for i, id := range e.IDs {
		token, _ := tk.Token(id)
		fmt.Printf("%d %s %q\n", id, token, s[e.Offsets[i].Start:e.Offsets[i].End])
	}
	fmt.Println(tk.Decode(e.IDs, true))
	// Output:
	// 1 [CLS] ""
	// 3 token "Token"
	// 4 ##izers "izers"
	// 5 read "read"
	// 6 cafe "Café"
	// 7 ! "!"
	// 2 [SEP] ""
	// tokenizers read cafe!
}

func ExampleTokenizer_EncodePair() {
	tk, err := tokenize.Load([]byte(file), tokenize.Options{Padding: tokenize.Padding{MultipleOf: 8}})
	if err != nil {
		log.Fatal(err)
	}
	e := tk.EncodePair(tokenize.Encoding{}, "read tokenizers", "read cafe")
	fmt.Println(e.IDs)
	fmt.Println(e.TypeIDs)
	fmt.Println(e.AttentionMask)
	// Output:
	// [1 5 3 4 2 5 6 2]
	// [0 0 0 0 0 1 1 1]
	// [1 1 1 1 1 1 1 1]
}

func ExampleTokenizer_With() {
	tk, err := tokenize.Load([]byte(file), tokenize.Options{})
	if err != nil {
		log.Fatal(err)
	}
	short, err := tk.With(tokenize.Options{Truncation: tokenize.Truncation{MaxTokens: 4}})
	if err != nil {
		log.Fatal(err)
	}
	e := short.Encode(tokenize.Encoding{}, "Tokenizers read Café!")
	fmt.Println(e.IDs, e.Truncated)
	// Output: [1 3 4 2] true
}

func ExampleTokenizer_EncodeWindows() {
	o := tokenize.Options{Truncation: tokenize.Truncation{MaxTokens: 5}}
	tk, err := tokenize.Load([]byte(file), o)
	if err != nil {
		log.Fatal(err)
	}
	windows, err := tk.EncodeWindows("Tokenizers read Café!", 1)
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range windows {
		fmt.Println(w.IDs)
	}
	// Output:
	// [1 3 4 5 2]
	// [1 5 6 7 2]
}
