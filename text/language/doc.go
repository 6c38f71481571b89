// Package language tells in which of 75 languages a text is written.
//
//	d, err := language.New(language.Options{})
//	r := d.Detect("Wo ist der nächste Bahnhof?")
//	fmt.Println(r.Code, r.Confidence) // de, near 1
//
// Most letters of a text are of one script. If one language only is written in it,
// that is the answer. Languages of Latin, Cyrillic, Arabic and Devanagari are told
// apart by a naive Bayes classifier on n-grams of up to five letters, boundaries of
// words included; Chinese and Japanese by single characters. Its table of 5 MB was
// made of the n-grams of lingua-go by Peter M. Stahl, which were counted on texts of
// the Leipzig Corpora Collection: see ./gen. It is read where the program has it,
// so that it takes no heap.
//
// A [Detector] holds nothing but its options and some 30 KB, detects without
// allocating and is safe for concurrent use. To make one takes some 10 ms, in which
// the table is checked.
//
// # Figures
//
// Accuracy on development texts in the 75 languages. The confidence was fitted on
// half of them and these are of the other half, but a few sizes and layouts of the
// table were compared with both in view. The peers were measured on the same lines,
// whatlanggo on those of its own languages only; heap and speed of lingua-go with all
// its tables loaded. The goals were .68 for words, .945 for sentences, 20,000 a second
// and 16 MB.
//
//	             words  pairs  sentences  sentences/s  heap
//	this package 0.768  0.904  0.970      27,000       0.03 MB
//	lingua-go    0.760  0.887  0.960      206          996 MB
//	whatlanggo   0.474  0.629  0.904      2,700        small
//
// The speed is per second of processor time, on a busy two-core server. Texts and
// n-grams come from the same collection of newspapers and web pages, so that other
// texts may be told less well. Confidences were right on average: their
// mean was 0.759 for words and 0.969 for sentences.
//
// # Limits
//
// A text has one language here: of a mixed one it is that of most letters' script,
// and within it a guess. Language written in a script that is not its usual one,
// such as Serbian in Latin letters, is taken for another; so is any language that is
// not among the 75, such as Yiddish for Hebrew. Bosnian and Croatian, Malay and
// Indonesian, and the two Norwegians are often taken for one another. Text is not
// normalised: letters with separate marks are read without them, which hurts
// Vietnamese most. Bytes that are not UTF-8, digits and marks end words and are
// otherwise ignored.
package language
