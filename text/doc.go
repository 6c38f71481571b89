// Package text reads natural language: sentences, words, tags, entities, sentiment,
// keywords, summaries, personal data, and vectors for similarity.
//
//	p, err := text.New(text.Options{Tasks: text.TaskSentiment | text.TaskKeywords})
//	r, err := p.Run(ctx, text.Document{ID: "1", Body: body})
//	fmt.Println(r.Sentiment.Score, r.Keywords[0].Term)
//
//	e, err := text.NewEmbedder(text.EmbedderOptions{})
//	v, err := e.Run(ctx, "a sentence") // 384 numbers; near texts have a high dot product
//
// A [Pipeline] runs the [Task]s its [Options] ask for, over one scan of the body, and
// fills the matching fields of [Result]. The parts it is built from can be used alone,
// without a context or a runtime: [Sentences], [Tokens], [Statistics], [Keywords],
// [Tags], [Lemmas], [Entities], [AnalyzeSentiment], [Summarize], [FindPII] and
// [Lexical]. They are safe for concurrent use.
//
// Beside them stand [Redact] and [Restore], which anonymise and give back; functions
// that compare texts, such as [Levenshtein] and [Jaccard], and find near duplicates
// ([DuplicateFinder]); [Index], which searches documents by their words; [Train], which
// makes a [LinearClassifier] of labelled texts; a [StaticEmbedder] for models of
// model2vec; [FindTopics] for a corpus; and [StreamSentences] for readers.
// The language of a text is told by package text/language, what texts are about
// compared by package text/wordvectors: they carry tables of 5 MB each.
//
// # Models
//
// Transformers in the Hugging Face layout run on the backend of a runtime: an
// [Embedder] with a Model, a [Classifier], a [ZeroShot] classifier, an
// [EntityTagger], a [Reranker] and an [Answerer]. Their tokenizers are read from
// tokenizer.json in pure Go, unknown parts of it are an error, and concurrent calls
// run as one batch where that is faster. The default backend is pure Go; ONNX
// Runtime gives the same answers. They were tested on both with small models whose
// answers are known; no published weights were at hand.
//
// A [Tokenizer] is the tokenizer of such a model alone, for callers who count tokens
// or run the model themselves; it needs no runtime.
//
// When batches pay was measured on one machine for a model of six layers. WarmUp
// measures it anew while a pipeline is made. That takes the time it is given, a
// second for small models, and an otherwise idle machine: with other load on both
// cores the tables that came out gave 0.63 to 1.03 times the throughput of the
// default one, so nothing is measured unless asked for.
//
// # Positions
//
// A body is a string and is never rewritten. A [Span] is a range of its bytes, so
// body[s.Start:s.End] is the text, whatever the bytes are: white space, NUL, marks
// of direction, bytes that are not UTF-8. No body makes a function here fail or
// panic; a [Pipeline] and an [Embedder] have a limit, MaxBytes.
//
// # Figures
//
// Accuracy is on development splits, on which the word lists were tuned. The last
// column is for scale: uax29 on the same documents, GloVe as published for the test
// split, the others in our own runs on other samples of the same collections. The
// evaluation tests print our figures.
//
//	tokens, UD English-EWT      F1 0.962       uax29 0.929
//	words, UD English-EWT       F1 0.992       prose 0.961, wink-nlp 0.973
//	tags (XPOS), end to end     0.936          prose 0.826
//	lemmas, end to end          0.962
//	sentences, UD English-EWT   F1 0.864       uax29 0.810
//	entities, PER and LOC       F1 0.712 UNER  prose 0.338 (cross-validated, see below)
//	                            F1 0.664 WNUT  prose 0.203
//	sentiment, SST-2            0.821          VADER 0.645
//	sentiment, tweets           r 0.881        VADER 0.878 (cross-validated)
//	keywords, Inspec            F1@10 0.324    TextRank 0.262, RAKE 0.255
//	keywords, SemEval 2017      F1@10 0.348    TextRank 0.307, RAKE 0.282
//	similarity, STS-B, lexical  Spearman 0.798 averaged GloVe 0.580 (as published)
//
// The test split of STS-B is harder than the development split: a prototype of the
// lexical embedding had 0.719 there. Entities were trained on the two corpora they
// are measured on; trained on one and measured on the other the F1 was 0.497 (WNUT)
// and 0.672 (UNER). The sentiment's features were chosen on SST-2's development
// split. Speed is per second of processor time, on a busy two-core server, the peers
// in the same runs:
//
//	tokens, mixed English       265 MB/s       uax29 97, strings.Fields 56
//	tokens, ASCII               312 MB/s       uax29 85, strings.Fields 179
//	sentences, mixed English    169 MB/s       uax29 123
//	personal data               155 MB/s       a regular expression of six kinds 4
//	sentiment, of found tokens  50 MB/s
//	tags                        500,000 words/s
//	entities, with tags         230,000 words/s
//	embedding of 628 bytes      26,000/s       3 allocations
//
// # Limits
//
// Tags, lemmas, entities and sentiment are English. Entities know organisations
// least, and take a capitalised verb at the beginning for a name; sentiment knows
// neither irony nor whose opinion it is; personal data is found by its form, without
// postal addresses. The models take 7 MB of memory once they are used.
//
// Sentences and tokens are for any language that Unicode's rules can split, but
// Thai, Lao, Khmer and Burmese come letter by letter and Chinese and Japanese by
// ideograph. Abbreviations, stop words, stems, syllables and rarities are
// English; other languages pass through, with weaker keywords and with Flesch
// measures that mean nothing. Text is not normalised: é in one rune and in two
// are two words. Emoticons such as ":-)" are marks. Contractions are one word.
//
// The vectors are lexical: they know words and their spelling, not meaning. They
// find copies, near copies and shared terms; they do not know that a car is an
// automobile, and word order does not count.
//
// A task takes time in proportion to the length of the body, for hostile ones too,
// of which the worst megabytes take a quarter of a second: the sentence rules of UAX #29, applied as they are written, take quadratic time
// on a full stop and many brackets, and are not applied so here. Memory is 24 bytes
// a token, about 5 times the body in English and 24 times at worst, and again as
// much for the result if it has the tokens.
package text
