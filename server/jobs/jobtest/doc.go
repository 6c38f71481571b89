// Package jobtest holds the conformance suite that every job queue passes.
//
//	func TestQueue(t *testing.T) {
//		jobtest.Queue(t, func(t *testing.T) jobs.Queue { … })
//	}
package jobtest
