package bolt

import (
	"os"
	"sync"
	"testing"
)

// TestAFileThatGrowsIsNotGone: who looked before it grew, and compares after another one saw that, takes it for whole.
func TestAFileThatGrowsIsNotGone(t *testing.T) {
	t.Parallel()
	s := opened(t)
	ended := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				if err := s.Present(); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-ended:
					return
				default:
				}
			}
		})
	}
	size := s.opened.Size()
	for range 5000 {
		size++ // a byte at the end, as another transaction grows it
		if err := os.Truncate(s.path, size); err != nil {
			t.Error(err)
			break
		}
	}
	close(ended)
	all.Wait()
}
