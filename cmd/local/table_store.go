package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/store/dynamo"
)

// lookEvery is the pause between two looks at a stream: under the five a second that AWS allows for one shard.
const lookEvery = 250 * time.Millisecond

// tableStore keeps everything in a DynamoDB table, and the journal in another; what is to be published comes from the table's stream, so other
// programs' changes are published too.
type tableStore struct {
	*dynamo.Store
	*dynamo.Journal
	*stream
	http    *http.Client
	changed chan struct{}
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// openTable makes the tables that are absent, and goes on in its stream where the file says. Its error is one for the user.
func openTable(ctx context.Context, t table, positionFile string, log *slog.Logger) (*tableStore, error) {
	s := &tableStore{http: dynamo.HTTPClient(), changed: make(chan struct{}, 1)}
	client := t.client(s.http)
	arn, err := dynamo.EnsureTable(ctx, client, t.name)
	if err != nil {
		s.http.CloseIdleConnections()
		return nil, t.explain(err)
	}
	if err := dynamo.EnsureJournal(ctx, client, t.journal); err != nil {
		s.http.CloseIdleConnections()
		return nil, t.explain(err)
	}
	position, err := openPosition(positionFile, arn)
	if err != nil {
		s.http.CloseIdleConnections()
		return nil, err
	}
	s.Store = dynamo.New(client, t.name)
	s.Journal = dynamo.NewJournal(client, t.journal, t.journalKept)
	s.stream = newStream(t.streamClient(s.http), position, log)
	s.record = s.Append
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.done.Go(func() { s.look(ctx) })
	return s, nil
}

// look says again and again that there may be something: a stream tells nobody.
func (s *tableStore) look(ctx context.Context) {
	for clock.Sleep(ctx, lookEvery) == nil {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
}

// Changed implements outbox.
func (s *tableStore) Changed() <-chan struct{} { return s.changed }

// Close lets go of connections; the table stays.
func (s *tableStore) Close() error {
	s.stop()
	s.done.Wait()
	s.http.CloseIdleConnections()
	return nil
}
