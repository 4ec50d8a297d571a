package psp

import "sync"

// AtOnce gives what payment.Service.Together takes: n workers work at once, so that a report that hangs holds up one of
// them and not the pass. They stay within the limit of calls, which counts for all of them together.
func AtOnce(n int) func(work func()) {
	return func(work func()) {
		var workers sync.WaitGroup
		for range n {
			workers.Go(work)
		}
		workers.Wait()
	}
}
