// Package english knows the words of English and cuts texts into terms for an
// index of words:
//
//	var a english.Analyzer
//	tokens := a.Append(nil, "The dogs' owner don't care.") // dog, owner, care
//
// [Stem], [Syllables], [StopWords] and [FunctionWord] are the parts.
//
// # Limits
//
// Everything is rules and lists of our own; there is no dictionary, so "ran" and
// "run" are two words, and "organ" and "organization" have one stem. An [Analyzer]
// takes texts in any language, but stems and drops English words only.
package english
