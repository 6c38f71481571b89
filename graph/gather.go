package graph

import "unsafe"

// gather adds up numbers from all over a slice, by rows of places in it. It does not
// look whether the places are in the slice, which would cost a third of the time:
// building a graph and opening a file see to that.
//
// Sums have one order, in which two additions are under way at once. They are put
// in sums; off has one number more.
func gather[F float32 | float64](off []uint32, adj []int32, from, sums []F) {
	number := unsafe.Pointer(unsafe.SliceData(from))
	place := unsafe.Pointer(unsafe.SliceData(adj))
	size := unsafe.Sizeof(F(0))
	sums = sums[:len(off)-1]
	at := uintptr(off[0])
	for i := range sums {
		end := uintptr(off[i+1])
		var a, b F
		for ; at+1 < end; at += 2 {
			u, v := *(*uint32)(unsafe.Add(place, 4*at)), *(*uint32)(unsafe.Add(place, 4*at+4))
			a += *(*F)(unsafe.Add(number, uintptr(u)*size))
			b += *(*F)(unsafe.Add(number, uintptr(v)*size))
		}
		if at < end {
			last := *(*uint32)(unsafe.Add(place, 4*at))
			a += *(*F)(unsafe.Add(number, uintptr(last)*size))
			at++
		}
		sums[i] = a + b
	}
}
