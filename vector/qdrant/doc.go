// Package qdrant keeps vectors in Qdrant, as a [vector.Store], by its own client:
//
//	store, err := qdrant.Open[string](ctx, qdrant.Options{URL: "http://localhost:6334", Dim: 384})
//	err = store.Upsert(ctx, vector.Item[string]{ID: "doc-1", Vector: v, Meta: vector.Meta{"lang": "en"}})
//	hits, err := store.Search(ctx, vector.Query{Vector: q, Filter: vector.Eq("lang", "en")})
//
// A program written for a [vector.Collection] goes on with this one when its items no
// longer fit one machine. It is a module of its own, so that nobody else downloads gRPC.
//
// # How it was tested
//
// No server could be run where this package was written. Its tests run against one of
// their own that answers the same calls from memory, as the protocol describes them:
// the suite of package storetest and more. With QUINTET_QDRANT_URL in the environment,
// such as http://localhost:6334, the suite runs on a real one; nobody did so yet.
//
// # What is stored
//
// The ID of a point is a UUID of the tenant and the key; the key stands in the payload.
// There, values of metadata are in objects by type, as strings.lang or numbers.year:
// the paths to use for indexes of the payload, which make filters fast. A field whose
// name is not of letters, digits and underscores is hex_ and its bytes. What a float64
// does not hold of an integer is in rests, so that filters compare exactly. The field
// meta has all of the metadata once more, to be given back.
//
// # Limits
//
// There is no search by words, no sparse vector and no range of strings in filters. Items
// of equal Distance come in any order. Strings are UTF-8. A change of many items may be
// seen in part. A time comes back with its offset, without the name of its zone.
package qdrant
