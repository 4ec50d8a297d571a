package sim

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/storetest"
)

// quota adds the counters that the suite of stores asks for and that the simulator does without.
type quota struct {
	*memory
	mu     sync.Mutex
	counts map[string]int
}

func (q *quota) Take(ctx context.Context, name string, minute time.Time, n int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if n < 0 {
		return 0, fmt.Errorf("take %d slots", n)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	key := name + "@" + minute.UTC().Truncate(time.Minute).String()
	q.counts[key] += n
	return q.counts[key], nil
}

func TestTheSimulatorsStoreIsAStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Store {
		return &quota{memory: newMemory(), counts: map[string]int{}}
	})
}
