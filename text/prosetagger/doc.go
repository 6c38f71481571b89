// Package prosetagger finds entities with github.com/jdkato/prose, for programs that
// move from it to package text and want its entities for a while:
//
//	t, err := prosetagger.New(prosetagger.Options{})
//	p, err := text.New(text.Options{Tasks: text.TaskEntities, Entities: t})
//
// It is a module of its own, so that nobody else downloads prose and its models. It
// loads them once, where prose loads them for every document, cuts the body into
// sentences by package text, and gives every entity its place in the body.
//
// # Limits
//
// prose takes time in proportion to the square of some sentences, so longer ones than
// MaxSentence are left out. It gives all occurrences of a word in a sentence the same
// label. It knows people and places. Its F1 is 0.338 on UNER English-EWT, where that
// of [text.Entities] is 0.712, at a fortieth of the speed.
package prosetagger
