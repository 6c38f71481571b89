// Package control holds the operators that run graphs in their attributes: If,
// Loop and Scan.
//
// # Limits
//
// The types of what a graph gives must be those that it is declared with; both
// branches of an If must give the same types. A Loop whose condition stays true
// and that has no trip count ends with its context. Outputs that a loop collects
// must have the same shape in all iterations.
package control
