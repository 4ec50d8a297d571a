package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/iade/iade/internal/clock"
)

// publisher brings changes from the outbox into the event log, each at least once and in order (I8).
type publisher struct {
	outbox outbox
	events *eventLog
	log    *slog.Logger
}

// gather is how long changes that come one after the other are collected before they are written together: each write waits for
// the disk.
const gather = 50 * time.Millisecond

// publishAgain is how long it waits after an error.
const publishAgain = time.Second

// run publishes until ctx ends, and then what is still there. An error that stays the same is told once,
// and so is its end.
func (p *publisher) run(ctx context.Context) {
	told := ""
	for ctx.Err() == nil {
		if err := p.publish(ctx); err != nil && ctx.Err() == nil {
			if err.Error() != told {
				p.log.Error("events could not be published", "error", err)
			}
			told = err.Error()
			_ = clock.Sleep(ctx, publishAgain) // ctx is looked at above
			continue
		}
		if told != "" {
			p.log.Info("events are published again")
		}
		told = ""
		select {
		case <-p.outbox.Changed():
			_ = clock.Sleep(ctx, gather) // what is there is published after ctx has ended, too
		case <-ctx.Done():
		}
	}
	if err := p.publish(context.WithoutCancel(ctx)); err != nil {
		p.log.Warn("events stay unpublished until the next start", "error", err)
	}
}

// publish empties the outbox. Lines are on disk before they are confirmed: a crash in between repeats them.
func (p *publisher) publish(ctx context.Context) error {
	for {
		changes, confirm, err := p.outbox.Pending(ctx)
		if err != nil || confirm == nil {
			return err
		}
		lines := make([][]byte, 0, len(changes))
		for _, c := range changes {
			line, err := json.Marshal(c.Published())
			if err != nil {
				return fmt.Errorf("write event of %s: %w", c.Detail.ID, err)
			}
			lines = append(lines, append(line, '\n'))
		}
		if len(lines) > 0 {
			if err := p.events.Append(lines); err != nil {
				return err
			}
		}
		if err := confirm(context.WithoutCancel(ctx)); err != nil { // stopping here would only repeat the lines
			return err
		}
		for _, c := range changes {
			p.log.Info("event "+c.DetailType, "id", c.Detail.ID, "sequence", c.Detail.Sequence)
		}
	}
}
