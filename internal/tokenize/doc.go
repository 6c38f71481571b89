// Package tokenize turns text into the token ids that a language model was
// trained on, and back. It reads the tokenizer.json of a Hugging Face model:
// WordPiece (BERT), byte-level BPE (GPT-2, RoBERTa, CLIP, Llama 3, Qwen,
// GPT-4o), sentence-piece BPE (Llama 2, Gemma), Unigram (XLM-R, T5, ALBERT) and
// whole words.
//
//	tk, err := tokenize.Load(file, tokenize.Options{})
//	if err != nil {
//		return err
//	}
//	e := tk.Encode(tokenize.Encoding{}, s)
//	run(e.IDs, e.AttentionMask, e.TypeIDs)
//	for i, at := range e.Offsets {
//		fmt.Println(e.IDs[i], s[at.Start:at.End])
//	}
//
// The ids, offsets, word ids and types are those of the reference library,
// tokenizers 0.22.2 in Rust, to the last one: on 3,600 texts, half of them
// meant to be hard, there is no difference in 33 tokenizers made for the test
// and in 9 published ones, nor in 28 of them on 9,500 further texts that go
// through every character up to U+32000. To get there the package has its own tables of
// character classes, since the reference library uses four editions of Unicode,
// and its own scanners for the regular expressions that split words. The one
// difference is the unit of offsets: bytes, not characters.
//
// A part or a setting of a file that the package does not know is an error of
// [Load] that names it, because a tokenizer that ignores one gives wrong ids.
//
// # How it works
//
// A text is cut at added tokens, normalized, split into words by the
// pre-tokenizer, and each word into tokens by the model; the post-processor adds
// special tokens. All that happens in one pass over buffers that are kept for
// the next call. Each byte of a rewritten text knows which bytes of the caller's
// string it stands for; as long as a text is not rewritten, or only in place,
// nothing needs to be kept. A cache without locks holds the tokens of frequent
// words.
//
// # Speed
//
// CPU milliseconds for the 3,600 texts (144 KB) and for the 1,560 lines of prose
// among them (68 KB): one thread of a shared AMD EPYC, caches warm. The reference
// library is measured by testdata/speed.js through encodeBatch, which leaves the
// results in Rust, and this package by its benchmarks. Starred models are the
// published ones, the others those of the test.
//
//	             all: reference  here    prose: reference  here
//	BERT                    128    15                  54   5.7
//	GPT-2                    93    18                  39   5.0
//	CLIP                    176    20                  70   6.5
//	Llama 3*                114    20                  47   3.0
//	GPT-4o*                 108    12                  38   3.4
//	Llama 2*                 90    12                  26   4.5
//	Gemma 3*                 81    34                  44    18
//	XLM-R                   110    20                  38   6.2
//
// Loading the files of Llama 3 (9 MB, 280,000 merges), GPT-4o (10 MB, 200,000)
// and Gemma 3 (33 MB, 515,000) takes 0.27, 0.25 and 0.8 seconds; the reference
// library takes 0.7, 0.8 and 1.8.
//
// # Limits
//
//   - Of regular expressions, those of published tokenizers are known, and
//     sequences of character sets with greedy counts; all others are an error of
//     Load. So are the pre-tokenizers UnicodeScripts and FixedLength, dropout,
//     Unigram models without an unknown token, and two post-processors that both
//     add tokens.
//   - Encode gives the first window of a text that is too long: the stride of a file has
//     no effect. EncodeWindows and EncodePairWindows give all, with the stride of the call.
//   - A tokenizer keeps its vocabulary and merges: 5 MB for Llama 2 (32,000
//     tokens), 22 MB for GPT-4o, 43 MB for Gemma 3. To these come a cache of at
//     most 16,384 words of 64 bytes and, for each call that runs at the same
//     time, some tens of bytes for each byte of its text.
//   - Of a text, at most 1<<31-1 bytes are read.
package tokenize
