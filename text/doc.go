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
// [Tags], [Lemmas], [Entities], [AnalyzeSentiment], [Aspects], [Summarize], [FindPII]
// and [Lexical]; keywords by other methods are those of [RAKE] and [TextRank]. They are safe for concurrent use.
//
// Beside them stand [Redact] and [Restore], which anonymise and give back; functions
// that compare texts, such as [Levenshtein] and [Jaccard], and find near duplicates
// ([DuplicateFinder]); [Index], which searches documents by their words; [Train], which
// makes a [LinearClassifier] of labelled texts; a [StaticEmbedder] for models of
// model2vec; [FindTopics] for a corpus, [DocumentTopics] for a long text; and [StreamSentences] for readers.
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
// "make report AREA=text" prints these figures beside their goals and the peers. The
// accuracy is on development splits, on which the word lists were tuned; where the
// peer's was measured on another sample of the same collection, that is said.
//
//	                             ours         goal    peer
//	tokens, mixed English, MB/s  248 (146-287)  250   uax29 115, prose 4.0
//	  allocations a token        0            0
//	cheap tasks on 600 B, docs/s 11,700-17,700  15,000  prose 28
//	  allocations a document     8            10
//	words, UD English-EWT, F1    0.992        0.985   prose 0.961, wink-nlp 0.973 (test split)
//	tags (XPOS), end to end      0.936        0.92    prose 0.826 (test split)
//	entities PER+LOC, UNER, F1   0.712        0.58    prose 0.338 (cross-validated, see below)
//	entities PER+LOC, WNUT, F1   0.664        0.30    prose 0.203
//	sentiment, SST-2             0.821        0.80    VADER 0.645
//	sentiment, tweets, r         0.881        0.87    VADER 0.878 (cross-validated)
//	language, sentences          0.970        0.945   lingua 0.960, whatlanggo 0.904
//	language, words              0.768        0.68    lingua 0.760, whatlanggo 0.474
//	  sentences/s                27,000       20,000  lingua 206
//	  heap, MB                   0.03         16      lingua 996
//	keywords, Inspec, F1@10      0.323        0.28    TextRank 0.262, RAKE 0.255 (other sample)
//	keywords, SemEval 2017       0.348        0.34    TextRank 0.307, RAKE 0.282 (other sample)
//	STS-B, lexical, Spearman     0.798        0.73    averaged GloVe 0.580 (as published)
//	topical kNN, wordvectors     no data      0.885   GloVe SIF 0.886, hashed 0.708
//	personal data, MB/s          168          150     regular expressions 6.65
//	hostile megabyte, ms a task  see below    50      prose 8,600 on 16 KB
//
// On the same development sets our own [RAKE] has 0.238 and 0.224 and our [TextRank]
// 0.313 and 0.337: the candidates of TextRank are those of [Keywords], and most of the
// gain. Other figures of the evaluation tests:
//
//	tokens, UD English-EWT       F1 0.962       uax29 0.929
//	sentences, UD English-EWT    F1 0.864       uax29 0.810
//	lemmas, end to end           0.962
//
// The test split of STS-B is harder than the development split: a prototype of the
// lexical embedding had 0.719 there. Entities were trained on the two corpora they
// are measured on; trained on one and measured on the other the F1 was 0.497 (WNUT)
// and 0.672 (UNER). The sentiment's features were chosen on SST-2's development
// split. Speed is per second of processor time, on a busy two-core server; that of
// tokens varies with the load most. The other speeds were measured once:
//
//	sentences, mixed English    169 MB/s       uax29 123
//	sentiment, of found tokens  50 MB/s
//	tags                        500,000 words/s
//	entities, with tags         230,000 words/s
//	embedding of 628 bytes      26,000/s       3 allocations
//
// A megabyte of brackets, of characters of no width, of combining marks or of one
// endless word, whichever is slowest, took 9 to 14 ms of processor time for sentences, 28 to
// 39 for tokens, 37 for statistics, 31 for keywords, 36 to 45 for sentiment, 35 to 46 for a
// summary, 1 for personal data, 29 to 41 for an embedding, 22 to 30 for topics, 36 to 56 for
// entities and less than 1 for the language. The goal was missed by tags, with 46 to 61 ms,
// lemmas, with 53 to 88, and aspects, with 53. Of twenty other patterns the slowest took up
// to 340 ms.
//
// # Limits
//
// Tags, lemmas, entities, aspects and sentiment are English. Entities know organisations
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
// A task takes time in proportion to the length of the body, for hostile ones too: the
// sentence rules of UAX #29, applied as they are written, take quadratic time on a full
// stop and many brackets, and are not applied so here. Tags, entities and aspects cost
// some microseconds a word, a second or two for a megabyte of short words that do not
// repeat. Memory is 24 bytes a token, about 5 times the body in English and 24 times at
// worst, and again as much for the result if it has the tokens; a pipeline keeps the
// memory of a long body for the next one until the garbage collector takes it.
package text
