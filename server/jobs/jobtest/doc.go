// Package jobtest holds the conformance suites that every job queue passes.
//
//	func TestQueue(t *testing.T) {
//		jobtest.Queue(t, func(t *testing.T) jobs.Queue { … })
//	}
//
// Those that many processes may open pass [Shared] too.
package jobtest
