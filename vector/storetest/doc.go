// Package storetest holds what every [vector.Store] promises, as tests that an
// implementation runs on itself:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T, o vector.Options) vector.Store[string] {
//			return open(t, o) // an empty store of o.Dim, o.Metric and o.TextIndex
//		}, storetest.Options{})
//	}
//
// Package vector runs it on Collection and Fanout, the modules vector/pgvector and
// vector/qdrant on theirs.
//
// # Limits
//
// Strings in keys, texts and metadata are UTF-8 without zero bytes, which databases
// refuse. Durability and speed are not tested.
package storetest
