// Package perceptron holds averaged perceptrons: linear classifiers over hashed
// sparse features, trained in whole numbers and packed to a byte a weight.
//
// A [Trainer] learns (Freund and Schapire, Large margin classification using the
// perceptron algorithm, 1999; Collins, Discriminative training methods for hidden
// Markov models, 2002). It adds and divides integers only and iterates in the order
// of its input and of the sorted keys, so the same input gives the same bytes on
// every platform. A [Model] classifies: its caller hashes what it sees into features
// with [Mix] and gets a score for each label.
//
// # Limits
//
// A feature is its 32-bit hash. Two features with one hash are one: among 10⁵ of
// them one pair, about, and a feature that was never seen is taken for a known one
// at a rate of 10⁵/2³². There are at most 254 labels.
package perceptron
